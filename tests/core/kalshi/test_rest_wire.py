"""REST bodies and replies, written out and recorded."""

import json
import os
from pathlib import Path

import pytest

from core.errors import DecodeError
from core.kalshi import reports, rest_wire
from core.kalshi.events import BalanceReport
from core.market.events import BookSnapshot

ROOT = Path(__file__).parents[3]
DATA = Path(os.environ.get("KALSHIFLOW_TEST_DATA") or ROOT.parent / "shared/data/kalshi")
PUBLIC = DATA / "public"
recorded = pytest.mark.skipif(not PUBLIC.is_dir(), reason=f"no recordings in {DATA}")


def test_balance_prefers_exact_members() -> None:
    cash = rest_wire.BalanceReply(9801, 198, "98.0186")
    resting = rest_wire.parse(
        b'{"total_resting_order_value":440,"resting_order_value_breakdown":'
        b'[{"exchange_index":0,"balance":"4.4012"}]}',
        rest_wire.RestingValueReply,
    )
    assert rest_wire.balance(cash, resting) == BalanceReport(98_018_600, 4_401_200, 1_980_000)
    rough = rest_wire.balance(rest_wire.BalanceReply(9801), rest_wire.RestingValueReply(440))
    assert rough == BalanceReport(98_010_000, 4_400_000, 0)


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (b'{"error":{"code":"a","message":"b","details":"c"}}', "a", "b: c"),
        (b'{"error":{"code":"a","message":"b","service":"exchange"}}', "a", "b"),
        (b'{"code":"bad_request","message":"m","details":"d"}', "bad_request", "m: d"),
        (b'{"msg":"Parameter validation failed"}', "", "Parameter validation failed"),
        (b'{"error":"too many requests"}', "", "too many requests"),
        (b"{}", "", "no reason given"),
        (b"<html>bad gateway</html>", "", "the answer is not readable"),
    ],
)
def test_all_error_shapes_are_read(body: bytes, code: str, message: str) -> None:
    assert rest_wire.problem(body) == (code, message)


def test_market_that_does_not_pay_a_dollar_is_left_out() -> None:
    page = rest_wire.MarketsPage(
        [
            rest_wire.MarketBody("A", "E-1", notional_value_dollars="10.0000"),
            rest_wire.MarketBody("B", "E-1", market_type="scalar"),
            rest_wire.MarketBody("C", "E-1", close_time="2027-01-01T04:59:00Z"),
        ]
    )
    found = rest_wire.markets(page)
    assert [(market.ticker, market.close_ms) for market in found] == [("C", 1_798_779_540_000)]
    with pytest.raises(DecodeError):
        rest_wire.market(page.markets[0])


def demo_answer(name: str) -> bytes:
    return (PUBLIC / "rest-demo-2026-06" / f"{name}.json").read_bytes()


@recorded
def test_recorded_account_answers_decode() -> None:
    limits = rest_wire.parse(demo_answer("account__limits"), rest_wire.AccountLimits)
    assert (limits.write.refill_rate, limits.read.bucket_capacity) == (100, 200)
    fills = rest_wire.parse(demo_answer("fills__after_taker"), rest_wire.FillsPage).fills
    assert [reports.fill(body).fee_micros for body in fills][:2] == [17_500, 700]
    orders = rest_wire.parse(demo_answer("portfolio__orders_list"), rest_wire.OrdersPage).orders
    assert reports.order(orders[0]).status == "executed"
    assert reports.order(orders[0]).ts_ms == 1_781_159_370_164
    rows = rest_wire.parse(demo_answer("portfolio__positions"), rest_wire.PositionsPage)
    assert rest_wire.position(rows.market_positions[0]).cost_micros == 2_500_000
    cash = rest_wire.parse(demo_answer("auth__balance_ok"), rest_wire.BalanceReply)
    assert rest_wire.balance(cash, rest_wire.RestingValueReply(0)).available_micros == 98_018_600
    book = rest_wire.parse(demo_answer("orderbook__base"), rest_wire.OrderbookReply)
    assert rest_wire.book("A", book.orderbook_fp) == BookSnapshot(
        "A", ((4700, 300),), ((5200, 300),)
    )


@recorded
def test_recorded_market_answers_decode() -> None:
    found = 0
    for path in (PUBLIC / "rest-demo-2026-06").glob("markets__*.json"):
        body = path.read_bytes()
        if path.name.endswith(".meta.json") or b'"markets"' not in body[:4000] + body[-4000:]:
            continue
        for market in rest_wire.markets(rest_wire.parse(body, rest_wire.MarketsPage)):
            assert market.series_ticker
            assert market.close_ms > market.open_ms > 1_700_000_000_000
            assert market.ticks().prices[-1] == 10_000
            found += 1
    single = rest_wire.parse(demo_answer("markets__single"), rest_wire.MarketReply)
    assert rest_wire.market(single.market).subtitle
    old = json.loads((PUBLIC / "rest-golden/market_single_response.json").read_bytes())
    body = json.dumps(old["response"]).encode()
    assert rest_wire.market(rest_wire.parse(body, rest_wire.MarketReply).market).status
    assert found > 10


@recorded
@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("auth__bad_signature", "authentication_error"),
        ("auth__missing_signature_header", "signature_is_missing_from_headers"),
        ("auth__skew_plus5min", "header_timestamp_expired"),
        ("markets__limit_over_max", ""),
    ],
)
def test_recorded_errors_are_read(name: str, code: str) -> None:
    problem = rest_wire.problem(demo_answer(name))
    assert problem.code == code
    assert "not readable" not in problem.message
