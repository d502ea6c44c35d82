"""Random recordings with random orders of two accounts: what must hold at every group's end."""

from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.kalshi.events import OrderReport
from core.market.books import Books
from core.market.events import BookDelta, BookDoubted, BookSnapshot, Trade
from core.market.market import Market
from core.sandbox.accounts import Account, FillRecord
from core.sandbox.commands import Session
from core.sandbox.exchange import Exchange
from core.sandbox.orders import Effects, Order
from core.sandbox.playback import Playback
from core.sandbox.publisher import Publisher
from core.trading.order_index import OrderIndex
from core.units import MICROS_PER_DOLLAR, PIPS_PER_DOLLAR, Side, parse_count, parse_price

T0 = 1_778_477_863_000
T = "KXT-26MAY11-A"
BID, ASK = Side.BID, Side.ASK
PRICES = tuple(range(1_000, 10_000, 1_000))
CHANNELS = '["orderbook_delta","trade","ticker","user_orders"]'
Sink = Any  # the class stands in conftest.py, which no test can import
Levels = tuple[dict[int, int], dict[int, int]]

LOTS = st.integers(1, 300)
BOOKS = st.tuples(
    st.integers(0, 9), st.dictionaries(st.sampled_from(PRICES), LOTS, max_size=6)
).map(
    lambda drawn: (
        {price: lots for price, lots in drawn[1].items() if price < drawn[0] * 1_000},
        {price: lots for price, lots in drawn[1].items() if price >= drawn[0] * 1_000},
    )
)


class Act(NamedTuple):
    """Something an account does between two groups."""

    name: str
    side: int
    price: int
    lots: int
    who: int
    time_in_force: str
    self_trade: str
    which: int


class Group(NamedTuple):
    """One instant of the recording; the deltas that lead to its book in some order."""

    kind: str
    target: Levels
    trades: list[tuple[int, int, int]]
    order: int


ACTS = st.builds(
    Act,
    st.sampled_from(["place", "place", "cancel", "replace", "reduce"]),
    st.integers(0, 1),
    st.sampled_from(PRICES),
    LOTS,
    st.integers(0, 1),
    st.sampled_from(["good_till_canceled", "good_till_canceled", "immediate_or_cancel"]),
    st.sampled_from(["taker_at_cross", "maker"]),
    st.integers(0, 9),
)
GROUPS = st.builds(
    Group,
    st.sampled_from(["deltas"] * 6 + ["snapshot", "doubt"]),
    BOOKS,
    st.lists(st.tuples(st.integers(0, 1), st.sampled_from(PRICES), LOTS), max_size=2),
    st.integers(0, 99),
)
RUNS = st.lists(st.tuples(GROUPS, st.lists(ACTS, max_size=3)), min_size=1, max_size=10)


class Client:
    """What somebody makes of his messages, with the console's own books and orders."""

    def __init__(self, exchange: Exchange, account: Account, sink: Sink) -> None:
        self.sink = sink
        self.books = Books()
        self.index = OrderIndex()
        self.public: set[str] = set()
        self.quotes: tuple[str, str] | None = None
        session = Session(exchange, exchange.publisher, sink, account.number)
        session.receive(
            f'{{"id":1,"cmd":"subscribe","params":{{"channels":{CHANNELS},'
            f'"market_ticker":"{T}","use_yes_price":true}}}}'
        )

    def hear(self, now_ms: int) -> None:
        for message in self.sink.take():
            self._take(message["type"], message.get("msg", {}), now_ms)
        assert self.books.end_group() == []
        self.index.end_group(self.books, now_ms)

    def _take(self, kind: str, msg: dict[str, Any], now_ms: int) -> None:
        if kind == "orderbook_snapshot":
            sides = (msg.get(f"{side}_dollars_fp", ()) for side in ("yes", "no"))
            bids, asks = (tuple((parse_price(p), parse_count(n)) for p, n in s) for s in sides)
            book = self.books.apply_snapshot(BookSnapshot(T, bids, asks))
            self.index.on_snapshot(book, now_ms)
        elif kind == "orderbook_delta":
            self._delta(msg)
        elif kind == "user_order":
            self._report(msg)
        elif kind == "trade":
            self.public.add(msg["trade_id"])
        elif kind == "ticker":
            self.quotes = (msg["yes_bid_size_fp"], msg["yes_ask_size_fp"])

    def _delta(self, msg: dict[str, Any]) -> None:
        name = msg.get("client_order_id")
        price, lots = parse_price(msg["price_dollars"]), parse_count(msg["delta_fp"])
        delta = BookDelta(
            T, int(msg["side"] == "no"), price, lots, msg["ts_ms"], client_order_id=name
        )
        assert self.books.apply_delta(delta) is None
        book = self.books.get(T)
        assert book is not None
        self.index.on_delta(delta, book)

    def _report(self, msg: dict[str, Any]) -> None:
        report = OrderReport(
            msg["order_id"],
            msg["client_order_id"],
            T,
            int(msg["book_side"] == "ask"),
            parse_price(msg["yes_price_dollars"]),
            parse_count(msg["initial_count_fp"]),
            parse_count(msg["fill_count_fp"]),
            parse_count(msg["remaining_count_fp"]),
            msg["status"],
            ts_ms=msg["last_updated_ts_ms"],
        )
        order = self.index.adopt(report)
        order.take_report(report)
        self.index.show(order, report)

    def displayed(self, side: int) -> dict[int, int]:
        book = self.books.get(T)
        return dict(book.displayed(side)) if book else {}

    def net(self, side: int) -> dict[int, int]:
        book = self.books.get(T)
        return dict(book.net(side)) if book else {}


