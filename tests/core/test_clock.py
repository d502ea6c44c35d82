from core.clock import ManualClock, VenueClock


def test_live_venue_time_is_wall_time_plus_the_measured_offset() -> None:
    wall = ManualClock(now_ms=1_000_000)
    venue = VenueClock(wall)
    venue.set_offset(-14)
    assert venue.now_ms() == 999_986
    assert not venue.is_published


def test_published_time_runs_on_at_its_speed() -> None:
    wall = ManualClock(monotonic_ns=5_000_000)
    venue = VenueClock(wall)
    venue.publish(venue_ms=10_000, monotonic_ns=5_000_000, speed=100.0)
    wall.advance_ms(50)
    assert venue.now_ms() == 15_000
    assert venue.wall_seconds(16_000) == 0.01


def test_as_fast_as_possible_time_stands_between_statements() -> None:
    wall = ManualClock()
    venue = VenueClock(wall)
    venue.publish(10_000, 0, 0.0)
    wall.advance_ms(5_000)
    assert venue.now_ms() == 10_000
    assert venue.wall_seconds(20_000) == 0.0


def test_a_statement_from_the_future_does_not_turn_time_back() -> None:
    wall = ManualClock(monotonic_ns=1_000)
    venue = VenueClock(wall)
    venue.publish(10_000, 2_000_000, 1.0)
    assert venue.now_ms() == 10_000
