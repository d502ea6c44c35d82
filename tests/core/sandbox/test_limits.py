from core.sandbox.limits import BASIC, OFF, TIERS, RateLimits, TokenBucket

ORDERS = "/trade-api/v2/portfolio/events/orders"


def test_bucket_holds_one_second_and_refills_with_venue_time() -> None:
    bucket = TokenBucket(100, 100, venue_ms=0, wall_ms=0)
    assert sum(bucket.take(10, 0, 0) for _ in range(20)) == 10
    assert not bucket.take(10, 99, 0)
    assert bucket.take(10, 100, 0)
    assert sum(bucket.take(10, 60_000, 0) for _ in range(20)) == 10


def test_refused_requests_cost_nothing() -> None:
    bucket = TokenBucket(100, 100, 0, 0)
    assert bucket.take(95, 0, 0)
    assert not bucket.take(10, 0, 0)
    assert bucket.take(5, 0, 0)


def test_bucket_refills_by_wall_time_while_venue_time_stands() -> None:
    bucket = TokenBucket(100, 100, 0, 0)
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


def test_above_basic_the_write_bucket_holds_two_seconds() -> None:
    limits = RateLimits(TIERS["advanced"])
    assert sum(limits.allows(1, "POST", ORDERS, 0, 0) for _ in range(99)) == 60
    assert sum(limits.allows(1, "GET", "/trade-api/v2/markets", 0, 0) for _ in range(99)) == 30
    assert not limits.allows(1, "POST", ORDERS, 33, 0)
    assert limits.allows(1, "POST", ORDERS, 67, 0)


def test_no_client_empties_the_bucket_of_no_limit() -> None:
    limits = RateLimits(OFF)
    assert all(limits.allows(1, "POST", ORDERS, 0, 0) for _ in range(10_000))


def test_an_upgrade_is_of_one_account_and_never_downwards() -> None:
    limits = RateLimits(BASIC)
    assert sum(limits.allows(1, "POST", ORDERS, 0, 0) for _ in range(30)) == 10
    limits.upgrade(1)
    assert (limits.tier_of(1).name, limits.tier_of(2).name) == ("advanced", "basic")
    assert sum(limits.allows(1, "POST", ORDERS, 0, 0) for _ in range(99)) == 60
    limits.assign(1, TIERS["prime"])
    limits.upgrade(1)
    assert limits.tier_of(1).name == "prime"


def test_listed_costs_are_those_that_are_billed() -> None:
    limits = RateLimits(BASIC)
    upgrade = "/trade-api/v2/account/api_usage_level/upgrade"
    assert sum(limits.allows(1, "POST", upgrade, 0, 0) for _ in range(9)) == 3
    amend = "/trade-api/v2/portfolio/orders/{order_id}/amend"
    assert sum(limits.allows(2, "POST", amend, 0, 0) for _ in range(9)) == 5
