from hypothesis import given
from hypothesis import strategies as st

from core.trading.queue_model import BEHIND, PRO_RATA, after_cancel, after_trade

lots = st.integers(0, 100_000)


@given(lots, lots, lots)
def test_a_trade_passes_what_is_ahead_before_it_fills_us(ahead: int, own: int, traded: int) -> None:
    left, filled = after_trade(ahead, own, traded)
    assert left == max(0, ahead - traded)
    assert filled == max(0, min(own, traded - ahead))


@given(lots, st.integers(1, 100_000), lots)
def test_cancels_shrink_the_queue_pro_rata_and_never_below_it(
    ahead: int, level: int, cancelled: int
) -> None:
    ahead, cancelled = min(ahead, level), min(cancelled, level)
    left = after_cancel(ahead, level, cancelled, PRO_RATA)
    assert 0 <= left <= ahead
    assert left <= level - cancelled
    if cancelled < level:
        assert left >= ahead * (level - cancelled) // level


@given(lots, st.integers(1, 100_000), lots)
def test_cancels_from_behind_reach_the_queue_only_when_nothing_is_behind(
    ahead: int, level: int, cancelled: int
) -> None:
    ahead, cancelled = min(ahead, level), min(cancelled, level)
    behind = level - ahead
    assert after_cancel(ahead, level, cancelled, BEHIND) == ahead - max(0, cancelled - behind)


def test_examples() -> None:
    assert after_trade(500, 1_000, 700) == (0, 200)
    assert after_cancel(500, 1_000, 100, PRO_RATA) == 450
    assert after_cancel(500, 1_000, 1_000, PRO_RATA) == 0
    assert after_cancel(1, 3, 1, PRO_RATA) == 1
    assert after_cancel(500, 1_000, 400, BEHIND) == 500
    assert after_cancel(500, 1_000, 700, BEHIND) == 300
    assert after_cancel(500, 1_000, 1_000, BEHIND) == 0
