import pytest

from core.sandbox.auth import ApiKey, make_key
from core.sandbox.errors import ApiError
from core.sandbox.rights import SCOPES, check_scope, check_scopes

PUBLIC = make_key().public_key()
ROOT = "/trade-api/v2"
BALANCE, ORDERS = f"{ROOT}/portfolio/balance", f"{ROOT}/portfolio/events/orders"


@pytest.mark.parametrize(
    ("scopes", "method", "path", "is_allowed"),
    [
        (("read",), "GET", ORDERS, True),
        (("read",), "POST", ORDERS, False),
        (("read", "write"), "DELETE", ORDERS, True),
        (("write::trade",), "POST", ORDERS, True),
        (("write::trade",), "GET", ORDERS, False),
        (("write::trade",), "POST", f"{ROOT}/api_keys", False),
        (("write::transfer",), "POST", ORDERS, False),
        (("write::transfer",), "POST", f"{ROOT}/portfolio/subaccounts/transfer", True),
        (("write::transfer",), "POST", f"{ROOT}/portfolio/intra_exchange_instance_transfer", True),
        (("write::transfer",), "POST", f"{ROOT}/portfolio/subaccounts", False),
        (("write::trade",), "POST", f"{ROOT}/portfolio/subaccounts/transfer", False),
        (("write::trade",), "PUT", f"{ROOT}/portfolio/order_groups/g/reset", True),
        (("read::portfolio_balance",), "GET", f"{ROOT}/portfolio/subaccounts/balances", True),
        (("read::portfolio_balance",), "GET", BALANCE, True),
        (("read::portfolio_balance",), "GET", ORDERS, False),
        (("read::portfolio_balance",), "GET", "/trade-api/ws/v2", False),
    ],
)
def test_a_scope_opens_its_own_requests(
    scopes: tuple[str, ...], method: str, path: str, is_allowed: bool
) -> None:
    key = ApiKey("id", 1, PUBLIC, scopes=scopes)
    if is_allowed:
        check_scope(key, method, path)
        return
    with pytest.raises(ApiError) as error:
        check_scope(key, method, path)
    assert error.value.status == 403


@pytest.mark.parametrize("scopes", [[], ["write"], ["read", "fly"]])
def test_senseless_scopes_are_refused(scopes: list[str]) -> None:
    with pytest.raises(ApiError) as error:
        check_scopes(scopes)
    assert error.value.status == 400


def test_every_scope_can_be_given() -> None:
    check_scopes(SCOPES)
