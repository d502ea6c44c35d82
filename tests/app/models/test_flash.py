"""Cells flash when they change, and never faster than three times a second."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from app.models.flash import FLASH_MS, Flashes
from app.models.markets import MarketsModel
from app.views import MarketRow

ROW = MarketRow("T", "BTC 15 m", "live", 2800, 3000, 38, 1_000_000, 0)
BID, ASK = 1, 2


class Watch:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now_ms = 0

    def __call__(self) -> int:
        return self.now_ms


def test_a_cell_flashes_for_a_fifth_of_a_second() -> None:
    watch = Watch()
    flashes = Flashes(watch)
    flashes.note("a")
    assert flashes.is_on("a")
    assert not flashes.is_on("b")
    watch.now_ms = FLASH_MS - 1
    assert flashes.is_on("a")
    watch.now_ms = FLASH_MS
    assert not flashes.is_on("a")


@given(st.lists(st.integers(0, 120), min_size=1, max_size=300))
def test_no_cell_flashes_more_than_three_times_a_second(pauses_ms: list[int]) -> None:
    watch = Watch()
    flashes = Flashes(watch)
    begun: list[int] = []
    for pause_ms in pauses_ms:
        watch.now_ms += pause_ms
        was_on = flashes.is_on("a")
        flashes.note("a")
        if flashes.is_on("a") and not was_on:
            begun.append(watch.now_ms)
    assert all(later - earlier >= 334 for earlier, later in pairwise(begun))


def test_so_many_cells_are_kept_and_no_more() -> None:
    flashes = Flashes(Watch())
    for number in range(5_000):
        flashes.note(number)
    assert flashes.is_on(4_999)
    assert not flashes.is_on(0)


def test_a_changed_best_price_flashes_and_a_new_row_or_another_age_does_not() -> None:
    model = MarketsModel()
    model.show_markets([ROW], 0)
    assert not model.is_flashing(model.row_at(0), BID)
    model.show_markets([replace(ROW, age_ms=138)], 0)
    assert not model.is_flashing(model.row_at(0), BID)
    model.show_markets([replace(ROW, bid_pips=2900)], 0)
    assert model.is_flashing(model.row_at(0), BID)
    assert not model.is_flashing(model.row_at(0), ASK)
