"""The generated flow as a whole: its order, its life of events, its activity."""

from collections import Counter
from dataclasses import replace

import pytest

from core.sandbox.engine import MatchingBook
from core.sandbox.flow import (
    AnnounceMarket,
    CancelOrder,
    CloseMarket,
    FlowAction,
    GeneratedFlow,
    OpenMarket,
    PlaceOrder,
    SettleMarket,
)
from core.sandbox.flow_profile import FlowProfile
from core.sandbox.flow_profiles import FAST_CRYPTO, SLOW_INDEX
from core.sandbox.orders import Order
from core.units import Side

START_MS = 1_795_166_400_000
MINUTE_MS = 60_000

Timed = tuple[int, FlowAction]


def drawn(
    seed: int, minutes: float, markets: int = 6, profile: FlowProfile = FAST_CRYPTO
) -> list[Timed]:
    flow = GeneratedFlow(seed, markets, START_MS, profile)
    actions: list[Timed] = []
    while (ts_ms := flow.next_ms()) < START_MS + minutes * MINUTE_MS:
        actions += ((ts_ms, action) for action in flow.take())
    return actions


@pytest.fixture(scope="module")
def event_life() -> list[Timed]:
    """Sixteen minutes: a whole event and the start of the next."""
    return drawn(seed=7, minutes=16)


@pytest.fixture(scope="module")
def session_day() -> list[Timed]:
    """A whole event of the slow profile and the start of the next."""
    return drawn(seed=7, minutes=392, markets=7, profile=SLOW_INDEX)


@pytest.mark.parametrize("profile", [FAST_CRYPTO, SLOW_INDEX], ids=lambda profile: profile.name)
def test_one_seed_gives_one_flow(profile: FlowProfile) -> None:
    one, same, other = (drawn(seed, 0.5, profile=profile) for seed in (3, 3, 4))
    assert one == same
    assert one != other


def test_time_rises_and_every_instant_has_actions() -> None:
    flow = GeneratedFlow(1, 3, START_MS)
    before_ms = 0
    for _ in range(2_000):
        now_ms = flow.next_ms()
        assert now_ms > before_ms
        assert flow.next_ms() == now_ms
        assert flow.take()
        before_ms = now_ms


def test_every_market_opens_closes_and_settles_once(event_life: list[Timed]) -> None:
    life: dict[str, list[tuple[int, str]]] = {}
    for ts_ms, action in event_life:
        second = (ts_ms - START_MS) // 1_000
        if isinstance(action, AnnounceMarket):
            life.setdefault(action.market.ticker, []).append((second, "announce"))
        elif isinstance(action, OpenMarket):
            life.setdefault(action.market.ticker, []).append((second, "open"))
        elif isinstance(action, CloseMarket):
            life[action.ticker].append((second, "close"))
        elif isinstance(action, SettleMarket):
            life[action.ticker].append((second, "settle"))
    first, second = list(life.values())[:6], list(life.values())[6:]
    assert first == [[(0, "open"), (900, "close"), (910, "settle")]] * 6
    assert second == [[(839, "announce"), (870, "open")]] * 6


@pytest.mark.parametrize("profile", [FAST_CRYPTO, SLOW_INDEX], ids=lambda profile: profile.name)
def test_later_events_are_announced_in_time_and_before_all_else(
    profile: FlowProfile, event_life: list[Timed], session_day: list[Timed]
) -> None:
    timed = event_life if profile is FAST_CRYPTO else session_day
    announced = {a.market: ts for ts, a in timed if isinstance(a, AnnounceMarket)}
    opened = {a.market: ts for ts, a in timed if isinstance(a, OpenMarket)}
    first_ms = min(opened.values())
    assert set(announced) == {market for market, ts in opened.items() if ts != first_ms}
    for market, ts_ms in announced.items():
        assert market.open_ms == opened[market]
        ahead_ms = opened[market] - ts_ms
        assert profile.announce_ms <= ahead_ms <= profile.announce_ms + 5 * profile.step_ms


def test_what_is_drawn_ahead_is_what_would_have_come() -> None:
    for_long = drawn(seed=5, minutes=3)
    profile = replace(FAST_CRYPTO, announce_ms=0)
    assert for_long == drawn(seed=5, minutes=3, profile=profile)


def test_nothing_names_a_market_that_is_not_trading(event_life: list[Timed]) -> None:
    trading: set[str] = set()
    for _, action in event_life:
        if isinstance(action, OpenMarket):
            trading.add(action.market.ticker)
        elif isinstance(action, CloseMarket):
            trading.remove(action.ticker)
        elif isinstance(action, PlaceOrder):
            assert action.ticker in trading


