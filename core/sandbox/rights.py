"""What an API key may do: its scopes, and the subaccount it may be locked to (protocol 2.7).

A locked key reaches nothing of the user's other accounts: what it does not name is its own.
"""

from collections.abc import Collection

from aiohttp import web

from core.sandbox.auth import ApiKey
from core.sandbox.errors import ApiError, refusal

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
ACCOUNT = web.RequestKey("account", int)
"""Number of the user who signed the request; set by the guard."""
LOCK = web.RequestKey("lock", int)
"""The only subaccount that the key of the request reaches; absent for a key without a lock."""

_BALANCES = ("/portfolio/balance", "/portfolio/subaccounts/balances")
_TRANSFERS = ("/portfolio/subaccounts/transfer", "/portfolio/intra_exchange_instance_transfer")
_ORDERS = ("/portfolio/events/", "/portfolio/orders", "/portfolio/order_groups")


def check_scope(key: ApiKey, method: str, route: str) -> None:
    """Refuse a private request that none of the key's scopes covers.

    Args:
        key: who asks.
        method: HTTP method.
        route: path of what answers it, with the names of its variables in braces.

    Raises:
        ApiError: 403.
    """
    narrower = ""
    if method in ("GET", "HEAD"):
        broad = "read"
        narrower = "read::portfolio_balance" if route.endswith(_BALANCES) else ""
    else:
        broad = "write"
        narrower = _narrow_write(route)
    if broad not in key.scopes and narrower not in key.scopes:
        raise refusal(403, "forbidden", f"the key lacks the scope {narrower or broad}")


async def check_subaccount(key: ApiKey, request: web.Request) -> None:
    """Note what the key is locked to, and refuse a query that names another subaccount.

    What bodies name is checked where they are read.

    Raises:
        ApiError: 403.
    """
    if key.subaccount is None:
        return
    request[LOCK] = key.subaccount
    named = request.query.get("subaccount", "")
    if named and named != str(key.subaccount):
        raise _locked(key.subaccount)


def check_lock(request: web.Request, number: int | None) -> None:
    """Refuse the number of another subaccount than the one that the key is locked to.

    Raises:
        ApiError: 403.
    """
    lock = request.get(LOCK)
    if lock is not None and number is not None and number != lock:
        raise _locked(lock)


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


def _narrow_write(route: str) -> str:
    """The narrow scope that covers a write, "" where only the broad one does."""
    if route.endswith(_TRANSFERS):
        return "write::transfer"
    return "write::trade" if any(part in route for part in _ORDERS) else ""


def _locked(number: int) -> ApiError:
    return refusal(403, "forbidden", f"the key is locked to subaccount {number}")
