from core.sandbox.limits import BASIC, RateLimits, TokenBucket

ORDERS = "/trade-api/v2/portfolio/events/orders"


def test_bucket_holds_one_second_and_refills_with_venue_time() -> None:
    bucket = TokenBucket(100, venue_ms=0, wall_ms=0)
    assert sum(bucket.take(10, 0, 0) for _ in range(20)) == 10
    assert not bucket.take(10, 99, 0)
    assert bucket.take(10, 100, 0)
    assert sum(bucket.take(10, 60_000, 0) for _ in range(20)) == 10


def test_refused_requests_cost_nothing() -> None:
    bucket = TokenBucket(100, 0, 0)
    assert bucket.take(95, 0, 0)
    assert not bucket.take(10, 0, 0)
    assert bucket.take(5, 0, 0)


def test_bucket_refills_by_wall_time_while_venue_time_stands() -> None:
    bucket = TokenBucket(100, 0, 0)
    assert bucket.take(100, 0, 0)
    assert not bucket.take(10, 0, 50)
    assert bucket.take(10, 0, 100)


def test_cancels_are_cheap_and_reads_have_their_own_bucket() -> None:
    limits = RateLimits(BASIC)
    assert sum(limits.allows(1, "POST", ORDERS, 0, 0) for _ in range(30)) == 10
    assert sum(limits.allows(1, "GET", "/trade-api/v2/markets", 0, 0) for _ in range(30)) == 20
    assert sum(limits.allows(2, "DELETE", ORDERS + "/{order_id}", 0, 0) for _ in range(90)) == 50


def test_a_batch_pays_for_all_its_items_or_for_none() -> None:
    limits = RateLimits(BASIC)
    assert not limits.allows(1, "POST", ORDERS + "/batched", 0, 0, items=11)
    assert limits.allows(1, "DELETE", ORDERS + "/batched", 0, 0, items=50)
    assert not limits.allows(1, "DELETE", ORDERS + "/batched", 0, 0)
