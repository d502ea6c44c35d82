from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

import pytest

from core.market.events import BookDelta, BookDoubted, BookSnapshot, MarketChanged, Trade
from core.market.market import Market
from core.sandbox.commands import Session
from core.sandbox.desk import Desk
from core.sandbox.exchange import Exchange
from core.sandbox.order_bodies import CreateBody
from core.sandbox.orders import Order
from core.sandbox.publisher import Publisher
from core.sandbox.recorded_source import RecordedSource
from core.sandbox.rules import DEFAULT_RULES, ExchangeRules
from core.storage.importing import read_session
from core.storage.recorded_session import RecordedSession
from core.units import MICROS_PER_DOLLAR, PIPS_PER_DOLLAR, Side, format_price

Sink = Any  # the class stands in conftest.py, which no test can import
SinkOf = Callable[[], Any]
SessionOf = Callable[..., Any]
T0 = 1_778_477_863_000
A, B = "KXT-26MAY11-A", "KXT-26MAY11-B"


class Stage:
    """A source on an exchange with one account, stepped by hand."""

    def __init__(self, source: RecordedSource, rules: ExchangeRules = DEFAULT_RULES) -> None:
        self.exchange = Exchange(Publisher(), 1, source.start_ms, rules)
        self.source = source
        source.open(self.exchange)
        self.account = self.exchange.open_account(1_000_000 * MICROS_PER_DOLLAR)
        self.desk = Desk(self.exchange)

    def play(self, until_ms: int = 10**15) -> None:
        while (now_ms := self.source.next_ms()) is not None and now_ms <= until_ms:
            self.exchange.advance(now_ms)
            self.source.take()

    def place(self, ticker: str, side: str, price: str, count: str = "1.00") -> Order:
        body = CreateBody(
            ticker=ticker,
            side=side,
            count=count,
            price=price,
            time_in_force="good_till_canceled",
            self_trade_prevention_type="maker",
        )
        return self.desk.create(self.account, body)


def book(ticker: str = A, ts: int = 0) -> BookSnapshot:
    return BookSnapshot(ticker, ((4_000, 1_000),), ((6_000, 1_000),), ts_ms=T0 + ts)


def test_markets_become_known_with_their_first_snapshot(
    session_of: SessionOf, market: Callable[..., Market]
) -> None:
    late = "KXT-26MAY11-C"
    events = [book(), book(B, 50), BookDelta(A, Side.BID, 4_000, 1, T0 + 60), book(late, 70)]
    stage = Stage(RecordedSource([session_of(events, markets=[market(A), market(B)])]))
    assert list(stage.exchange.listings) == [A, B]
    assert stage.exchange.now_ms == T0 + 50
    stage.play()
    assert list(stage.exchange.listings) == [A, B, late]


def test_only_leading_snapshots_are_taken_before_the_start(
    session_of: SessionOf, sink: Sink
) -> None:
    events = [book(), BookDelta(A, Side.BID, 4_000, 5, T0), BookDelta(A, Side.BID, 4_000, 5, T0)]
    stage = Stage(RecordedSource([session_of(events)]))
    session = Session(stage.exchange, stage.exchange.publisher, sink, stage.account.number)
    session.receive(
        '{"id":1,"cmd":"subscribe","params":'
        f'{{"channels":["orderbook_delta"],"market_ticker":"{A}"}}}}'
    )
    stage.play()
    assert [m.get("seq") for m in sink.take()] == [None, 1, 2, 3]


def test_recorded_trade_fills_and_keeps_its_id(session_of: SessionOf, sink: Sink) -> None:
    events = [
        book(),
        Trade("recorded", A, 4_000, 1_050, Side.ASK, T0 + 10),
        BookDelta(A, Side.BID, 4_000, -1_000, T0 + 10),
    ]
    stage = Stage(RecordedSource([session_of(events)]))
    session = Session(stage.exchange, stage.exchange.publisher, sink, stage.account.number)
    session.receive('{"id":1,"cmd":"subscribe","params":{"channels":["trade","fill"]}}')
    order = stage.place(A, "bid", "0.4000")
    stage.play()
    assert order.filled_lots == 50
    trades = [m["msg"] for m in sink.messages if m["type"] == "trade"]
    fills = [m["msg"] for m in sink.messages if m["type"] == "fill"]
    assert [t["trade_id"] for t in trades] == [f["trade_id"] for f in fills] == ["recorded"]
    assert trades[0]["count_fp"] == "10.50"
    assert fills[0]["count_fp"] == "0.50"
    assert not fills[0]["is_taker"]


