"""Every route of the exchange is on the journey, so that no reply escapes the tests of form."""

from collections import defaultdict

from aiohttp.test_utils import make_mocked_request
from exchange_host import Host
from journey import Journey

ROOT = "/trade-api/v2"
# Routes that the journey never calls, each with the reason.
NOT_CALLED = {
    "GET /trade-api/ws/v2": "no JSON: what the socket sends is on record as frames",
    "GET /sandbox/status": "local control, no part of the protocol",
    "GET /sandbox/faults": "local control, no part of the protocol",
    "POST /sandbox/faults": "local control, no part of the protocol",
    "DELETE /sandbox/faults": "local control, no part of the protocol",
    "POST /sandbox/fee_changes": "local control, no part of the protocol",
    "POST /sandbox/markets": "local control, no part of the protocol",
    "POST /sandbox/pauses": "local control, no part of the protocol",
    "DELETE /sandbox/pauses": "local control, no part of the protocol",
}
# Routes that never succeed, each with the reason.
ONLY_REFUSED = {
    "POST /portfolio/orders": "410: an old order call",
    "POST /portfolio/orders/batched": "410: an old order call",
    "DELETE /portfolio/orders/batched": "410: an old order call",
    "DELETE /portfolio/orders/{order_id}": "410: an old order call",
    "POST /portfolio/orders/{order_id}/amend": "410: an old order call",
    "POST /portfolio/orders/{order_id}/decrease": "410: an old order call",
    "GET /portfolio/intra_exchange_instance_transfers/{transfer_id}": (
        "404: no transfer leaves the one shard"
    ),
}


def served(host: Host) -> set[str]:
    """Every route as "METHOD /path/{variable}"; HEAD is answered by what answers GET."""
    found = set()
    for route in host.sandbox._application().router.routes():
        assert route.resource is not None
        methods = ("POST", "DELETE") if route.method == "*" else (route.method,)
        path = route.resource.canonical.removeprefix(ROOT)
        found |= {f"{method} {path}" for method in methods if method != "HEAD"}
    return found


async def visited(host: Host, journey: Journey) -> dict[str, set[int]]:
    """Statuses by route, each request told by the exchange's own router."""
    router = host.sandbox._application().router
    found: dict[str, set[int]] = defaultdict(set)
    for method, path, _, status, _ in journey.replies:
        match = await router.resolve(make_mocked_request(method, ROOT + path))
        resource = match.route.resource
        assert resource is not None, (method, path)
        found[f"{method} {resource.canonical.removeprefix(ROOT)}"].add(status)
    return found


async def test_every_route_is_visited(host: Host, journey: Journey) -> None:
    calls = await visited(host, journey)
    assert sorted(served(host) - calls.keys()) == sorted(NOT_CALLED)
    assert sorted(calls.keys() - served(host)) == []


async def test_every_route_succeeds(host: Host, journey: Journey) -> None:
    calls = await visited(host, journey)
    refused = [route for route, statuses in calls.items() if min(statuses) >= 300]
    assert sorted(refused) == sorted(ONLY_REFUSED)
