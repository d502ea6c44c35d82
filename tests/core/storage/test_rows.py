from hypothesis import given
from hypothesis import strategies as st

from core.kalshi.events import FeedState, FillReport
from core.market.events import BookDelta, BookSnapshot, Level
from core.storage.rows import ROW_OF, TABLES, delta_values, snapshot_values, ticker_of
from core.trading.events import FillBooked, PortfolioSynced

levels = st.dictionaries(st.integers(1, 9_999), st.integers(1, 10**12)).map(
    lambda book: tuple(sorted(book.items()))
)


def test_every_mapping_names_a_table() -> None:
    assert sorted(table for table, _ in ROW_OF.values()) == list(range(len(TABLES)))
    assert FeedState not in ROW_OF


@given(bids=levels, asks=levels)
def test_snapshot_holds_the_bids_of_both_sides(
    bids: tuple[Level, ...], asks: tuple[Level, ...]
) -> None:
    values = snapshot_values(BookSnapshot("T", bids, asks, 1, 2, 3), 4)
    yes_pips, yes_lots, no_pips, no_lots = values[4:]
    assert tuple(zip(yes_pips, yes_lots, strict=True)) == bids
    assert no_pips == sorted(no_pips)
    mirrored = zip([10_000 - pips for pips in no_pips], no_lots, strict=True)
    assert tuple(reversed(list(mirrored))) == asks


def test_ask_is_a_no_bid_at_the_mirror_price() -> None:
    assert delta_values(BookDelta("T", 0, 4_200, 5, 1), 0)[-3:] == (4_200, b"y", "")
    assert delta_values(BookDelta("T", 1, 4_200, 5, 1), 0)[-3:] == (5_800, b"n", "")


def test_ticker_is_found_wherever_the_event_has_it() -> None:
    fill = FillReport("t", "o", "MARKET", 0, 4_200, 100, 0, True, 1)
    assert ticker_of(FillBooked(fill, 0, 0, 0)) == "MARKET"
    assert ticker_of(BookDelta("OTHER", 0, 1, 1, 1)) == "OTHER"
    assert ticker_of(PortfolioSynced(1, 2, 3, 4, 5, 6)) == ""
