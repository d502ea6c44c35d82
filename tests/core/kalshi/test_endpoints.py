import copy
import dataclasses
import pickle
import random
from importlib import import_module
from pkgutil import iter_modules

import pytest

import core.kalshi
from core.clock import ManualClock
from core.errors import ConfigError, RefusedError
from core.kalshi.endpoints import DataEndpoint, OrderEndpoint, is_loopback
from core.kalshi.order_rest import OrderRest
from core.kalshi.rest import KalshiRest
from core.kalshi.signing import Signer
from core.kalshi.writer import Writer

PATH = "/trade-api/v2"
NOT_FOR_ORDERS = [
    f"https://external-api.kalshi.com{PATH}",
    f"https://api.elections.kalshi.com{PATH}",
    f"https://EXTERNAL-API.KALSHI.COM{PATH}",
    f"https://external-api.kalshi.com.{PATH}",
    f"https://trading-api.kalshi.com{PATH}",
    f"https://127.0.0.1@external-api.kalshi.com{PATH}",
    f"https://demo-api.kalshi.co@external-api.kalshi.com{PATH}",
    f"https://demo-api.kalshi.co:443@external-api.kalshi.com{PATH}",
    f"https://external-api.kalshi.com\\@127.0.0.1{PATH}",
    f"https://external-api.kalshi.com#@127.0.0.1{PATH}",
    f"https://external-api.kalshi.com?@127.0.0.1{PATH}",
    f"https://127.0.0.1.external-api.kalshi.com{PATH}",
    f"https://localhost.kalshi.com{PATH}",
    f"https://demo-api.kalshi.co.kalshi.com{PATH}",
    f"https://external-api.kalshi。com{PATH}",
    f"http://2130706433{PATH}",
    f"http://0x7f.1{PATH}",
    f"http://127.1{PATH}",
    f"http://0.0.0.0{PATH}",
    f"http://[::ffff:127.0.0.1]{PATH}",
    f"http://[::]{PATH}",
    f"http://demo-api.kalshi.co{PATH}",
    f"https://demo-api.kalshi.co:8443{PATH}",
    "https://demo-api.kalshi.co/trade-api/v2/margin",
    f"ws://127.0.0.1{PATH}",
    f"file://127.0.0.1{PATH}",
    f"http://127.0.0.1:99999{PATH}",
    f"http://127.0.0.1{PATH}?x=1",
    f"//external-api.kalshi.com{PATH}",
    "external-api.kalshi.com",
    "",
]
LOOPBACK = [
    f"http://127.0.0.1:8080{PATH}",
    f"http://127.9.9.9:1{PATH}/",
    f"http://[::1]:8080{PATH}",
    f"https://localhost{PATH}",
]
DEMO = [f"https://external-api.demo.kalshi.co{PATH}", f"https://demo-api.kalshi.co:443{PATH}"]


@pytest.mark.parametrize("url", NOT_FOR_ORDERS)
def test_orders_go_nowhere_else(url: str) -> None:
    with pytest.raises(RefusedError):
        OrderEndpoint.demo(url)
    with pytest.raises(RefusedError):
        OrderEndpoint.sandbox(url)


@pytest.mark.parametrize("url", LOOPBACK)
def test_orders_go_to_this_machine(url: str) -> None:
    assert OrderEndpoint.sandbox(url).rest_url == url.rstrip("/")
    assert OrderEndpoint.demo(url) == OrderEndpoint.sandbox(url)


@pytest.mark.parametrize("url", DEMO)
def test_orders_go_to_the_demo_by_its_own_constructor_only(url: str) -> None:
    assert OrderEndpoint.demo(url).rest_url == url.replace(":443", "")
    with pytest.raises(RefusedError, match="on this machine only"):
        OrderEndpoint.sandbox(url)


def test_demo_is_the_default_of_demo() -> None:
    assert OrderEndpoint.demo().rest_url == DEMO[0]


def test_order_endpoint_has_exactly_two_constructors() -> None:
    made = {name for name, value in vars(OrderEndpoint).items() if isinstance(value, staticmethod)}
    assert made == {"sandbox", "demo"}
    for arguments in ((), (NOT_FOR_ORDERS[0],), (LOOPBACK[0],)):
        with pytest.raises(RefusedError):
            OrderEndpoint(*arguments)
    with pytest.raises(RefusedError):
        OrderEndpoint(rest_url=LOOPBACK[0])


def test_order_endpoint_cannot_be_changed_or_extended() -> None:
    endpoint = OrderEndpoint.sandbox(LOOPBACK[0])
    with pytest.raises(dataclasses.FrozenInstanceError):
        endpoint.rest_url = NOT_FOR_ORDERS[0]  # type: ignore[misc]
    with pytest.raises((RefusedError, TypeError)):
        dataclasses.replace(endpoint, rest_url=NOT_FOR_ORDERS[0])
    with pytest.raises(TypeError, match="closed"):
        type("Open", (OrderEndpoint,), {})


def test_smuggled_endpoint_is_refused_where_it_is_used() -> None:
    smuggled = copy.copy(OrderEndpoint.sandbox(LOOPBACK[0]))
    object.__setattr__(smuggled, "rest_url", NOT_FOR_ORDERS[0])
    with pytest.raises(RefusedError):
        OrderRest(smuggled, Signer.__new__(Signer), ManualClock())
    revived = pickle.loads(pickle.dumps(smuggled))
    with pytest.raises(RefusedError):
        revived.check()


def test_data_may_come_from_production_and_its_client_cannot_write() -> None:
    assert DataEndpoint.production().ws_url == "wss://external-api-ws.kalshi.com/trade-api/ws/v2"
    assert DataEndpoint.demo().rest_url == DEMO[0]
    reader = KalshiRest(DataEndpoint.production(), None, ManualClock(), random.Random(1))
    writing = {name for name in dir(OrderRest) if not name.startswith("_")} - {"close", "rtt_ns"}
    assert len(writing) == 16
    assert not writing & set(dir(reader))
    modules = [
        import_module(f"core.kalshi.{found.name}") for found in iter_modules(core.kalshi.__path__)
    ]
    classes = {
        kind for module in modules for kind in vars(module).values() if isinstance(kind, type)
    }
    writers = {kind for kind in classes if writing & set(dir(kind))}
    assert writers <= set(OrderRest.__mro__), "one class that writes, and what it is made of"
    made_by = {kind for kind in OrderRest.__mro__[:-1] if "__init__" in vars(kind)}
    assert made_by == {Writer}, "which checks where it writes to"


@pytest.mark.parametrize(
    ("rest", "ws"),
    [
        ("https://example.com/trade-api/v2", "wss://external-api-ws.kalshi.com/trade-api/ws/v2"),
        (
            "https://external-api.kalshi.com/trade-api/v2",
            "ws://external-api-ws.kalshi.com/trade-api/ws/v2",
        ),
        ("http://127.0.0.1:1/trade-api/v2", "ws://127.0.0.1:1/other"),
    ],
)
def test_data_come_from_no_stranger(rest: str, ws: str) -> None:
    with pytest.raises(ConfigError):
        DataEndpoint(rest, ws)


def test_loopback_names() -> None:
    assert is_loopback("127.255.0.1")
    assert not is_loopback("128.0.0.1")
    assert not is_loopback("")
