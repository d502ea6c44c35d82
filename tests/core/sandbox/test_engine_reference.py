"""The exchange and the reference engine, worked alike for 100 000 random operations."""

import importlib.util
import random
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

from core.market.market import FeeSchedule, Market
from core.sandbox.desk import Desk
from core.sandbox.engine import MatchingBook
from core.sandbox.errors import ApiError
from core.sandbox.exchange import Exchange
from core.sandbox.listings import Listing
from core.sandbox.market_life import SETTLEMENT_TIMER_MS, MarketLife
from core.sandbox.order_bodies import AmendBody, CreateBody, DecreaseBody
from core.sandbox.orders import CROWD, Order
from core.sandbox.publisher import Publisher
from core.units import MICROS_PER_DOLLAR, format_count, format_price


def load_reference() -> ModuleType:
    path = Path(__file__).with_name("reference_engine.py")
    spec = importlib.util.spec_from_file_location("reference_engine", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


reference = load_reference()
ReferenceOrder = Any

OPERATIONS = 100_000
FULL_CHECK_EVERY = 250
SETTLE_EVERY = 4_000
SEED = 20_261_120
T0 = 1_778_477_863_000
CASH = 10_000_000 * MICROS_PER_DOLLAR
FEES = ((7_000, 1_750), (3_500, 0), (0, 0))
SIDES = ("bid", "ask")
KEPT = 60
"""Orders an operation may choose from; older ones of them no longer rest as a rule."""


COMMON = (
    "create executed",
    "create canceled",
    "create resting",
    "create invalid_order",
    "create fill_or_kill_insufficient_resting_volume",
    "amend executed",
    "amend canceled",
    "amend resting",
    "amend invalid_order",
    "amend not_found",
    "cancel canceled",
    "cancel not_found",
    "decrease canceled",
    "decrease resting",
    "decrease invalid_order_size",
)


def contracts(lots: int) -> Decimal:
    return Decimal(lots).scaleb(-2)


def dollars(micros: int) -> Decimal:
    return Decimal(micros).scaleb(-6)


class Duel:
    """Both exchanges, four accounts and the crowd, three markets at a time."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.real = Exchange(Publisher(), 1, T0)
        self.desk, self.life = Desk(self.real), MarketLife(self.real)
        self.slow = reference.ReferenceExchange({})
        self.accounts = [self.real.open_account(CASH) for _ in range(4)]
        self.listings: list[Listing] = []
        self.orders: list[tuple[Order, ReferenceOrder]] = []
        self.all_orders: list[tuple[Order, ReferenceOrder]] = []
        self.seen: Counter[str] = Counter()
        for rates in FEES:
            self.open_market(rates)
        while not self.orders:
            self.create()

    def open_market(self, rates: tuple[int, int]) -> None:
        ticker = f"KXT-{len(self.real.listings):03d}"
        market = Market(ticker, "KXT", title=ticker, fees=FeeSchedule(*rates))
        self.listings.append(self.life.list_market(market, MatchingBook()))
        self.slow.rates[ticker] = tuple(Decimal(rate).scaleb(-5) for rate in rates)

    def step(self) -> None:
        """One random operation on both, compared at once."""
        known = len(self.slow.trades)
        kind = self.random.choices(
            (self.create, self.crowd, self.cancel, self.amend, self.decrease),
            (42, 20, 12, 18, 8),
        )[0]
        if kind in (self.create, self.crowd):
            real, slow = kind()
        else:
            real, slow = kind(*self.pick())
        assert real == slow
        self.seen[f"{kind.__name__} {real[0] if isinstance(real, tuple) else real}"] += 1
        self.compare_trades(self.slow.trades[known:])

    def create(self) -> tuple[Any, Any]:
        account, listing = self.random.choice(self.accounts), self.random.choice(self.listings)
        side, price, lots = self.draw()
        tif = self.random.choices(
            ("good_till_canceled", "immediate_or_cancel", "fill_or_kill"), (6, 2, 2)
        )[0]
        is_gtc = tif == "good_till_canceled"
        body = CreateBody(
            ticker=listing.ticker,
            side=SIDES[side],
            price=format_price(price),
            count=format_count(lots),
            time_in_force=tif,
            self_trade_prevention_type=self.random.choice(("taker_at_cross", "maker")),
            post_only=is_gtc and self.random.random() < 0.2,
            reduce_only=not is_gtc and self.random.random() < 0.5,
        )
        twin = self.twin(account.number, body)
        slow = self.outcome(lambda: self.slow.create(twin, body.reduce_only), twin)
        try:
            order = self.desk.create(account, body)
        except ApiError as error:
            return code(error), slow
        self.note(order, twin)
        return state(order), slow

    def crowd(self) -> tuple[Any, Any]:
        listing = self.random.choice(self.listings)
        side, price, lots = self.draw()
        tif = self.random.choice(("good_till_canceled", "immediate_or_cancel"))
        order = Order("", CROWD, listing.ticker, side, price, lots, lots, time_in_force=tif)
        effects = listing.book.place(order)
        self.real.carry_out(listing, effects)
        twin = reference.ReferenceOrder(
            CROWD, listing.ticker, SIDES[side], Decimal(price).scaleb(-4), contracts(lots), tif, ""
        )
        self.slow.create(twin)
        return contracts(order.filled_lots), twin.filled

    def cancel(self, order: Order, twin: ReferenceOrder) -> tuple[Any, Any]:
        account = self.real.accounts[order.owner]
        slow = self.outcome(lambda: self.slow.cancel(twin), twin)
        try:
            self.desk.cancel(account, order.order_id)
        except ApiError as error:
            return code(error), slow
        return state(order), slow

    def amend(self, order: Order, twin: ReferenceOrder) -> tuple[Any, Any]:
        price = self.draw()[1] if self.random.random() < 0.5 else order.price_pips
        lots = max(1, order.initial_lots + self.random.randrange(-400, 200))
        body = AmendBody(
            ticker=order.ticker,
            side=SIDES[order.side],
            price=format_price(price),
            count=format_count(lots),
        )
        exact = Decimal(price).scaleb(-4)
        slow = self.outcome(lambda: self.slow.amend(twin, exact, contracts(lots)), twin)
        try:
            self.desk.amend(self.real.accounts[order.owner], order.order_id, body)
        except ApiError as error:
            return code(error), slow
        return state(order), slow

    def decrease(self, order: Order, twin: ReferenceOrder) -> tuple[Any, Any]:
        lots = max(0, order.remaining_lots - self.random.randrange(-50, 500))
        body = DecreaseBody(reduce_to=format_count(lots))
        slow = self.outcome(lambda: self.slow.decrease(twin, contracts(lots)), twin)
        try:
            self.desk.decrease(self.real.accounts[order.owner], order.order_id, body)
        except ApiError as error:
            return code(error), slow
        return state(order), slow

    def pick(self) -> tuple[Order, ReferenceOrder]:
        """One of the last orders, most often one that rests."""
        for _ in range(4):
            picked = self.random.choice(self.orders)
            if picked[0].status == "resting":
                break
        return picked

    def draw(self) -> tuple[int, int, int]:
        """Side, price near one of few levels, and lots, whole contracts or not."""
        side = self.random.randrange(2)
        price = 100 * self.random.randrange(42, 56) + (200 if side else -200)
        lots = self.random.randrange(1, 2_000)
        return side, price, lots if self.random.random() < 0.5 else -(-lots // 100) * 100

    def twin(self, owner: int, body: CreateBody) -> ReferenceOrder:
        return reference.ReferenceOrder(
            owner,
            body.ticker,
            body.side,
            Decimal(body.price or "0"),
            Decimal(body.count or "0"),
            body.time_in_force,
            body.self_trade_prevention_type,
            body.post_only,
        )

    def outcome(self, action: Any, twin: ReferenceOrder) -> Any:  # noqa: ANN401
        try:
            action()
        except reference.RefusedError as error:
            return str(error)
        return twin.status, twin.count, twin.filled, twin.left

    def note(self, order: Order, twin: ReferenceOrder) -> None:
        self.all_orders.append((order, twin))
        self.orders = [*self.orders[-KEPT:], (order, twin)]

    def settle_one(self) -> None:
        """End the oldest market, pay it out, and open one of the same fees."""
        listing = self.listings.pop(0)
        result = self.random.choice(("yes", "no", "scalar"))
        value = {"yes": 10_000, "no": 0}.get(result, self.random.randrange(1, 10_000))
        self.life.determine(listing, result, value)
        self.real.advance(self.real.now_ms + SETTLEMENT_TIMER_MS)
        assert listing.status == "finalized"
        assert listing.open_interest_lots == 0
        self.slow.settle(listing.ticker, Decimal(value).scaleb(-4))
        self.open_market((listing.market.fees.taker_rate, listing.market.fees.maker_rate))

    # Comparisons.

    def compare_trades(self, trades: list[Any]) -> None:
        if trades:
            kept = self.real.listings[trades[0][0]].trades
            told = [
                (t.ticker, SIDES[t.taker_side], Decimal(t.price_pips).scaleb(-4), t.quantity_lots)
                for t in list(kept)[-len(trades) :]
            ]
            assert told == [(*trade[:3], int(trade[3] * 100)) for trade in trades]

    def compare_all(self) -> None:
        for listing in self.listings:
            self.compare_book(listing)
        for account in self.accounts:
            assert dollars(account.cash_micros - CASH) == self.slow.cash(account.number)
            for listing in self.listings:
                held = self.slow.positions[account.number, listing.ticker]
                assert contracts(account.lots(listing.ticker)) == held
        assert dollars(self.real.crowd.cash_micros) == self.slow.cash(CROWD)
        for order, twin in self.orders:
            self.compare_order(order, twin)

    def compare_book(self, listing: Listing) -> None:
        for side, levels in zip(SIDES, listing.book.levels(), strict=True):
            shown = [(Decimal(price).scaleb(-4), contracts(lots)) for price, lots in levels]
            assert shown == self.slow.levels(listing.ticker, side)
        interest = self.slow.open_interest(listing.ticker)
        assert contracts(listing.account_pairs_lots) == interest
        assert listing.open_interest_lots == listing.account_pairs_lots + listing.crowd_pairs_lots
        assert 0 <= listing.crowd_pairs_lots <= listing.volume_lots

    def compare_order(self, order: Order, twin: ReferenceOrder) -> None:
        assert state(order) == (twin.status, twin.count, twin.filled, twin.left)
        assert dollars(order.taker_cost_micros) == twin.taker_cost
        assert dollars(order.maker_cost_micros) == twin.maker_cost
        assert dollars(order.taker_fees_micros + order.maker_fees_micros) == twin.fees
        if order.status == "resting":
            book = self.real.listings[order.ticker].book
            assert contracts(book.queue_ahead_lots(order)) == self.slow.ahead(twin)


def state(order: Order) -> tuple[str, Decimal, Decimal, Decimal]:
    lots = (order.initial_lots, order.filled_lots, order.remaining_lots)
    return order.status, *map(contracts, lots)  # type: ignore[return-value]


def code(error: ApiError) -> str:
    body: Any = error.body
    return str(body["error"]["code"])


def test_agrees_with_the_reference_over_many_operations() -> None:
    duel = Duel(SEED)
    for number in range(OPERATIONS):
        duel.step()
        if number % SETTLE_EVERY == SETTLE_EVERY - 1:
            duel.settle_one()
        if number % FULL_CHECK_EVERY == 0:
            duel.compare_all()
    duel.compare_all()
    for order, twin in duel.all_orders:
        duel.compare_order(order, twin)
    assert len(duel.slow.trades) > OPERATIONS / 5
    rare = {outcome: duel.seen[outcome] for outcome in COMMON if duel.seen[outcome] < 150}
    assert not rare


def test_nothing_is_made_or_lost_while_ending_all_markets() -> None:
    """Every pair is paid one dollar: what all have left is what they had, less fees."""
    duel = Duel(SEED + 1)
    for _ in range(2_000):
        duel.step()
    while duel.listings[0].ticker < "KXT-003":
        duel.settle_one()
    fees = sum(p.fees_micros for a in duel.accounts for p in a.positions.values())
    assert fees > 0
    total = sum(account.cash_micros for account in duel.real.accounts.values())
    assert total == CASH * len(duel.accounts) - fees
    assert all(not p.lots for a in duel.accounts for p in a.positions.values())
