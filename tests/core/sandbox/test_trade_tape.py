from collections import deque
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.market.market import Market
from core.sandbox import queries, trade_tape
from core.sandbox.archive import Archive
from core.sandbox.engine import MatchingBook
from core.sandbox.exchange import Exchange
from core.sandbox.listings import KEPT_TRADES, Listing, PublicTrade
from core.sandbox.market_life import MarketLife
from core.sandbox.publisher import Publisher
from core.sandbox.selections import Selections
from core.sandbox.trade_tape import KEPT_OF_ALL
from core.units import Side

T0 = 1_778_477_863_000
NAMES = ["KXT-26MAY11-A", "KXT-26MAY11-B", "KXT-26MAY11-C"]


def exchange_of(names: list[str]) -> Exchange:
    exchange = Exchange(Publisher(), 1, T0)
    for name in names:
        MarketLife(exchange).list_market(Market(name, "KXT-26MAY11", title=name), MatchingBook())
    return exchange


def tell(exchange: Exchange, ticker: str) -> None:
    listing = exchange.listings[ticker]
    exchange.publisher.trade(listing, exchange.new_id(), Side.BID, 4_400, 100, exchange.now_ms)


def serials(listing: Listing) -> list[int]:
    return [trade.serial for trade in listing.trades]


def shown(exchange: Exchange, ticker: str = "", is_old: bool = False) -> list[int]:
    query = {"ticker": ticker} if ticker else {}
    selections = Selections(exchange, Archive(exchange))
    return [trade.serial for trade in selections.trades(query, "GetTrades", is_old=is_old)]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(NAMES), max_size=120),
    st.integers(1, 12),
    st.integers(1, 30),
)
def test_the_oldest_of_all_goes_first(told: list[str], of_one: int, of_all: int) -> None:
    exchange = exchange_of(NAMES)
    for listing in exchange.listings.values():
        listing.trades = deque(maxlen=of_one)
    expected: list[tuple[int, str]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trade_tape, "KEPT_OF_ALL", of_all)
        for serial, ticker in enumerate(told, start=1):
            tell(exchange, ticker)
            expected.append((serial, ticker))
            own = [entry for entry in expected if entry[1] == ticker]
            if len(own) > of_one:
                expected.remove(own[0])
            del expected[: max(0, len(expected) - of_all)]
            assert exchange.publisher.trades.count == len(expected) <= of_all
    for ticker, listing in exchange.listings.items():
        assert serials(listing) == [serial for serial, name in expected if name == ticker]
    assert shown(exchange) == [serial for serial, _ in reversed(expected)]


def test_a_thousand_busy_markets_remember_no_more_than_one_exchange_may() -> None:
    names = [f"KXT-26MAY11-{number:04d}" for number in range(1_000)]
    exchange = exchange_of(names)
    turns = 25
    for _ in range(turns):
        for name in names:
            tell(exchange, name)
    kept = sum(len(listing.trades) for listing in exchange.listings.values())
    assert kept == exchange.publisher.trades.count == KEPT_OF_ALL
    last = turns * len(names)
    assert shown(exchange) == list(range(last, last - KEPT_OF_ALL, -1))
    assert {listing.volume_lots for listing in exchange.listings.values()} == {100 * turns}


def test_no_market_feels_it_while_few_trade() -> None:
    """What one market dropped itself leaves room for the others."""
    busy, quiet = NAMES[:2]
    exchange = exchange_of(NAMES)
    tell(exchange, quiet)
    for _ in range(KEPT_OF_ALL + 10):
        tell(exchange, busy)
    assert shown(exchange, quiet) == [1]
    assert len(exchange.listings[busy].trades) == KEPT_TRADES


def test_pages_go_on_while_the_oldest_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trade_tape, "KEPT_OF_ALL", 10)
    exchange = exchange_of(NAMES)
    for number in range(10):
        tell(exchange, NAMES[number % 3])
    selections, query = Selections(exchange, Archive(exchange)), {"cursor": ""}
    pages: list[list[int]] = []
    for _ in range(3):
        rows, query["cursor"] = next_page(selections, query)
        pages.append([trade.serial for trade in rows])
        tell(exchange, NAMES[0])
        tell(exchange, NAMES[1])
    assert pages == [[10, 9, 8], [7, 6, 5], []]
    assert query["cursor"] == ""


def next_page(selections: Selections, query: dict[str, str]) -> tuple[list[PublicTrade], str]:
    wanted = selections.trades({}, "GetTrades", is_old=False)
    return queries.page(wanted, lambda trade: trade.serial, query, 3)


def test_history_ends_where_the_memory_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trade_tape, "KEPT_OF_ALL", 4)
    exchange = exchange_of(NAMES)
    exchange.rules = replace(exchange.rules, live_data_ms=1_000)
    for ticker in NAMES:
        tell(exchange, ticker)
    exchange.advance(T0 + 2_000)
    tell(exchange, NAMES[2])
    tell(exchange, NAMES[2])
    assert (shown(exchange, is_old=True), shown(exchange)) == ([3, 2], [5, 4])
    assert shown(exchange, NAMES[0], is_old=True) == []


def test_a_market_listed_anew_starts_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trade_tape, "KEPT_OF_ALL", 2)
    exchange = exchange_of(NAMES[:1])
    old = exchange.listings[NAMES[0]]
    tell(exchange, NAMES[0])
    tell(exchange, NAMES[0])
    exchange.add_listing(old.market, MatchingBook())
    tell(exchange, NAMES[0])
    assert (serials(old), shown(exchange)) == ([2], [3])
