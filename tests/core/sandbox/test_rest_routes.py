from collections import Counter
from typing import Any

import pytest
from aiohttp import web

from core.sandbox.fee_changes import FeeChanges
from core.sandbox.request_path import RequestPath
from core.sandbox.rest_routes import trading_routes

Floor = Any  # the class stands in conftest.py, which no test can import


@pytest.fixture
def routes(floor: Floor) -> list[web.RouteDef]:
    path = RequestPath(floor.exchange, 1, 0, lambda: False)
    return trading_routes(floor.exchange, FeeChanges(floor.exchange), path, "")


def test_no_request_has_two_handlers(routes: list[web.RouteDef]) -> None:
    counts = Counter((route.method, route.path) for route in routes)
    assert {request: count for request, count in counts.items() if count > 1} == {}


@pytest.mark.parametrize(
    "path",
    [
        "/markets",
        "/markets/candlesticks",
        "/markets/trades",
        "/markets/orderbooks",
        "/events/fee_changes",
        "/events/{event_ticker}/metadata",
        "/series/fee_changes",
        "/historical/cutoff",
        "/historical/positions",
        "/portfolio/orders/queue_positions",
        "/portfolio/summary/total_resting_order_value",
    ],
)
def test_reads_are_served(routes: list[web.RouteDef], path: str) -> None:
    assert ("GET", path) in {(route.method, route.path) for route in routes}
