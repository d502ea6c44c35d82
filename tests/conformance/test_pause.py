"""Protocol 11.3: the weekly pause refuses creates, lets cancels pass and cancels who asked."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from exchange_host import Host, hosting
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