@pytest.mark.parametrize(("rule", "ahead"), [("pro_rata", 750), ("behind", 1_000)])
def test_exchange_rule_says_whom_a_cancel_strikes(
    session_of: SessionOf, rule: Literal["pro_rata", "behind"], ahead: int
) -> None:
    events = [
        book(),
        BookDelta(A, Side.BID, 4_000, 1_000, T0 + 10),
        BookDelta(A, Side.BID, 4_000, -500, T0 + 20),
    ]
    stage = Stage(RecordedSource([session_of(events)]), ExchangeRules(cancels_ahead=rule))
    order = stage.place(A, "bid", "0.4000")
    stage.play()
    assert stage.exchange.listings[A].book.queue_ahead_lots(order) == ahead


def test_without_trades_only_a_crossing_fills(session_of: SessionOf) -> None:
    """The queue may vanish altogether: nobody is known to have sold."""
    events = [
        book(),
        BookDelta(A, Side.BID, 4_000, -1_000, T0 + 10),
        BookDelta(A, Side.ASK, 4_100, 50, T0 + 20),
        BookDelta(A, Side.ASK, 4_000, 10, T0 + 30),
    ]
    stage = Stage(RecordedSource([session_of(events, trades="none")]))
    order = stage.place(A, "bid", "0.4000")
    stage.play(T0 + 25)
    assert (order.filled_lots, order.status) == (0, "resting")
    stage.play()
    assert (order.filled_lots, order.status) == (10, "resting")


def test_own_orders_leave_the_replay_as_it_is(session_of: SessionOf, new_sink: SinkOf) -> None:
    """What another account hears of the recording is the same with our orders and without."""
    events = [
        book(),
        Trade("one", A, 4_000, 400, Side.ASK, T0 + 10),
        BookDelta(A, Side.BID, 4_000, -400, T0 + 10),
        BookDelta(A, Side.ASK, 5_900, 300, T0 + 20),
        Trade("two", A, 5_900, 300, Side.BID, T0 + 30),
        BookDelta(A, Side.ASK, 5_900, -300, T0 + 30),
    ]
    heard = [heard_by_another(session_of(events), new_sink(), acts) for acts in (False, True)]
    ours = [m for m in heard[1] if m not in heard[0]]
    assert [m for m in heard[1] if m in heard[0]] == heard[0]
    lots = Counter((m["side"], m["price_dollars"], m["delta_fp"]) for m in ours)
    assert lots == {("yes", "0.4000", "2.00"): 1, ("yes", "0.4000", "-2.00"): 1}


def heard_by_another(session: RecordedSession, sink: Sink, acts: bool) -> list[dict[str, Any]]:
    """Deltas and trades; the actor rests, takes all that is shown, and cancels."""
    stage = Stage(RecordedSource([session]))
    other = stage.exchange.open_account(0)
    listener = Session(stage.exchange, stage.exchange.publisher, sink, other.number)
    listener.receive(
        '{"id":1,"cmd":"subscribe","params":'
        f'{{"channels":["orderbook_delta","trade"],"market_ticker":"{A}"}}}}'
    )
    sink.take()
    resting = stage.place(A, "bid", "0.4000", "2.00") if acts else None
    stage.play(T0 + 20)
    if resting:
        assert stage.place(A, "bid", "0.5900", "3.00").filled_lots == 300
        stage.desk.cancel(stage.account, resting.order_id)
    stage.play()
    return [m["msg"] for m in sink.take() if m["type"] in ("orderbook_delta", "trade")]


def test_crossing_is_judged_at_the_end_of_the_group(session_of: SessionOf) -> None:
    events = [
        book(),
        BookDelta(A, Side.ASK, 5_000, 10, T0 + 10),
        BookDelta(A, Side.ASK, 5_000, -10, T0 + 10),
        BookDelta(A, Side.ASK, 5_500, 100, T0 + 20),
    ]
    stage = Stage(RecordedSource([session_of(events, trades="none")]))
    low, high = stage.place(A, "bid", "0.5000"), stage.place(A, "bid", "0.5500")
    stage.play(T0 + 10)
    assert (low.filled_lots, high.filled_lots) == (0, 0)
    stage.play()
    assert (low.filled_lots, high.filled_lots) == (0, 100)
    assert high.maker_cost_micros == 5_500 * 100


def test_doubted_book_ignores_deltas_until_its_snapshot(session_of: SessionOf) -> None:
    events = [
        book(),
        BookDoubted(A, "gap", T0 + 10),
        BookDelta(A, Side.BID, 4_000, -999, T0 + 11),
        book(ts=20),
    ]
    stage = Stage(RecordedSource([session_of(events)]))
    stage.play(T0 + 15)
    assert stage.exchange.listings[A].book.is_doubted
    stage.play()
    assert stage.exchange.listings[A].book.best(Side.BID) == (4_000, 1_000)


