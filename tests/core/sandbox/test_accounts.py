from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.market.market import FeeSchedule, Market
from core.sandbox import accounts
from core.sandbox.accounts import KEPT_FILLS, Account, FillRecord, Position
from core.sandbox.desk import Desk
from core.sandbox.engine import MatchingBook
from core.sandbox.errors import ApiError
from core.sandbox.exchange import Exchange
from core.sandbox.market_life import MarketLife
from core.sandbox.order_bodies import AmendBody, CreateBody
from core.sandbox.orders import Order
from core.sandbox.publisher import Publisher
from core.units import MICROS_PER_DOLLAR, PIPS_PER_DOLLAR, Side, format_count, format_price

Floor = Any  # the class stands in conftest.py, which no test can import
CASH = 20 * MICROS_PER_DOLLAR
BID, ASK = Side.BID, Side.ASK


def test_long_five_sell_eight_ends_three_short() -> None:
    position = Position("T")
    assert position.trade(BID, 4_000, 500) == -4_000 * 500
    change = position.trade(ASK, 5_500, 800)
    assert position.lots == -300
    assert change == 5_500 * 500 - 4_500 * 300
    assert position.realized_micros == 1_500 * 500
    assert position.cost_micros == 4_500 * 300


def test_closing_a_no_returns_its_pair_at_once() -> None:
    position = Position("T")
    assert position.trade(ASK, 6_000, 100) == -4_000 * 100
    assert position.trade(BID, 5_000, 100) == 5_000 * 100
    assert (position.lots, position.cost_micros) == (0, 0)
    assert position.realized_micros == 1_000 * 100


def test_partial_closes_use_the_average_cost_and_leave_nothing() -> None:
    position = Position("T")
    position.trade(BID, 3_333, 100)
    position.trade(BID, 3_334, 100)
    for _ in range(2):
        position.trade(ASK, 5_000, 67)
    position.trade(ASK, 5_000, 66)
    assert (position.lots, position.cost_micros) == (0, 0)
    assert position.realized_micros == 5_000 * 200 - 3_333 * 100 - 3_334 * 100


def test_settlement_pays_one_dollar_a_pair() -> None:
    for value in (0, PIPS_PER_DOLLAR, 3_300):
        long, short = Position("T"), Position("T")
        long.trade(BID, 4_000, 250)
        short.trade(ASK, 4_000, 250)
        assert long.settle(value) + short.settle(value) == PIPS_PER_DOLLAR * 250


def test_resting_orders_that_close_hold_back_only_the_fee() -> None:
    account = Account(1, "u", CASH)
    account.position("T").trade(BID, 4_000, 1_000)
    near = Order("a", 1, "T", ASK, 5_000, 1_000, 1_000)
    far = Order("b", 1, "T", ASK, 7_000, 1_000, 1_000)
    assert account.required_micros("T", [near], 0) == 0
    assert account.required_micros("T", [far, near], 0) == 3_000 * 1_000
    assert account.required_micros("T", [near], 7_000) == 180_000


def test_reservation_covers_both_sides() -> None:
    account = Account(1, "u", CASH)
    orders = [Order("a", 1, "T", BID, 4_000, 100, 100), Order("b", 1, "T", ASK, 6_000, 100, 100)]
    assert account.required_micros("T", orders, 0) == 4_000 * 100 + 4_000 * 100


ACTIONS = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.integers(0, 1),
        st.integers(1, 99),
        st.integers(1, 1_500),
        st.sampled_from(["good_till_canceled", "immediate_or_cancel", "fill_or_kill"]),
        st.sampled_from(["taker_at_cross", "maker"]),
        st.sampled_from(["create", "create", "create", "cancel", "amend"]),
    ),
    max_size=50,
)


