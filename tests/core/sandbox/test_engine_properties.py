"""What must hold of matching, money and contracts after any orders of several accounts."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from core.market.market import FeeSchedule, Market
from core.sandbox.accounts import Account
from core.sandbox.desk import Desk
from core.sandbox.engine import MatchingBook
from core.sandbox.errors import ApiError
from core.sandbox.exchange import Exchange
from core.sandbox.market_life import SETTLEMENT_TIMER_MS, MarketLife
from core.sandbox.order_bodies import AmendBody, CreateBody, DecreaseBody
from core.sandbox.orders import CROWD, Effects, Order
from core.sandbox.publisher import Publisher
from core.units import MICROS_PER_DOLLAR, PIPS_PER_DOLLAR, Side, format_count, format_price

T0 = 1_778_477_863_000
TICKER = "KXT"
CASH = (8 * MICROS_PER_DOLLAR, 50 * MICROS_PER_DOLLAR, 5_000 * MICROS_PER_DOLLAR)
TIFS = ("good_till_canceled", "good_till_canceled", "immediate_or_cancel", "fill_or_kill")


class Wish(NamedTuple):
    """One thing somebody tries; the exchange may refuse it."""

    kind: str
    account: int
    side: int
    price_pips: int
    lots: int
    tif: str
    mode: str
    flag: bool
    which: int


WISHES = st.lists(
    st.builds(
        Wish,
        st.sampled_from(["create", "create", "create", "crowd", "cancel", "amend", "decrease"]),
        st.integers(0, len(CASH) - 1),
        st.integers(0, 1),
        st.integers(1, 6).map(lambda cents: 1_000 * cents + 2_000),
        st.integers(1, 600),
        st.sampled_from(TIFS),
        st.sampled_from(["taker_at_cross", "maker"]),
        st.booleans(),
        st.integers(0, 20),
    ),
    min_size=15,
    max_size=50,
)
FEES = st.sampled_from([FeeSchedule(), FeeSchedule(7_000, 1_750), FeeSchedule(0, 0)])


@dataclass
class Act:
    """What one action did to the book, and how the book stood before it."""

    effects: Effects
    before: list[tuple[int, int, int]]
    taker: Order


@dataclass(eq=False)
class Watched(MatchingBook):
    """The book as it is, with a note of everything that it did."""

    acts: list[Act] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def place(self, order: Order) -> Effects:
        before = priorities(self)
        return self.noted(super().place(order), before, order)

    def replace(self, order: Order, price_pips: int, remaining_lots: int) -> Effects:
        before = [entry for entry in priorities(self) if entry[0] != id(order)]
        return self.noted(super().replace(order, price_pips, remaining_lots), before, order)

    def noted(self, effects: Effects, before: list[tuple[int, int, int]], taker: Order) -> Effects:
        self.acts.append(Act(effects, before, taker))
        return effects


def priorities(book: MatchingBook) -> list[tuple[int, int, int]]:
    """(order, side, price) of what rests: by side, best price first, then by time."""
    return [(id(order), order.side, order.price_pips) for order in book.resting()]


class House:
    """One market, three accounts of different means, and the crowd."""

    def __init__(self, fees: FeeSchedule) -> None:
        self.exchange = Exchange(Publisher(), 1, T0)
        self.life, self.desk = MarketLife(self.exchange), Desk(self.exchange)
        self.book = Watched()
        self.listing = self.life.list_market(
            Market(TICKER, TICKER, title="T", fees=fees), self.book
        )
        self.accounts = [self.exchange.open_account(cash) for cash in CASH]
        self.orders: list[Order] = []

    def grant(self, wish: Wish) -> Order | None:
        """Try; None if it was refused or concerned nobody."""
        if wish.kind == "crowd":
            return self.crowd(wish)
        account = self.accounts[wish.account]
        if wish.kind != "create" and not self.orders:
            return None
        try:
            return self.create(account, wish) if wish.kind == "create" else self.change(wish)
        except ApiError:
            return None

    def crowd(self, wish: Wish) -> Order:
        tif: Any = wish.tif if wish.tif != "fill_or_kill" else "good_till_canceled"
        order = Order("", CROWD, TICKER, wish.side, wish.price_pips, wish.lots, wish.lots)
        order.time_in_force = tif
        self.exchange.carry_out(self.listing, self.book.place(order))
        return order

    def create(self, account: Account, wish: Wish) -> Order:
        is_gtc = wish.tif == "good_till_canceled"
        body = CreateBody(
            ticker=TICKER,
            side=("bid", "ask")[wish.side],
            price=format_price(wish.price_pips),
            count=format_count(wish.lots),
            time_in_force=wish.tif,
            self_trade_prevention_type=wish.mode,
            post_only=is_gtc and wish.flag,
            reduce_only=not is_gtc and wish.flag,
        )
        order = self.desk.create(account, body)
        self.orders.append(order)
        return order

    def change(self, wish: Wish) -> Order:
        order = self.orders[wish.which % len(self.orders)]
        account = self.exchange.accounts[order.owner]
        if wish.kind == "cancel":
            self.desk.cancel(account, order.order_id)
        elif wish.kind == "decrease":
            self.desk.decrease(account, order.order_id, DecreaseBody(reduce_to="1.00"))
        else:
            body = AmendBody(
                ticker=TICKER,
                side=("bid", "ask")[order.side],
                price=format_price(wish.price_pips if wish.flag else order.price_pips),
                count=format_count(wish.lots),
            )
            self.desk.amend(account, order.order_id, body)
        return order

    @property
    def all_accounts(self) -> list[Account]:
        return list(self.exchange.accounts.values())

    def fees_micros(self) -> int:
        return sum(fill.fee_micros for account in self.accounts for fill in account.fills)


@given(FEES, WISHES)
@settings(max_examples=150)
def test_money_and_contracts_are_conserved(fees: FeeSchedule, wishes: list[Wish]) -> None:
    house = House(fees)
    for wish in wishes:
        house.grant(wish)
        lots = [account.lots(TICKER) for account in house.all_accounts]
        pairs = sum(n for n in lots if n > 0)
        assert sum(lots) == 0
        assert house.listing.account_pairs_lots == pairs
        assert house.listing.open_interest_lots == pairs + house.listing.crowd_pairs_lots
        assert 0 <= house.listing.crowd_pairs_lots <= house.listing.volume_lots
        cash = sum(account.cash_micros for account in house.all_accounts)
        assert cash + house.fees_micros() + pairs * PIPS_PER_DOLLAR == sum(CASH)
        for account in house.accounts:
            resting = account.resting.get(TICKER, {}).values()
            rate = house.listing.market.fees.taker_rate
            assert account.held_micros == account.required_micros(TICKER, resting, rate)


@given(FEES, WISHES, st.integers(0, PIPS_PER_DOLLAR))
def test_settlement_pays_one_dollar_a_pair(
    fees: FeeSchedule, wishes: list[Wish], value_pips: int
) -> None:
    house = House(fees)
    for wish in wishes:
        house.grant(wish)
    pairs = house.listing.account_pairs_lots
    house.life.determine(house.listing, "scalar", value_pips)
    house.exchange.advance(T0 + SETTLEMENT_TIMER_MS)
    paid = [s for account in house.all_accounts for s in account.settlements]
    assert sum(s.revenue_micros for s in paid) == pairs * PIPS_PER_DOLLAR
    assert all(s.revenue_micros >= 0 for s in paid)
    cash = sum(account.cash_micros for account in house.all_accounts)
    assert cash == sum(CASH) - house.fees_micros()
    assert house.listing.open_interest_lots == 0
    assert all(account.lots(TICKER) == account.held_micros == 0 for account in house.accounts)
    assert house.book.resting() == []


@given(WISHES)
def test_price_time_priority_and_no_trade_through(wishes: list[Wish]) -> None:
    """What matches is a head of the other side's queue, at the resting price, inside the limit."""
    house = House(FeeSchedule(0, 0))
    for wish in wishes:
        house.book.acts.clear()
        order = house.grant(wish)
        for act in house.book.acts:
            limit = act.taker.price_pips
            rivals = [entry for entry in act.before if entry[1] != act.taker.side]
            gone = [id(cancelled) for cancelled in act.effects.cancelled]
            queue = [entry for entry in rivals if entry[0] not in gone]
            met = [
                (id(m.maker), m.maker.side, m.price_pips) for m in act.effects.matches if m.maker
            ]
            assert met == queue[: len(met)]
            if act.taker.side == Side.BID:
                assert all(price <= limit for _, _, price in met)
            else:
                assert all(price >= limit for _, _, price in met)
            assert all(m.maker.remaining_lots == 0 for m in act.effects.matches[:-1] if m.maker)
        bids, asks = house.book.levels()
        assert not bids or not asks or bids[-1][0] < asks[0][0]
        assert order is None or order.remaining_lots + order.filled_lots <= order.initial_lots


