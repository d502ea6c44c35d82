"""Where this program may connect to. Closed types: a production order endpoint does not exist.

Market data may come from production, demo or this machine. Orders may go to this machine or to
the exchange's demo, whatever settings or environment say. Addresses are rebuilt from their
checked parts, so that no second reading of the same text can mean another host.
"""

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Address, ip_address
from typing import Final, NoReturn, final
from urllib.parse import SplitResult, urlsplit

from core.errors import ConfigError, RefusedError

REST_PATH: Final = "/trade-api/v2"
WS_PATH: Final = "/trade-api/ws/v2"

_PRODUCTION_REST: Final = ("external-api.kalshi.com", "api.elections.kalshi.com")
_PRODUCTION_WS: Final = ("external-api-ws.kalshi.com", "api.elections.kalshi.com")
_DEMO_REST: Final = ("external-api.demo.kalshi.co", "demo-api.kalshi.co")
_DEMO_WS: Final = ("external-api-ws.demo.kalshi.co", "demo-api.kalshi.co")
_LOOPBACK_V4: Final = IPv4Network("127.0.0.0/8")
_LOOPBACK_V6: Final = IPv6Address("::1")


def is_loopback(host: str) -> bool:
    """True for this machine: localhost, 127.0.0.0/8 and ::1, written plainly."""
    if host == "localhost":
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address == _LOOPBACK_V6 or (address.version == 4 and address in _LOOPBACK_V4)


def _split(url: str) -> tuple[SplitResult, str, int | None]:
    """Parts, host and port of an address that holds nothing else.

    Raises:
        ConfigError: the address cannot be read or holds a user name, query or fragment.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise ConfigError(f"not an address: {url!r}") from error
    is_plain = url.isascii() and url.isprintable() and not set(url) & set(" \\@?#%")
    if not is_plain or not host:
        raise ConfigError(f"not a plain address: {url!r}")
    return parts, host, port


def _rebuilt(url: str, hosts: tuple[str, ...], scheme: str, path: str) -> str | None:
    """The address if its host is one of `hosts` (over TLS only) or this machine, else None.

    Args:
        url: what was asked for.
        hosts: hosts allowed besides this machine.
        scheme: "http" or "ws"; its TLS form is allowed too.
        path: the only path allowed.

    Raises:
        ConfigError: not a plain address, or another path.
    """
    parts, host, port = _split(url)
    if parts.path.rstrip("/") != path:
        raise ConfigError(f"the address {url!r} must end in {path}")
    if is_loopback(host):
        if parts.scheme not in (scheme, f"{scheme}s"):
            raise ConfigError(f"the address {url!r} must begin with {scheme}://")
        name = f"[{host}]" if ":" in host else host
        return f"{parts.scheme}://{name}{'' if port is None else f':{port}'}{path}"
    if host in hosts and parts.scheme == f"{scheme}s" and port in (None, 443):
        return f"{scheme}s://{host}{path}"
    return None


@dataclass(frozen=True, slots=True)
class DataEndpoint:
    """Where market data come from; has no use for orders.

    Raises:
        ConfigError: an address that is neither the exchange's nor on this machine.
    """

    rest_url: str
    ws_url: str

    def __post_init__(self) -> None:
        rest = _rebuilt(self.rest_url, _PRODUCTION_REST + _DEMO_REST, "http", REST_PATH)
        ws = _rebuilt(self.ws_url, _PRODUCTION_WS + _DEMO_WS, "ws", WS_PATH)
        if rest is None or ws is None:
            raise ConfigError(
                f"market data cannot come from {self.rest_url} and {self.ws_url}: use the "
                "exchange's own hosts over TLS, or this machine"
            )
        object.__setattr__(self, "rest_url", rest)
        object.__setattr__(self, "ws_url", ws)

    @staticmethod
    def production() -> "DataEndpoint":
        """Kalshi itself, for reading."""
        rest, ws = _PRODUCTION_REST[0], _PRODUCTION_WS[0]
        return DataEndpoint(f"https://{rest}{REST_PATH}", f"wss://{ws}{WS_PATH}")

    @staticmethod
    def demo() -> "DataEndpoint":
        """Kalshi's demo."""
        rest, ws = _DEMO_REST[0], _DEMO_WS[0]
        return DataEndpoint(f"https://{rest}{REST_PATH}", f"wss://{ws}{WS_PATH}")


DEMO_ORDER_URL: Final = f"https://{_DEMO_REST[0]}{REST_PATH}"


@final
@dataclass(frozen=True, slots=True, init=False)
class OrderEndpoint:
    """Where orders go: made only by `sandbox` and `demo`, and checked again where it is used."""

    rest_url: str

    def __init__(self, *_arguments: object, **_keywords: object) -> None:
        raise RefusedError("an order endpoint is made by OrderEndpoint.sandbox or .demo only")

    def __init_subclass__(cls) -> NoReturn:
        raise TypeError("OrderEndpoint is closed")

    @staticmethod
    def sandbox(rest_url: str) -> "OrderEndpoint":
        """The local exchange.

        Raises:
            RefusedError: the address is not on this machine.
        """
        return _order_endpoint(rest_url, (), "the local exchange is on this machine only")

    @staticmethod
    def demo(rest_url: str = DEMO_ORDER_URL) -> "OrderEndpoint":
        """Kalshi's demo, or a stand-in for it on this machine.

        Raises:
            RefusedError: the address is neither.
        """
        return _order_endpoint(rest_url, _DEMO_REST, "orders go to Kalshi's demo only")

    def check(self) -> None:
        """Refuse an endpoint that was made by other means.

        Raises:
            RefusedError: orders must not go there.
        """
        _order_url(self.rest_url, _DEMO_REST, "this program never places an order elsewhere")


def _order_url(rest_url: str, hosts: tuple[str, ...], why: str) -> str:
    try:
        url = _rebuilt(rest_url, hosts, "http", REST_PATH)
    except ConfigError as error:
        raise RefusedError(f"no order goes to {rest_url!r}: {error}") from error
    if url is None:
        raise RefusedError(f"no order goes to {rest_url!r}: {why}")
    return url


def _order_endpoint(rest_url: str, hosts: tuple[str, ...], why: str) -> OrderEndpoint:
    endpoint = object.__new__(OrderEndpoint)
    object.__setattr__(endpoint, "rest_url", _order_url(rest_url, hosts, why))
    return endpoint
