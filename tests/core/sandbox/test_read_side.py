from collections.abc import Callable
from typing import Any

import pytest

from core.clock import ManualClock
from core.market.market import Market
from core.sandbox import accounts
from core.sandbox.desk import Desk
from core.sandbox.engine import MatchingBook
from core.sandbox.exchange import Exchange
from core.sandbox.group_desk import GroupDesk
from core.sandbox.market_life import MarketLife
from core.sandbox.order_bodies import CreateBody, GroupBody
from core.sandbox.orders import CROWD, Order
from core.sandbox.publisher import Publisher
from core.sandbox.rules import ExchangeRules
from core.units import MICROS_PER_DOLLAR, Side

Serve = Any  # the fixture's type stands in conftest.py, which no test can import
ORDERS = "/portfolio/events/orders"
T = "KXT-26MAY11-A"


class Desked:
    """An account of an exchange whose reads run behind."""

    def __init__(self, lag_ms: tuple[int, int]) -> None:
        self.clock = ManualClock()
        rules = ExchangeRules(read_lag_ms=lag_ms)
        self.exchange = Exchange(Publisher(), 1, 1_000, rules, self.clock)
        market = Market(T, "KXT-26MAY11", "Market")
        self.listing = MarketLife(self.exchange).list_market(market, MatchingBook())
        self.account = self.exchange.open_account(100 * MICROS_PER_DOLLAR)
        self.desk = Desk(self.exchange)
        self.groups = GroupDesk(self.exchange)

    def place(self, price: str, count: str = "2.00") -> Order:
        body = CreateBody(
            ticker=T,
            side="bid",
            price=price,
            count=count,
            time_in_force="good_till_canceled",
            self_trade_prevention_type="taker_at_cross",
        )
        return self.desk.create(self.account, body)

    def sell(self, price_pips: int, lots: int) -> None:
        order = Order("c", CROWD, T, Side.ASK, price_pips, lots, lots)
        self.exchange.carry_out(self.listing, self.listing.book.place(order))

    def statuses(self) -> list[tuple[str, int]]:
        shown = self.exchange.reads.see(self.account)
        assert [order.order_id for order in shown.orders] == list(shown.by_id)
        resting = {order.order_id for order in shown.resting_orders()}
        assert resting == {o.order_id for o in shown.orders if o.status == "resting"}
        return [(order.status, order.filled_lots) for order in shown.orders]


@pytest.fixture
def desked() -> Callable[..., Desked]:
    return Desked


def test_without_a_lag_a_read_shows_the_account_itself(desked: Callable[..., Desked]) -> None:
    desk = desked((0, 0))
    assert desk.exchange.reads.see(desk.account) is desk.account


def test_orders_show_each_state_when_its_time_has_come(desked: Callable[..., Desked]) -> None:
    desk = desked((500, 500))
    order = desk.place("0.4000")
    desk.clock.advance_ms(200)
    desk.sell(4_000, 50)
    desk.clock.advance_ms(200)
    desk.desk.cancel(desk.account, order.order_id)
    seen = []
    for _ in range(10):
        seen.append(desk.statuses())
        desk.clock.advance_ms(100)
    assert seen[0] == []
    assert seen[1:3] == [[("resting", 0)]] * 2
    assert seen[3:5] == [[("resting", 50)]] * 2
    assert seen[5:] == [[("canceled", 50)]] * 5


def test_positions_lag_and_money_does_not(desked: Callable[..., Desked]) -> None:
    desk = desked((1_000, 1_000))
    desk.place("0.4000")
    desk.sell(4_000, 200)
    assert desk.account.cash_micros == 100 * MICROS_PER_DOLLAR - 800_000
    assert desk.exchange.reads.see(desk.account).lots(T) == 0
    desk.clock.advance_ms(1_000)
    assert desk.exchange.reads.see(desk.account).lots(T) == 200


