import pytest

from core.clock import ManualClock, VenueClock
from core.kalshi.events import AccountFeed, FeedState
from core.market.events import BookDelta, BookDoubted, VenueTime
from core.runtime.feed_watch import FeedWatch

T0 = 1_000_000


@pytest.fixture
def wall() -> ManualClock:
    return ManualClock(now_ms=5_000_000, monotonic_ns=7_000_000_000)


@pytest.fixture
def clock(wall: ManualClock) -> VenueClock:
    return VenueClock(wall)


@pytest.fixture
def watch(wall: ManualClock, clock: VenueClock) -> FeedWatch:
    return FeedWatch(wall, clock)


def test_nothing_is_known_before_the_first_message(watch: FeedWatch) -> None:
    assert (watch.state, watch.detail, watch.age_ms(0), watch.progress()) == (
        "connecting",
        "",
        None,
        None,
    )


def test_states_are_given_back_in_order_and_the_last_is_kept(watch: FeedWatch) -> None:
    states = [FeedState("recovering", "gap"), FeedState("live")]
    events = [states[0], BookDelta("T", 0, 4_000, 1, T0), states[1]]
    assert watch.observe(events) == states
    assert (watch.state, watch.detail) == ("live", "")
    watch.lost()
    assert watch.state == "disconnected"


def test_age_runs_from_the_last_message(watch: FeedWatch, wall: ManualClock) -> None:
    watch.observe([BookDelta("T", 0, 4_000, 1, T0)])
    wall.advance_ms(250)
    assert watch.age_ms(0) == 250
    watch.observe([BookDelta("T", 0, 4_000, 1, T0)])
    assert watch.age_ms(0) == 0


def test_age_is_measured_in_the_exchanges_time_from_its_newest_stamp(
    watch: FeedWatch, clock: VenueClock, wall: ManualClock
) -> None:
    assert watch.age_ms(T0) is None, "nothing has arrived"
    watch.observe([BookDelta("T", 0, 4_000, 1, T0)])
    clock.publish(T0 + 700, wall.monotonic_ns(), 10.0)
    assert watch.age_ms(T0) == 700, "it was old when it arrived"
    wall.advance_ms(30)
    assert watch.age_ms(T0) == 1_000
    assert watch.age_ms(T0 + 5_000) == 0, "the newest stamp is ahead of our clock"


def test_age_is_the_silence_where_the_exchanges_time_stands_still(
    watch: FeedWatch, clock: VenueClock, wall: ManualClock
) -> None:
    watch.observe([BookDelta("T", 0, 4_000, 1, T0)])
    clock.publish(T0, wall.monotonic_ns(), 0.0)
    wall.advance_ms(250)
    assert watch.age_ms(T0) == 250


def test_our_own_word_of_the_feed_is_no_message(watch: FeedWatch, wall: ManualClock) -> None:
    watch.observe([FeedState("connecting")])
    assert watch.age_ms(0) is None
    watch.observe([BookDelta("T", 0, 4_000, 1, T0)])
    wall.advance_ms(60_000)
    watch.observe([FeedState("disconnected", "silence"), FeedState("connecting")])
    watch.observe([BookDoubted("T", "silence", T0), AccountFeed(is_whole=False)])
    assert watch.age_ms(0) == 60_000


def test_progress_is_the_share_of_the_session_that_has_passed(
    watch: FeedWatch, clock: VenueClock
) -> None:
    for venue_ms, share in ((T0, 0.0), (T0 + 2_500, 0.25), (T0 + 12_000, 1.0)):
        watch.observe([VenueTime(venue_ms, 7_000_000_000, 0.0, T0 + 10_000)])
        clock.publish(venue_ms, 7_000_000_000, 0.0)
        assert watch.progress() == share


def test_a_flow_without_an_end_has_no_progress(watch: FeedWatch, clock: VenueClock) -> None:
    watch.observe([VenueTime(T0, 7_000_000_000, 1.0, 0)])
    clock.publish(T0, 7_000_000_000, 1.0)
    assert watch.progress() is None
