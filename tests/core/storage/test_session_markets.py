"""Markets from notes, and tick structures from prices."""

from pathlib import Path

import pytest

from core.market.events import BookDelta, BookSnapshot
from core.market.ticks import TAPERED_DECI_CENT_RANGES, PriceRange
from core.storage.frames import MarketMsg
from core.storage.session_markets import MarketDirectory, ranges_for, time_ms


@pytest.mark.parametrize(
    ("prices", "ranges"),
    [
        (set(), ()),
        ({100, 4_200}, ()),
        ({990, 4_200, 9_010}, TAPERED_DECI_CENT_RANGES),
        ({4_210}, (PriceRange(0, 10_000, 10),)),
        ({995}, (PriceRange(0, 10_000, 1),)),
    ],
)
def test_coarsest_structure_that_holds_the_prices(
    prices: set[int], ranges: tuple[PriceRange, ...]
) -> None:
    assert ranges_for(prices) == ranges


def test_prices_are_read_off_snapshots_and_deltas() -> None:
    directory = MarketDirectory()
    for ticker in ("X-A", "X-B", "X-C"):
        directory.see(ticker)
    events = (
        BookSnapshot("X-A", ((990, 1),), ()),
        BookDelta("X-B", 0, 4_210, 1, 5),
        BookDelta("X-C", 0, 4_200, 1, 5),
    )
    ranges = [market.price_ranges for market in directory.markets(events)]
    assert ranges == [TAPERED_DECI_CENT_RANGES, (PriceRange(0, 10_000, 10),), ()]


def test_later_description_adds_the_result_and_keeps_the_first_status() -> None:
    directory = MarketDirectory()
    directory.describe(MarketMsg("X-A", "X", "Rain?", volume_fp="3.00"))
    directory.describe(MarketMsg("X-A", "X", "Rain?", status="finalized", result="yes"))
    market = directory.markets(())[0]
    assert (market.status, market.result, market.volume_lots) == ("active", "yes", 300)


def test_damaged_file_beside_is_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    directory = MarketDirectory()
    directory.see("X-A")
    (tmp_path / "markets.json").write_text("[{")
    directory.read_beside(tmp_path / "session.jsonl")
    assert directory.markets(())[0].close_ms == 0
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_times() -> None:
    assert time_ms("2023-08-31T13:30:11.174873Z") == 1_693_488_611_174
    assert time_ms("") == 0
    with pytest.raises(ValueError, match="noon"):
        time_ms("noon")
    with pytest.raises(ValueError, match="'2023-08-31T13:30:11' names no zone"):
        time_ms("2023-08-31T13:30:11")


@pytest.mark.parametrize("close_time", ["2026-05-13T15:45:00", "noon"])
def test_row_beside_with_an_unusable_time_still_tells_its_outcome(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, close_time: str
) -> None:
    directory = MarketDirectory()
    directory.see("X-A")
    row = f'{{"ticker":"X-A","close_time":"{close_time}","derived_result":"yes"}}'
    (tmp_path / "markets.json").write_text(f"[{row}]")
    directory.read_beside(tmp_path / "session.jsonl")
    market = directory.markets(())[0]
    assert (market.close_ms, market.result) == (0, "yes")
    assert "the times of X-A are left out" in caplog.text
