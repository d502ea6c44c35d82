from hypothesis import given
from hypothesis import strategies as st

from core.market.events import BookSnapshot
from core.sandbox.recorded_levels import RecordedLevels
from core.units import Side

PRICE = 5_000
STEPS = st.lists(st.tuples(st.booleans(), st.integers(-300, 300)), max_size=30)


def test_levels_and_best_are_as_recorded_whatever_was_taken() -> None:
    levels = RecordedLevels()
    levels.replace(BookSnapshot("T", ((4_000, 10),), ((6_000, 20), (6_100, 5))))
    levels.take(Side.ASK, 6_000, 20)
    assert (levels.lots(Side.ASK, 6_000), levels.available(Side.ASK, 6_000)) == (20, 0)
    assert (levels.best(Side.BID), levels.best(Side.ASK)) == (4_000, 6_000)
    assert levels.apply(Side.ASK, 6_000, -20) == 20
    assert levels.best(Side.ASK) == 6_100
    assert levels.apply(Side.BID, 4_000, -10) == 10
    assert levels.best(Side.BID) is None


@given(STEPS)
def test_all_that_can_ever_be_had_is_what_was_newly_shown(steps: list[tuple[bool, int]]) -> None:
    """Taking whatever is there after each step never gives more than the level's growth."""
    levels = RecordedLevels()
    size = shown = had = 0
    for takes, step in steps:
        delta = max(step, -size)
        assert levels.apply(Side.ASK, PRICE, delta) == size
        size += delta
        shown += max(0, delta)
        available = levels.available(Side.ASK, PRICE)
        assert 0 <= available <= size
        if takes and available:
            levels.take(Side.ASK, PRICE, available)
            had += available
    assert had <= shown
