"""A client that reads too slowly: the exchange ends its books, it says so, and recovers alone."""

import asyncio
from typing import Any

import pytest

from core.market.book import BookStatus
from core.sandbox import connection
from core.sandbox.desk import Desk
from core.sandbox.order_bodies import CreateBody
from core.trading.orders import OrderState
from core.trading.reconciliation import Drift
from core.units import MICROS_PER_DOLLAR

# The fixtures' types stand in conftest.py, which no test can import.
Station = Any
Until = Any
MOST_ORDERS = 200_000
"""Their messages fill every buffer between exchange and client long before."""
A_TURN = 500


async def crowd(station: Station) -> None:
    """Somebody else places orders, each a message to us, until our books are ended."""
    exchange = station.sandbox.exchange
    other = exchange.open_account(10_000_000 * MICROS_PER_DOLLAR)
    desk = Desk(exchange)
    for number in range(MOST_ORDERS):
        desk.create(
            other,
            CreateBody(
                ticker=station.ticker,
                side="bid",
                price=f"0.{31 + number % 9}00",
                count="1.00",
                client_order_id=f"crowd-{number}",
                time_in_force="good_till_canceled",
                self_trade_prevention_type="taker_at_cross",
            ),
        )
        if number % A_TURN == 0:
            await asyncio.sleep(0)
            if not exchange.publisher.subscriptions("orderbook_delta"):
                return


def books_agree(station: Station) -> bool:
    """True if our book is the exchange's."""
    book = station.books.get(station.ticker)
    bids, asks = station.sandbox.exchange.listings[station.ticker].book.levels()
    ours = (book.displayed(0), book.displayed(1))
    return book.status is BookStatus.LIVE and ours == (tuple(bids)[::-1], tuple(asks))


async def test_a_stalled_client_recovers_by_itself_and_says_what_happened(
    station: Station, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "OUTBOUND_LIMIT_BYTES", 100_000)
    await station.follow()
    order = await station.resting()
    details: set[str] = set()
    station.feed_relay.heard = lambda _: details.add(
        f"{station.watch.state} {station.watch.detail}"
    )
    station.feed_relay.is_open.clear()
    await crowd(station)
    station.feed_relay.is_open.set()
    await until(lambda: station.feed.counters.overflows)
    await station.caught_up()
    await until(lambda: books_agree(station))
    assert station.feed.counters.resubscribes >= 1
    counters = station.feed.counters
    assert (counters.overflows, counters.gaps, counters.lost_connections) == (1, 0, 0)
    assert (counters.duplicates, counters.malformed) == (0, 0)
    told = [text for text in details if "exchange error 25 on orderbook_delta" in text]
    assert told
    assert all(text.startswith("recovering ") for text in told)
    assert (station.watch.state, station.watch.detail) == ("live", "")
    assert order.state is OrderState.RESTING
    assert await station.link.portfolio.sync() == Drift(0, 0, 0, is_exact=True)
    assert (await station.place(0, 6_000, 300)).filled_lots == 300
    assert await station.link.portfolio.sync() == Drift(0, 0, 0, is_exact=True)
    assert [one.status for one in station.account.orders] == ["resting", "executed"]
    assert [one.order_id for one in station.account.resting_orders()] == [order.order_id]
    assert station.orders.orders.open() == [order]
    for cash_micros in (station.account.cash_micros, station.ledger.cash_micros):
        assert cash_micros == 998_149_600
    for lots in (
        station.account.lots(station.ticker),
        station.ledger.account(station.ticker).position_lots,
    ):
        assert lots == 300
    assert books_agree(station)
