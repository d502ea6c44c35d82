"""Wire bodies to events."""

import os
from pathlib import Path

import pytest

from core.errors import DecodeError
from core.kalshi import reports, wire

ROOT = Path(__file__).parents[3]
DATA = Path(os.environ.get("KALSHIFLOW_TEST_DATA") or ROOT.parent / "shared/data/kalshi")
PUBLIC = DATA / "public"
recorded = pytest.mark.skipif(not PUBLIC.is_dir(), reason=f"no recordings in {DATA}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-01T00:00:01.5Z", 1_500),
        ("2026-11-20T09:30:10.998112Z", 1_795_167_010_998),
        (None, 0),
        ("", 0),
    ],
)
def test_times(text: str | None, expected: int) -> None:
    assert reports.time_ms(text) == expected


def test_bad_time_is_a_decode_error() -> None:
    with pytest.raises(DecodeError):
        reports.time_ms("yesterday")


@recorded
def test_recorded_old_trades_decode() -> None:
    text = (PUBLIC / "ws-samples/kalshi_trade.jsonl").read_bytes()
    trades = [reports.trade(wire.decode(line)) for line in text.splitlines()]
    assert len(trades) == 10
    assert all(0 < trade.price_pips < 10_000 and trade.quantity_lots > 0 for trade in trades)
    assert {trade.taker_side for trade in trades} == {0, 1}


def test_levels_ascend_by_yes_price_without_empty_ones() -> None:
    no_bids = [("0.5500", "80.00"), ("0.5600", "35.50"), ("0.5700", "0.00")]
    assert reports.levels(no_bids, is_no_price=True) == ((4400, 3550), (4500, 8000))
    assert reports.levels([]) == ()


def test_trade_without_a_side_is_an_error() -> None:
    body = wire.TradeBody("t", "A", "0.4400", "1.00")
    with pytest.raises(DecodeError, match="taker's side"):
        reports.trade(wire.TradeFrame(msg=body))


def test_market_change_in_milliseconds() -> None:
    body = wire.LifecycleBody("A", "close_date_updated", close_ts=7)
    changed = reports.market_changed(body)
    assert (changed.close_ms, changed.settlement_pips, changed.result) == (7_000, -1, "")