def test_lifecycle_of_the_recording_is_followed(session_of: SessionOf) -> None:
    events = [
        book(),
        BookDelta(A, Side.BID, 4_000, 1, T0 + 10),
        MarketChanged(A, "closed"),
        MarketChanged(A, "determined", "no"),
        BookDelta(A, Side.BID, 4_000, 1, T0 + 30),
        MarketChanged(A, "settled"),
        MarketChanged("KXUNKNOWN", "closed"),
    ]
    stage = Stage(RecordedSource([session_of(events)]))
    stage.play(T0 + 10)
    listing = stage.exchange.listings[A]
    assert (listing.status, listing.result) == ("determined", "no")
    stage.play()
    assert listing.status == "finalized"


def test_several_sessions_play_in_order_of_time(
    session_of: SessionOf, market: Callable[..., Market]
) -> None:
    late = session_of([book(B, 500)], markets=[market(B)], end_ms=500)
    early = session_of([book()], trades="none", end_ms=100)
    source = RecordedSource([late, early])
    assert (source.end_ms, source.trades) == (T0 + 500, "mixed")
    stage = Stage(source)
    stage.play()
    assert list(stage.exchange.listings) == [A, B]


def test_own_orders_never_change_or_cross_a_real_recording(recordings: Path, sink: Sink) -> None:
    """Displayed minus own equals the file's own replay, and never crosses because of us."""
    path = sorted((recordings / "public" / "kxbtc15m-ws").glob("kxbtc15m-*.jsonl.gz"))[0]
    session = read_session(path)
    stage = Stage(RecordedSource([session]))
    truth: dict[tuple[str, int, int], int] = Counter()
    placed: list[Order] = []
    for number, event in enumerate(session.events[:20_000]):
        follow(truth, event)
        if number % 500 == 0 and number:
            stage.play(event.ts_ms - 1)  # type: ignore[union-attr]
            act(stage, placed, number)
    last_ms = session.events[19_999].ts_ms  # type: ignore[union-attr]
    truth.clear()
    for event in session.events:
        if not isinstance(event, MarketChanged) and event.ts_ms <= last_ms:
            follow(truth, event)
    stage.play(last_ms)
    assert any(order.filled_lots for order in placed)
    for ticker, listing in stage.exchange.listings.items():
        shown = Counter()
        for side, levels in enumerate(listing.book.levels()):
            shown.update({(ticker, side, price): lots for price, lots in levels})
        expected = {key: lots for key, lots in truth.items() if key[0] == ticker and lots}
        for order in listing.book.resting():
            if not is_reached(order, expected):
                shown[ticker, order.side, order.price_pips] -= order.remaining_lots
        assert {key: lots for key, lots in shown.items() if lots} == expected
        bids, asks = listing.book.levels()
        assert not bids or not asks or bids[-1][0] < asks[0][0]
    check_money(stage)


def is_reached(order: Order, truth: Mapping[tuple[str, int, int], int]) -> bool:
    """True if the recorded other side shows the order's price or better, which hides it."""
    sign = 1 if order.side == Side.BID else -1
    others = (price for _, side, price in truth if side != order.side)
    return any(price * sign <= order.price_pips * sign for price in others)


def check_money(stage: Stage) -> None:
    """What all have, the other side of every fill included, is what they had, less fees."""
    everyone = list(stage.exchange.accounts.values())
    pairs = fees = 0
    for ticker, listing in stage.exchange.listings.items():
        positions = [a.positions[ticker] for a in everyone if ticker in a.positions]
        assert sum(position.lots for position in positions) == 0
        held = sum(max(0, position.lots) for position in positions)
        assert listing.account_pairs_lots == held
        assert listing.open_interest_lots == held + listing.crowd_pairs_lots
        pairs += held
        fees += sum(position.fees_micros for position in positions)
    assert fees > 0
    cash = sum(account.cash_micros for account in everyone)
    assert cash + fees + pairs * PIPS_PER_DOLLAR == 1_000_000 * MICROS_PER_DOLLAR


def follow(truth: dict[tuple[str, int, int], int], event: object) -> None:
    """Replay one event the plain way."""
    match event:
        case BookSnapshot():
            for key in [key for key in truth if key[0] == event.ticker]:
                del truth[key]
            for side, levels in enumerate((event.bids, event.asks)):
                for price, lots in levels:
                    truth[event.ticker, side, price] = lots
        case BookDelta():
            truth[event.ticker, event.side, event.price_pips] += event.delta_lots


def act(stage: Stage, placed: list[Order], number: int) -> None:
    """Join or improve the best of one side, or take, in turn."""
    for ticker, listing in stage.exchange.listings.items():
        best = listing.book.best(number // 500 % 2)
        if best is None or not listing.ticks.is_tradable(best[0]):
            continue
        side = ("bid", "ask")[number // 1_000 % 2]
        if listing.status == "active":
            placed.append(stage.place(ticker, side, format_price(best[0])))
