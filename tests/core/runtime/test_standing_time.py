"""Write tokens while venue time stands still, and none besides while it moves."""

from core.clock import ManualClock, VenueClock
from core.kalshi.limits import WriteBudget
from core.runtime.standing_time import StandingTime

T0 = 1_778_477_863_000


def emptied(clock: VenueClock) -> WriteBudget:
    budget = WriteBudget(100, 100, clock.now_ms())
    budget.refused(clock.now_ms())
    assert not budget.take_cancel(clock.now_ms())
    return budget


def test_tokens_come_with_wall_time_while_venue_time_stands() -> None:
    wall = ManualClock()
    clock = VenueClock(wall)
    clock.publish(T0, 0, 0.0)
    budget = emptied(clock)
    standing = StandingTime(clock, wall, budget)
    wall.advance_ms(24)
    standing.look()
    assert not budget.take_cancel(clock.now_ms()), "80 a second are 1.92 tokens"
    wall.advance_ms(1)
    standing.look()
    assert budget.take_cancel(clock.now_ms())
    wall.advance_ms(60_000)
    standing.look()
    assert budget.tokens(clock.now_ms()) == 100, "never more than the burst"


def test_none_are_given_twice_while_it_moves() -> None:
    wall = ManualClock()
    clock = VenueClock(wall)
    clock.publish(T0, 0, 1.0)
    budget = emptied(clock)
    standing = StandingTime(clock, wall, budget)
    for _ in range(10):
        wall.advance_ms(50)
        standing.look()
    assert budget.tokens(clock.now_ms()) == 500 * 80 // 1000