def test_groups_come_change_and_go(desked: Callable[..., Desked]) -> None:
    desk = desked((100, 100))
    group = desk.groups.create(desk.account, GroupBody(contracts_limit=5))
    name, seen = group.group_id, []
    desk.clock.advance_ms(50)
    desk.groups.trigger(desk.account, name)
    desk.clock.advance_ms(50)
    desk.groups.delete(desk.account, name)
    for _ in range(3):
        shown = desk.exchange.reads.see(desk.account).groups
        seen.append([group.is_triggered for group in shown.values()])
        desk.clock.advance_ms(50)
    assert seen == [[False], [True], []]


def test_no_read_is_older_than_one_before_it(desked: Callable[..., Desked]) -> None:
    desk = desked((0, 1_000))
    counts = []
    for cents in range(1, 40):
        desk.place(f"0.{cents:02}00")
        desk.clock.advance_ms(50)
        counts.append(len(desk.statuses()))
    assert counts == sorted(counts)
    assert any(count < place for place, count in enumerate(counts, start=1))
    desk.clock.advance_ms(1_000)
    assert len(desk.statuses()) == 39


def test_a_lag_may_begin_and_end_while_the_exchange_runs(desked: Callable[..., Desked]) -> None:
    desk = desked((0, 0))
    first = desk.place("0.4000")
    reads, accounts = desk.exchange.reads, desk.exchange.accounts.values()
    reads.set_lag((300, 300), accounts)
    assert desk.statuses() == [("resting", 0)]
    desk.desk.cancel(desk.account, first.order_id)
    assert desk.statuses() == [("resting", 0)]
    late = desk.exchange.open_account(1)
    assert reads.see(late).orders == []
    reads.set_lag((0, 0), accounts)
    assert desk.statuses() == [("canceled", 0)]


@pytest.mark.parametrize("is_late", [False, True])
def test_late_reads_forget_the_orders_that_the_account_forgets(
    desked: Callable[..., Desked], monkeypatch: pytest.MonkeyPatch, is_late: bool
) -> None:
    monkeypatch.setattr(accounts, "KEPT_ORDERS", 3)
    desk = desked((0, 0) if is_late else (100, 100))
    reads = desk.exchange.reads
    old = [desk.place("0.0100") for _ in range(4)]
    for order in reversed(old):
        desk.desk.cancel(desk.account, order.order_id)
    if is_late:
        reads.set_lag((100, 100), desk.exchange.accounts.values())
    for _ in range(2):
        desk.desk.cancel(desk.account, desk.place("0.0100").order_id)
    desk.clock.advance_ms(100)
    assert list(reads.see(desk.account).by_id) == list(desk.account.by_id)
    assert len(desk.account.by_id) == 3


async def test_a_client_reads_its_orders_positions_and_groups_late(serve: Serve) -> None:
    async with serve() as client:
        reads, accounts = client.sandbox.exchange.reads, client.sandbox.exchange.accounts
        reads.set_lag((3_600_000, 3_600_000), accounts.values())
        _, created = await client.call("POST", ORDERS, client.order())
        order_id = created["order_id"]
        await client.call("POST", ORDERS, client.order(price="0.6000"))
        _, made = await client.call(
            "POST", "/portfolio/order_groups/create", {"contracts_limit": 1}
        )
        group = f"/portfolio/order_groups/{made['order_group_id']}"
        assert (await client.call("GET", f"/portfolio/orders/{order_id}"))[0] == 404
        assert (await client.call("GET", group))[0] == 404
        assert (await client.call("GET", "/portfolio/order_groups"))[1] == {}
        assert (await client.call("GET", "/portfolio/orders"))[1]["orders"] == []
        assert (await client.call("GET", "/portfolio/positions"))[1]["market_positions"] == []
        assert len((await client.call("GET", "/portfolio/fills"))[1]["fills"]) == 1
        reads.set_lag((0, 0), accounts.values())
        assert (await client.call("GET", f"/portfolio/orders/{order_id}"))[0] == 200
        assert len((await client.call("GET", "/portfolio/orders"))[1]["orders"]) == 2
        assert len((await client.call("GET", "/portfolio/positions"))[1]["market_positions"]) == 1