@given(WISHES)
def test_no_account_trades_with_itself(wishes: list[Wish]) -> None:
    house = House(FeeSchedule(0, 0))
    for wish in wishes:
        house.book.acts.clear()
        house.grant(wish)
        for act in house.book.acts:
            owners = {
                (m.maker.owner, m.taker.owner) for m in act.effects.matches if m.maker and m.taker
            }
            assert all(maker == CROWD or maker != taker for maker, taker in owners)
            taker = act.taker
            if act.effects.is_cut:
                assert taker.self_trade == "taker_at_cross"
                assert (taker.status, taker.remaining_lots) == ("canceled", 0)
            for cancelled in act.effects.cancelled:
                assert taker.self_trade == "maker"
                assert cancelled.owner == taker.owner
                assert (cancelled.status, cancelled.reason) == ("canceled", "SelfTradeCancel")


@given(WISHES)
def test_time_in_force_and_flags_keep_their_word(wishes: list[Wish]) -> None:
    house = House(FeeSchedule(0, 0))
    for wish in wishes:
        account = house.accounts[wish.account]
        held = account.lots(TICKER)
        order = house.grant(wish)
        if order is None or wish.kind != "create":
            continue
        assert order.filled_lots <= wish.lots
        match wish.tif:
            case "good_till_canceled" if wish.flag:
                assert (order.filled_lots, order.status) == (0, "resting")
            case "immediate_or_cancel":
                assert order.remaining_lots == 0
                assert order.status in ("canceled", "executed")
            case "fill_or_kill":
                assert (order.filled_lots, order.status) == (order.initial_lots, "executed")
        if wish.flag and wish.tif != "good_till_canceled":
            after = account.lots(TICKER)
            assert abs(after) <= abs(held)
            assert after * held >= 0


@given(WISHES, st.integers(1, 2_000), st.booleans())
def test_amend_keeps_its_place_only_when_it_shrinks(
    wishes: list[Wish], lots: int, moves: bool
) -> None:
    house = House(FeeSchedule(0, 0))
    for wish in wishes:
        house.grant(wish)
    resting = [order for order in house.orders if order.status == "resting"]
    if not resting:
        return
    order = resting[len(resting) // 2]
    price = order.price_pips + (-100 if moves and order.side == Side.BID else 100 * moves)
    was_left, ahead = order.remaining_lots, house.book.queue_ahead_lots(order)
    body = AmendBody(
        ticker=TICKER,
        side=("bid", "ask")[order.side],
        price=format_price(price),
        count=format_count(order.filled_lots + lots),
    )
    try:
        house.desk.amend(house.exchange.accounts[order.owner], order.order_id, body)
    except ApiError:
        return
    level = dict(house.book.levels()[order.side])[price]
    kept = price == order.price_pips and not moves and lots <= was_left
    expected = ahead if kept else level - lots
    assert order.remaining_lots == lots
    assert house.book.queue_ahead_lots(order) == expected
