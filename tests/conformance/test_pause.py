"""Protocol 11.3: the weekly pause refuses creates, lets cancels pass and cancels who asked.

So does a pause of trading at any other time; one of the whole exchange refuses cancels too.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from exchange_host import ANY, Host, hosting
from plain_client import ANY_TICKER, ORDERS

BEFORE_MS = round(datetime(2026, 11, 19, 7, 59, tzinfo=UTC).timestamp()) * 1000
"""Thursday 02:59 Eastern."""
MINUTE_MS = 60_000


@pytest.fixture
async def thursday() -> AsyncIterator[Host]:
    """An exchange a minute before the weekly pause."""
    async with hosting(start_ms=BEFORE_MS) as running:
        yield running


async def test_create_and_amend_are_409_and_cancel_is_200(thursday: Host) -> None:
    kept = (await thursday.ann.placed("bid", "0.4000", "5.00"))["order_id"]
    await thursday.pass_time(2 * MINUTE_MS)
    create = await thursday.ann.place("bid", "0.4000", "5.00")
    assert (create.status, create.body["error"]["code"]) == (409, "trading_is_paused")
    body = {"ticker": ANY_TICKER, "side": "bid", "price": "0.4000", "count": "4.00"}
    amend = await thursday.ann.call("POST", f"{ORDERS}/{kept}/amend", body)
    assert (amend.status, amend.body["error"]["code"]) == (409, "trading_is_paused")
    assert (await thursday.ann.order(kept))["status"] == "resting"
    assert (await thursday.ann.cancel(kept)).status == 200


async def test_cancel_order_on_pause_is_canceled_with_its_reason(thursday: Host) -> None:
    asked = await thursday.ann.placed("bid", "0.4000", "5.00", cancel_order_on_pause=True)
    kept = await thursday.ann.placed("bid", "0.4000", "5.00")
    async with thursday.ann.socket() as socket:
        await socket.subscribe("user_orders")
        await thursday.pass_time(2 * MINUTE_MS)
        (update,) = await socket.until_quiet()
    assert update["msg"]["order_id"] == asked["order_id"]
    assert update["msg"]["last_update_reason"] == "HaltCancel"
    order = await thursday.ann.order(asked["order_id"])
    assert (order["status"], order["remaining_count_fp"]) == ("canceled", "0.00")
    assert (await thursday.ann.order(kept["order_id"]))["status"] == "resting"


async def test_trading_goes_on_at_five(thursday: Host) -> None:
    await thursday.pass_time(120 * MINUTE_MS)
    assert (await thursday.ann.place("bid", "0.4000", "5.00")).status == 409
    await thursday.pass_time(2 * MINUTE_MS)
    assert (await thursday.ann.place("bid", "0.4000", "5.00")).status == 201


async def test_status_tells_the_pause(thursday: Host) -> None:
    before = await thursday.ann.get("/exchange/status")
    assert (before["exchange_active"], before["trading_active"]) == (True, True)
    await thursday.pass_time(2 * MINUTE_MS)
    during = await thursday.ann.get("/exchange/status")
    assert (during["exchange_active"], during["trading_active"]) == (True, False)
    await thursday.pass_time(121 * MINUTE_MS)
    assert (await thursday.ann.get("/exchange/status"))["trading_active"] is True


async def test_schedule_names_the_pause(thursday: Host) -> None:
    (hours,) = (await thursday.ann.get("/exchange/schedule"))["schedule"]["standard_hours"]
    assert hours["thursday"] == [
        {"open_time": "00:00", "close_time": "03:00"},
        {"open_time": "05:00", "close_time": "00:00"},
    ]


async def test_trading_paused_unexpectedly_refuses_creates_and_lets_cancels_pass(
    host: Host,
) -> None:
    kept = (await host.ann.placed("bid", "0.4000", "5.00"))["order_id"]
    await host.pause("trading", for_s=60)
    status = await host.ann.get("/exchange/status")
    assert (status["exchange_active"], status["trading_active"]) == (True, False)
    (shard,) = status["exchange_index_statuses"]
    assert (shard["exchange_active"], shard["trading_active"]) == (True, False)
    resumes = datetime.fromisoformat(status["exchange_estimated_resume_time"])
    assert round(resumes.timestamp() * 1000) == host.now_ms + MINUTE_MS
    create = await host.ann.place("bid", "0.4000", "5.00")
    assert (create.status, create.body["error"]["code"]) == (409, "trading_is_paused")
    assert (await host.ann.cancel(kept)).status == 200
    await host.pass_time(MINUTE_MS)
    assert (await host.ann.place("bid", "0.4000", "5.00")).status == 201


async def test_a_paused_exchange_refuses_cancels_as_well(host: Host) -> None:
    kept = (await host.ann.placed("bid", "0.4000", "5.00"))["order_id"]
    asked = await host.ann.placed("bid", "0.3900", "5.00", cancel_order_on_pause=True)
    await host.pause("exchange")
    status = await host.ann.get("/exchange/status")
    assert (status["exchange_active"], status["trading_active"]) == (False, False)
    assert "exchange_estimated_resume_time" not in status
    assert (await host.ann.order(asked["order_id"]))["status"] == "canceled"
    body = {"ticker": ANY_TICKER, "side": "bid", "price": "0.4000", "count": "4.00"}
    refused = [
        await host.ann.place("bid", "0.4000", "5.00"),
        await host.ann.call("POST", f"{ORDERS}/{kept}/amend", body),
        await host.ann.call("POST", f"{ORDERS}/{kept}/decrease", {"reduce_by": "1.00"}),
        await host.ann.cancel(kept),
        await host.ann.call("DELETE", ORDERS),
    ]
    assert [(r.status, r.body["error"]["code"]) for r in refused] == [
        (409, "trading_is_paused")
    ] * 5
    batch = await host.ann.call("DELETE", f"{ORDERS}/batched", {"orders": [{"order_id": kept}]})
    (item,) = batch.body["orders"]
    assert (item["reduced_by"], item["error"]["code"]) == ("0.00", "trading_is_paused")
    assert (await host.ann.order(kept))["status"] == "resting"
    await host.resume()
    assert (await host.ann.cancel(kept)).status == 200


async def test_a_pause_of_one_market_leaves_the_exchange_and_cancels_on_reactivation(
    host: Host,
) -> None:
    kept = (await host.ann.placed("bid", "0.4000", "5.00"))["order_id"]
    async with host.ann.socket() as socket:
        await socket.subscribe("market_lifecycle_v2", "user_orders")
        assert (await host.operate("deactivate", ANY))["status"] == "inactive"
        (paused,) = (await host.ann.get("/markets?status=paused"))["markets"]
        assert paused["ticker"] == ANY_TICKER
        assert (await host.ann.get("/exchange/status"))["trading_active"] is True
        create = await host.ann.place("bid", "0.4000", "5.00")
        assert (create.status, create.body["error"]["details"]) == (409, "MARKET_INACTIVE")
        assert (await host.operate("activate", ANY))["status"] == "active"
        frames = await socket.until_quiet()
    told = [f["msg"] for f in frames if f["type"] == "market_lifecycle_v2"]
    assert [(msg["event_type"], msg["is_deactivated"]) for msg in told] == [
        ("deactivated", True),
        ("activated", False),
    ]
    (order,) = (f["msg"] for f in frames if f["type"] == "user_order")
    assert (order["order_id"], order["last_update_reason"]) == (kept, "HaltCancel")
    assert (await host.ann.place("bid", "0.4000", "5.00")).status == 201