def test_orders_are_on_the_grid_and_keys_are_unique(event_life: list[Timed]) -> None:
    markets = {a.market.ticker: a.market for _, a in event_life if isinstance(a, OpenMarket)}
    ticks = {ticker: market.ticks() for ticker, market in markets.items()}
    placed = [action for _, action in event_life if isinstance(action, PlaceOrder)]
    assert all(ticks[order.ticker].is_tradable(order.price_pips) for order in placed)
    assert all(order.quantity_lots > 0 for order in placed)
    keys = [order.key for order in placed]
    assert len(set(keys)) == len(keys)
    known: set[int] = set()
    for _, action in event_life:
        if isinstance(action, PlaceOrder):
            known.add(action.key)
        elif isinstance(action, CancelOrder):
            known.remove(action.key)


def test_strikes_agree_on_one_outcome(event_life: list[Timed]) -> None:
    results = [action.result for _, action in event_life if isinstance(action, SettleMarket)]
    assert results == sorted(results, reverse=True)
    assert set(results) <= {"yes", "no"}


def test_known_markets_grow_with_the_events() -> None:
    flow = GeneratedFlow(1, 4, START_MS)
    assert len(flow.markets()) == 4
    while flow.next_ms() < START_MS + 15 * MINUTE_MS:
        flow.take()
    markets = flow.markets()
    assert len({market.ticker for market in markets}) == 8
    assert markets[4].close_ms - markets[0].close_ms == 15 * MINUTE_MS
    assert markets[0].series_ticker == "KXDEMOIDX15M"


def test_ranges_pay_exactly_once_and_trade_whole_cents(session_day: list[Timed]) -> None:
    results = [action.result for _, action in session_day if isinstance(action, SettleMarket)]
    assert sorted(results) == ["no"] * 6 + ["yes"]
    placed = [action for _, action in session_day if isinstance(action, PlaceOrder)]
    assert all(order.price_pips % 100 == order.quantity_lots % 100 == 0 for order in placed)
    opened = [(ts, a) for ts, a in session_day if isinstance(a, OpenMarket)]
    closed = [ts for ts, action in session_day if isinstance(action, CloseMarket)]
    assert [ts for ts, _ in opened[7:]] == [closed[0] - 600_000] * 7


def test_rates_differ_hundredfold_between_strikes(session_day: list[Timed]) -> None:
    for actions, strikes in ((drawn(seed=7, minutes=14, markets=8), 8), (session_day, 7)):
        opened_ms = {a.market.ticker: ts for ts, a in actions if isinstance(a, OpenMarket)}
        first = list(opened_ms)[:strikes]
        counts = Counter(
            action.ticker
            for ts, action in actions
            if isinstance(action, PlaceOrder) and ts > opened_ms[action.ticker]
        )
        rates = sorted(counts[ticker] for ticker in first)
        assert rates[-1] > 100 * max(1, rates[0])


def test_activity_is_lively_uneven_and_bursty(event_life: list[Timed]) -> None:
    trading = [(ts, a) for ts, a in event_life if ts > START_MS and isinstance(a, PlaceOrder)]
    by_market = Counter(action.ticker for _, action in trading)
    counts = sorted(by_market.values())
    assert counts[-1] > 100 * counts[0]
    seconds = Counter((ts - START_MS) // 1_000 for ts, _ in event_life if ts > START_MS)
    per_second = [seconds[second] for second in range(960)]
    mean = sum(per_second) / len(per_second)
    assert 60 < mean < 500
    variance = sum((count - mean) ** 2 for count in per_second) / len(per_second)
    assert variance / mean > 10


def test_books_it_makes_are_coherent() -> None:
    books: dict[str, MatchingBook] = {}
    resting: dict[int, Order] = {}
    traded = cancelled = 0
    for _, action in drawn(seed=11, minutes=3):
        if isinstance(action, OpenMarket):
            books[action.market.ticker] = MatchingBook()
        elif isinstance(action, PlaceOrder):
            order = _order(action)
            matches = books[action.ticker].place(order).matches
            traded += sum(match.quantity_lots for match in matches)
            if order.remaining_lots and not action.immediate:
                resting[action.key] = order
        elif isinstance(action, CancelOrder):
            order = resting.pop(action.key)
            cancelled += order.remaining_lots
            if order.remaining_lots:
                books[order.ticker].cancel(order)
    assert 0 < traded < cancelled / 5
    best = [(book.best(Side.BID), book.best(Side.ASK)) for book in books.values()]
    assert all(bid is None or ask is None or bid[0] < ask[0] for bid, ask in best)
    bids = [bid[0] for bid, _ in best if bid]
    assert bids == sorted(bids, reverse=True)
    depths = [len(levels) for book in books.values() for levels in book.levels()]
    assert max(depths) >= 15


def _order(action: PlaceOrder) -> Order:
    return Order(
        order_id=str(action.key),
        owner=0,
        ticker=action.ticker,
        side=action.side,
        price_pips=action.price_pips,
        initial_lots=action.quantity_lots,
        remaining_lots=action.quantity_lots,
        time_in_force="immediate_or_cancel" if action.immediate else "good_till_canceled",
    )
