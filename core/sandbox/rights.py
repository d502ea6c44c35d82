"""What an API key may do: its scopes, and the subaccount it may be locked to (protocol 2.7).

The exchange keeps one book of money for an account: a lock only restricts which number a request
may name.
"""

from collections.abc import Collection

import msgspec
from aiohttp import web

from core.sandbox.auth import ApiKey
from core.sandbox.errors import refusal

SCOPES = (
    "read",
    "write",
    "read::portfolio_balance",
    "read::block_trade_accept",
    "write::trade",
    "write::transfer",
    "write::block_trade_accept",
    "write::fcm_risk",
)
SUBACCOUNTS = range(64)

_BALANCE = "/portfolio/balance"
_TRADING = "/portfolio/"


class _Named(msgspec.Struct):
    subaccount: int | None = None


class _NamedInBody(_Named):
    orders: list[_Named] = []


def check_scope(key: ApiKey, method: str, path: str) -> None:
    """Refuse a private request that none of the key's scopes covers.

    Args:
        key: who asks.
        method: HTTP method.
        path: path as sent, without query.

    Raises:
        ApiError: 403.
    """
    narrower = ""
    if method == "GET":
        broad = "read"
        narrower = "read::portfolio_balance" if path.endswith(_BALANCE) else ""
    else:
        broad = "write"
        narrower = "write::trade" if _TRADING in path else ""
    if broad not in key.scopes and narrower not in key.scopes:
        raise refusal(403, "forbidden", f"the key lacks the scope {narrower or broad}")


async def check_subaccount(key: ApiKey, request: web.Request) -> None:
    """Refuse a request that names another subaccount than the one its key is locked to.

    Raises:
        ApiError: 403.
    """
    if key.subaccount is None:
        return
    named = {text for text in (request.query.get("subaccount"),) if text}
    named.update(str(number) for number in _in_body(await request.read()))
    if named - {str(key.subaccount)}:
        raise refusal(403, "forbidden", f"the key is locked to subaccount {key.subaccount}")


def check_scopes(scopes: Collection[str]) -> None:
    """Refuse scopes that no key can have.

    Raises:
        ApiError: 400.
    """
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        raise refusal(400, "bad_request", f"scopes must be some of {', '.join(SCOPES)}")
    if "write" in scopes and "read" not in scopes:
        raise refusal(400, "bad_request", "the scope write needs the scope read")


def _in_body(body: bytes) -> list[int]:
    """Subaccounts a body names; one that cannot be read is its handler's business."""
    try:
        named = msgspec.json.decode(body, type=_NamedInBody)
    except msgspec.DecodeError:
        return []
    return [each.subaccount for each in (named, *named.orders) if each.subaccount is not None]