class Venue:
    """One market, the crowd and three accounts with little money."""

    def __init__(self, fees: FeeSchedule) -> None:
        self.exchange = Exchange(Publisher(), 1, 1_000)
        self.life = MarketLife(self.exchange)
        self.listing = self.life.list_market(Market("T", "T", "T", fees=fees), MatchingBook())
        self.desk = Desk(self.exchange)
        self.accounts = [self.exchange.open_account(CASH) for _ in range(3)]

    def act(self, who: int, side: int, cents: int, lots: int, tif: str, stp: str, do: str) -> None:
        if who == 3:
            order = Order("c", 0, "T", side, cents * 100, lots, lots, time_in_force=tif)
            if tif != "fill_or_kill":
                self.exchange.carry_out(self.listing, self.listing.book.place(order))
            return
        account = self.accounts[who]
        resting = list(account.resting.get("T", {}).values())
        try:
            if do == "cancel" and resting:
                self.desk.cancel(account, resting[0].order_id)
            elif do == "amend" and resting:
                self.amend(account, resting[0], cents, lots)
            else:
                self.create(account, side, cents, lots, tif, stp)
        except ApiError:  # too little money, or a FOK that found too little
            return

    def create(
        self, account: Account, side: int, cents: int, lots: int, tif: str, stp: str
    ) -> None:
        self.desk.create(
            account,
            CreateBody(
                ticker="T",
                side=("bid", "ask")[side],
                count=format_count(lots),
                price=format_price(cents * 100),
                time_in_force=tif,
                self_trade_prevention_type=stp,
            ),
        )

    def amend(self, account: Account, order: Order, cents: int, lots: int) -> None:
        body = AmendBody(
            ticker="T",
            side=("bid", "ask")[order.side],
            price=format_price(cents * 100),
            count=format_count(order.filled_lots + lots),
        )
        self.desk.amend(account, order.order_id, body)

    def check(self) -> None:
        everyone = list(self.exchange.accounts.values())
        positions = [a.positions["T"] for a in everyone if "T" in a.positions]
        assert sum(p.lots for p in positions) == 0
        fees = sum(p.fees_micros for p in positions)
        pairs = sum(max(0, p.lots) for p in positions)
        cash = sum(a.cash_micros for a in everyone)
        assert cash + fees + pairs * PIPS_PER_DOLLAR == 3 * CASH
        assert self.listing.account_pairs_lots == pairs
        assert self.listing.open_interest_lots == pairs + self.listing.crowd_pairs_lots
        assert 0 <= self.listing.crowd_pairs_lots <= self.listing.volume_lots
        for account in self.accounts:
            assert account.available_micros >= 0
            held = account.resting.get("T", {}).values()
            assert account.held_micros == account.required_micros(
                "T", list(held), self.listing.market.fees.taker_rate
            )


@given(ACTIONS, st.sampled_from([(0, 0), (7_000, 0), (7_000, 1_750)]), st.booleans())
@settings(deadline=None, max_examples=150)
def test_money_and_contracts_are_conserved(
    actions: list[Any], rates: tuple[int, int], is_yes: bool
) -> None:
    venue = Venue(FeeSchedule(*rates))
    for action in actions:
        venue.act(*action)
        venue.check()
    fees = sum(a.positions["T"].fees_micros for a in venue.accounts if "T" in a.positions)
    venue.life.determine(venue.listing, "yes" if is_yes else "no")
    venue.exchange.advance(10_000)
    everyone = venue.exchange.accounts.values()
    assert sum(a.cash_micros for a in everyone) + fees == 3 * CASH
    assert all(a.held_micros == 0 for a in everyone)


def test_precision_aligns_the_balance(floor_of: Callable[..., Any]) -> None:
    floor = floor_of()
    floor.ann.precision_micros = 10_000
    floor.crowd(ASK, 5_500, 100)
    floor.place(floor.ann, "bid", "0.5500", "1.00")
    assert floor.ann.cash_micros % 10_000 == 0


def test_ended_orders_are_forgotten_and_resting_ones_never(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "KEPT_ORDERS", 5)
    account = floor.ann
    resting = floor.place(account, "bid", "0.1000", "1.00")
    ended = []
    for number in range(20):
        order = floor.place(account, "bid", "0.2000", "1.00", client_order_id=f"mine-{number}")
        floor.desk.cancel(account, order.order_id)
        ended.append(order)
    assert account.orders == [resting, *ended[-5:]]
    assert list(account.by_id) == [order.order_id for order in account.orders]
    assert len(account.ended) == 5
    with pytest.raises(ApiError) as error:
        floor.place(account, "bid", "0.2000", "1.00", client_order_id="mine-0")
    assert error.value.status == 409
    floor.desk.cancel(account, resting.order_id)
    assert account.orders == [resting, *ended[-4:]]


def test_the_order_that_ended_first_is_forgotten_first(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "KEPT_ORDERS", 2)
    first, second, third = (floor.place(floor.ann, "bid", "0.2000", "1.00") for _ in range(3))
    for order in (third, first, second):
        floor.desk.cancel(floor.ann, order.order_id)
    assert floor.ann.orders == [first, second]


def test_fills_are_bounded_and_money_knows_them_all(floor: Floor) -> None:
    account = floor.ann
    order = floor.place(account, "bid", "0.2000", "1.00")
    record = FillRecord(0, "id", order, 2_000, 100, False, 0, 1)
    account.fills.extend(record._replace(serial=number) for number in range(1, KEPT_FILLS + 1))
    floor.crowd(ASK, 2_000, 100)
    assert len(account.fills) == KEPT_FILLS
    assert (account.fills[0].serial, account.fills[-1].order) == (2, order)
    assert (account.fills[-1].quantity_lots, account.lots(floor.listing.ticker)) == (100, 100)
