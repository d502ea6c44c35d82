from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from core.clock import ManualClock
from core.sandbox.errors import ApiError
from core.sandbox.fault_requests import RequestFaults, SteppedClock
from core.sandbox.faults import ReplyLost, Unavailable


def test_refuses_as_many_requests_as_asked() -> None:
    faults = RequestFaults()
    faults.refusals = 2
    for _ in range(2):
        with pytest.raises(ApiError, match="429"):
            faults.admit()
    faults.admit()


def test_clearing_lets_everything_pass() -> None:
    faults = RequestFaults()
    faults.refusals = 2
    faults.spoil(ReplyLost())
    faults.spoil(Unavailable(3))
    assert faults.spoiled == [ReplyLost(), Unavailable(3)]
    faults.clear()
    assert (faults.refusals, faults.spoiled) == (0, [])
    faults.admit()


BATCH = "/portfolio/events/orders/batched"


@pytest.mark.parametrize(
    ("of", "passed", "struck"),
    [
        ("create", ("POST", BATCH), ("POST", "/portfolio/events/orders")),
        ("order", ("POST", "/portfolio/order_groups/create"), ("POST", BATCH)),
        ("order", ("GET", "/portfolio/orders"), ("DELETE", "/portfolio/events/orders/one")),
        ("order", ("DELETE", "/api_keys/one"), ("POST", "/portfolio/events/orders/one/amend")),
        ("write", ("GET", "/portfolio/events/orders"), ("DELETE", "/api_keys/one")),
        ("any", None, ("GET", "/markets")),
    ],
)
async def test_a_fault_strikes_the_requests_it_is_of(
    of: Any,  # noqa: ANN401
    passed: tuple[str, str] | None,
    struck: tuple[str, str],
) -> None:
    faults, reply = RequestFaults(), web.Response(status=200)
    faults.spoil(Unavailable(of=of))
    if passed:
        assert await faults.answer(make_mocked_request(*passed), reply) is reply
    refused = await faults.answer(make_mocked_request(*struck), web.Response(status=404))
    assert (refused.status, len(faults.spoiled)) == (404, 1)
    assert (await faults.answer(make_mocked_request(*struck), reply)).status == 503
    assert faults.spoiled == []


async def test_the_fault_asked_for_first_strikes_first() -> None:
    faults, reply = RequestFaults(), web.Response(status=201)
    faults.spoil(Unavailable(of="any"))
    faults.spoil(ReplyLost(of="any"))
    request = make_mocked_request("POST", "/portfolio/events/orders")
    assert (await faults.answer(request, reply)).status == 503
    assert faults.spoiled == [ReplyLost(of="any")]
    assert await faults.answer(request, reply) is reply
    assert request.transport is not None
    request.transport.abort.assert_called_once_with()


def test_the_clock_is_off_by_its_step() -> None:
    wall = ManualClock(now_ms=1_000, monotonic_ns=5)
    clock = SteppedClock(wall)
    clock.step_ms = -300
    wall.advance_ms(50)
    assert (clock.now_ms(), clock.monotonic_ns()) == (750, 50_000_005)