class Stage:
    """An exchange that plays a made-up recording, its two traders and a listener."""

    def __init__(self, new_sink: Callable[[], Any]) -> None:
        self.exchange = Exchange(Publisher(), 1, T0)
        self.playback = Playback(self.exchange, {T: Market(T, "KXT-26MAY11", title="T")})
        self.truth: Levels = ({}, {})
        self.playback.apply(BookSnapshot(T, (), (), ts_ms=T0))
        self.listing = self.exchange.listings[T]
        self.book = self.listing.book
        cash = 1_000_000 * MICROS_PER_DOLLAR
        self.traders = [self.exchange.open_account(cash) for _ in range(2)]
        everyone = [*self.traders, self.exchange.open_account(0)]
        self.clients = [Client(self.exchange, a, new_sink()) for a in everyone]
        self.budget: Counter[tuple[int, int]] = Counter()
        self.consumed: Counter[tuple[int, int]] = Counter()
        self.traded: dict[str, Trade] = {}
        self.seen = [0, 0]
        self.count = 0

    # What happens.

    def play(self, group: Group) -> None:
        now_ms = self.exchange.now_ms + 10
        self.exchange.advance(now_ms)
        self.consumed.clear()
        if group.kind == "doubt":
            self.playback.apply(BookDoubted(T, "lost", now_ms))
            for client in self.clients:
                client.books.doubt(T)
        elif group.kind == "snapshot":
            bids, asks = (tuple(sorted(side.items())) for side in group.target)
            self.playback.apply(BookSnapshot(T, bids, asks, ts_ms=now_ms))
            self.truth = group.target
            self.budget = Counter(
                {(s, p): n for s, levels in enumerate(group.target) for p, n in levels.items()}
            )
        else:
            self._play_deltas(group, now_ms)
        self.playback.end_group(now_ms)

    def _play_deltas(self, group: Group, now_ms: int) -> None:
        for number, (taker_side, price, lots) in enumerate(group.trades):
            trade = Trade(f"{now_ms}-{number}", T, price, lots, taker_side, now_ms)
            self.traded[trade.trade_id] = trade
            self.consumed[1 - taker_side, price] += lots
            self.playback.apply(trade)
        if self.book.is_doubted:
            return
        steps = [
            (side, price, group.target[side].get(price, 0) - self.truth[side].get(price, 0))
            for side in (BID, ASK)
            for price in PRICES
        ]
        steps.sort(key=lambda step: (step[1] * 7 + step[0] * 31 + group.order * 13) % 101)
        for side, price, lots in steps:
            if lots:
                self.playback.apply(BookDelta(T, side, price, lots, now_ms))
                self.consumed[side, price] += min(0, lots)
                left = self.budget[side, price] + lots
                after = group.target[side].get(price, 0)
                self.budget[side, price] = left if lots > 0 else min(left - lots, after)
        self.truth = group.target

    def act(self, act: Act) -> None:
        account = self.traders[act.who]
        resting = [o for o in self.book.resting() if o.owner == account.number]
        if act.name == "place":
            self._place(account, act)
        elif resting:
            self._change(resting[act.which % len(resting)], act)

    def _place(self, account: Account, act: Act) -> None:
        self.count += 1
        order = Order(
            f"order-{self.count}",
            account.number,
            T,
            act.side,
            act.price,
            act.lots,
            act.lots,
            f"actor-x-{self.count}",
            act.time_in_force,  # type: ignore[arg-type]
            act.self_trade,  # type: ignore[arg-type]
        )
        self.exchange.track(order)
        crosses = self.book.crosses(order)
        could_fill = self.book.fillable_lots(order)
        effects = self.book.place(order)
        assert order.filled_lots == could_fill
        assert crosses or not effects.matches
        if effects.is_cut or (order.remaining_lots and act.time_in_force != "good_till_canceled"):
            order.end("")
        self.exchange.carry_out(self.listing, effects, [order])

    def _change(self, order: Order, act: Act) -> None:
        if act.name == "cancel":
            self.exchange.withdraw(self.listing, order, "")
            return
        if act.name == "reduce":
            effects: Effects = self.book.reduce(order, max(1, order.remaining_lots // 2))
        else:
            effects = self.book.replace(order, act.price, act.lots)
        if effects.is_cut:
            order.end("SelfTradeCancel")
        self.exchange.carry_out(self.listing, effects, [order])

    # What must hold.

    def check(self) -> None:
        for client in self.clients:
            client.hear(self.exchange.now_ms)
        self._check_fills()
        self._check_display()
        self._check_money()

    def _check_fills(self) -> None:
        public = self.clients[-1].public - self.traded.keys()
        fresh = [f for n, a in zip(self.seen, self.traders, strict=True) for f in list(a.fills)[n:]]
        self.seen = [len(account.fills) for account in self.traders]
        for fill in sorted(fresh, key=lambda fill: fill.serial):
            if fill.trade_id in self.traded:
                self._spend_trade(fill)
            elif fill.trade_id not in public:
                self._spend_shown(fill)

    def _spend_trade(self, fill: FillRecord) -> None:
        trade = self.traded[fill.trade_id]
        assert fill.order.side != trade.taker_side
        assert not fill.is_taker
        sign = 1 if fill.order.side == BID else -1
        assert trade.price_pips * sign <= fill.price_pips * sign
        left = trade.quantity_lots - fill.quantity_lots
        assert left >= 0
        self.traded[fill.trade_id] = Trade(
            trade.trade_id, T, trade.price_pips, left, trade.taker_side, trade.ts_ms
        )

    def _spend_shown(self, fill: FillRecord) -> None:
        side = 1 - fill.order.side
        if fill.is_taker:
            prices = [fill.price_pips]
        else:
            sign = 1 if side == ASK else -1
            shown = [p for p in self.truth[side] if p * sign <= fill.price_pips * sign]
            prices = sorted(shown, key=sign.__mul__)
        left = fill.quantity_lots
        for price in prices:
            kept = 0 if fill.is_taker else max(0, self.consumed[side, price])
            lots = max(0, min(left, self.budget[side, price] - kept))
            self.budget[side, price] -= lots
            left -= lots
        assert left == 0

    def _check_display(self) -> None:
        levels = tuple(dict(side) for side in self.book.levels())
        assert not levels[BID] or not levels[ASK] or max(levels[BID]) < min(levels[ASK])
        for side in (BID, ASK):
            best = (max if side == BID else min)(levels[side], default=None)
            assert self.book.best(side) == (None if best is None else (best, levels[side][best]))
        own = [self._displayed_of(account) for account in self.traders]
        for side in (BID, ASK):
            ours = own[0][side] + own[1][side]
            assert Counter(levels[side]) == Counter(self.truth[side]) + ours
            if not self.book.is_doubted:
                for client in self.clients:
                    assert client.displayed(side) == levels[side]
                for client, mine in zip(self.clients, own, strict=False):
                    assert Counter(client.net(side)) == Counter(levels[side]) - mine[side]
        self._check_quotes(levels)

    def _displayed_of(self, account: Account) -> tuple[Counter[int], Counter[int]]:
        shown: tuple[Counter[int], Counter[int]] = (Counter(), Counter())
        for order in self.book.resting():
            others = self.truth[1 - order.side]
            sign = 1 if order.side == BID else -1
            is_hidden = any(price * sign <= order.price_pips * sign for price in others)
            ahead = self.book.queue_ahead_lots(order)
            displayed = dict(self.book.levels()[order.side]).get(order.price_pips, 0)
            assert 0 <= ahead <= displayed - (0 if is_hidden else order.remaining_lots)
            if order.owner == account.number and not is_hidden:
                shown[order.side][order.price_pips] += order.remaining_lots
        return shown

    def _check_quotes(self, levels: tuple[dict[int, int], ...]) -> None:
        quotes = self.clients[-1].quotes
        if quotes is None or self.book.is_doubted:
            return
        bid, ask = self.book.best(BID), self.book.best(ASK)
        assert tuple(map(parse_count, quotes)) == (bid[1] if bid else 0, ask[1] if ask else 0)

    def _check_money(self) -> None:
        everyone = list(self.exchange.accounts.values())
        positions = [a.positions[T] for a in everyone if T in a.positions]
        assert sum(position.lots for position in positions) == 0
        pairs = sum(max(0, position.lots) for position in positions)
        fees = sum(position.fees_micros for position in positions)
        cash = sum(account.cash_micros for account in everyone)
        assert cash + fees + pairs * PIPS_PER_DOLLAR == 2_000_000 * MICROS_PER_DOLLAR
        for order in self.book.resting():
            assert order.status == "resting"
            assert order.remaining_lots > 0


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # it only makes sinks
)
@given(data=st.data())
def test_any_recording_with_any_orders(data: st.DataObject, new_sink: Callable[[], Any]) -> None:
    stage = Stage(new_sink)
    for group, acts in data.draw(RUNS):
        stage.play(group)
        stage.check()
        for act in acts:
            stage.act(act)
            stage.check()
