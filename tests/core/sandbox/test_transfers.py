from typing import Any

import pytest

from core.sandbox.accounts import Account
from core.sandbox.errors import ApiError
from core.sandbox.owners import SUBACCOUNTS
from core.sandbox.transfers import TransferDesk

Floor = Any  # the class stands in conftest.py, which no test can import


@pytest.fixture
def desk(floor: Floor) -> TransferDesk:
    return TransferDesk(floor.exchange)


@pytest.fixture
def second(floor: Floor) -> Account:
    """Ann's subaccount 1."""
    opened = floor.exchange.open_subaccount(floor.ann.user)
    assert opened is not None
    return opened


def test_subaccounts_are_numbered_up_to_63(floor: Floor) -> None:
    exchange, ann = floor.exchange, floor.ann
    opened = [exchange.open_subaccount(ann.user) for _ in SUBACCOUNTS[1:]]
    assert [account.subaccount for account in opened] == list(SUBACCOUNTS[1:])
    assert exchange.open_subaccount(ann.user) is None
    assert exchange.accounts_of(ann.user) == [ann, *opened]
    assert {account.user_id for account in opened} == {ann.user_id}
    assert exchange.accounts_of(floor.bob.user) == [floor.bob]
    assert exchange.open_account(0).number == floor.bob.number + 1


def test_cash_moves_once_under_one_id(floor: Floor, desk: TransferDesk, second: Account) -> None:
    for _ in range(2):
        made = desk.move(floor.ann, second, 12_345, "one")
    assert (floor.ann.cash_micros, second.cash_micros) == (876_550_000, 123_450_000)
    back = desk.move(second, floor.ann, 45, "two")
    assert (made.source, made.destination, made.amount_cents) == (0, 1, 12_345)
    assert list(desk.of_user(floor.ann.user)) == [back, made]
    assert list(desk.of_user(floor.bob.user)) == []


def refused(desk: TransferDesk, *wish: Any) -> tuple[int, str]:  # noqa: ANN401
    with pytest.raises(ApiError) as error:
        desk.move(*wish)
    return error.value.status, error.value.body["error"]["code"]


def test_senseless_transfers_are_refused(floor: Floor, desk: TransferDesk, second: Account) -> None:
    desk.move(floor.ann, second, 100, "one")
    assert refused(desk, floor.ann, floor.ann, 100, "two") == (400, "bad_request")
    assert refused(desk, floor.ann, second, 0, "two") == (400, "bad_request")
    assert refused(desk, floor.ann, second, -100, "two") == (400, "bad_request")
    assert refused(desk, floor.ann, second, 101, "one") == (400, "bad_request")
    assert refused(desk, second, floor.ann, 101, "two") == (400, "insufficient_balance")
    floor.exchange.pause("exchange")
    assert refused(desk, floor.ann, second, 100, "two") == (409, "trading_is_paused")
    assert second.cash_micros == 1_000_000


def test_what_resting_orders_may_need_stays(
    free_floor: Floor,
) -> None:
    second = free_floor.exchange.open_subaccount(1)
    desk = TransferDesk(free_floor.exchange)
    free_floor.place(free_floor.ann, "bid", "0.5000", "1999.00")
    assert free_floor.ann.free_micros == 500_000
    assert refused(desk, free_floor.ann, second, 51, "one") == (400, "insufficient_balance")
    desk.move(free_floor.ann, second, 50, "one")
    assert free_floor.ann.free_micros == 0


def test_accounts_of_one_user_do_not_trade_with_each_other(
    floor: Floor, desk: TransferDesk, second: Account
) -> None:
    desk.move(floor.ann, second, 50_000, "one")
    resting = floor.place(floor.ann, "ask", "0.5000", "2.00")
    cut = floor.place(second, "bid", "0.5000", "1.00")
    assert (cut.status, cut.filled_lots, cut.reason) == ("canceled", 0, "SelfTradeCancel")
    assert resting.status == "resting"
    through = floor.place(second, "bid", "0.5000", "1.00", self_trade_prevention_type="maker")
    assert (resting.status, resting.reason) == ("canceled", "SelfTradeCancel")
    assert through.status == "resting"
    assert not floor.ann.fills
    assert not second.fills


def test_a_client_order_id_is_spent_for_all_accounts_of_a_user(
    floor: Floor, desk: TransferDesk, second: Account
) -> None:
    desk.move(floor.ann, second, 50_000, "one")
    floor.place(floor.ann, "bid", "0.5000", "1.00", client_order_id="mine")
    floor.place(floor.bob, "bid", "0.5000", "1.00", client_order_id="mine")
    with pytest.raises(ApiError) as error:
        floor.place(second, "bid", "0.5000", "1.00", client_order_id="mine")
    assert error.value.status == 409
