"""What happens while the feed is away is told to nobody; afterwards it is made up for."""

from typing import Any

import pytest

from core.runtime.portfolio import RECENT_FILLS
from core.trading.events import SettlementBooked
from core.trading.orders import OrderState
from core.trading.reconciliation import Drift

# The fixtures' types stand in conftest.py, which no test can import.
Order = Any
Relay = Any
Sandbox = Any
Station = Any
Until = Any


def withdraw(station: Station, order_id: str) -> None:
    """The exchange cancels an order of ours by itself."""
    exchange = station.sandbox.exchange
    own = station.account.by_id[order_id]
    exchange.withdraw(exchange.listings[own.ticker], own, "")


async def shown(station: Station, until: Until, lots: int = 1_000) -> Order:
    """A bid of ours that rests and that the displayed book holds."""
    await station.follow()
    order = await station.resting(lots=lots)
    await until(lambda: order.shown_lots == lots)
    return order


def own_lots(station: Station, price_pips: int) -> int:
    """What the displayed book is said to hold of ours on the bid side."""
    lots: int = station.books.get(station.ticker).own_lots(0, price_pips)
    return lots


async def assert_account(
    station: Station, statuses: list[str], position_lots: int = 0, cash_micros: int = 1_000_000_000
) -> None:
    """Both sides say exactly this of our orders, position and cash."""
    assert await station.link.portfolio.sync() == Drift(0, 0, 0, is_exact=True)
    account, ledger = station.account, station.ledger
    assert [order.status for order in account.orders] == statuses
    assert (account.lots(station.ticker), account.cash_micros) == (position_lots, cash_micros)
    assert ledger.account(station.ticker).position_lots == position_lots
    assert ledger.cash_micros == cash_micros
    open_ = {(order.order_id, order.remaining_lots) for order in station.orders.orders.open()}
    resting = {(order.order_id, order.remaining_lots) for order in account.resting_orders()}
    assert open_ == resting


async def test_an_order_cancelled_by_the_exchange(station: Station, until: Until) -> None:
    order = await shown(station, until)
    async with station.gap():
        withdraw(station, order.order_id)
        assert order.state is OrderState.RESTING, "nobody told"
    assert (order.state, order.shown_lots) == (OrderState.CANCELLED, 0)
    await until(lambda: own_lots(station, 4_000) == 0)
    await assert_account(station, ["canceled"])
    assert station.states(order) == ["requested", "resting", "cancelled"]
    assert station.feed.counters.lost_connections == 1


async def test_our_part_of_the_book_is_unknown_until_it_was_asked_for(
    station: Station, until: Until
) -> None:
    await shown(station, until)
    await until(lambda: not station.orders.orders.is_doubtful(station.ticker))
    async with station.gap():
        assert station.orders.orders.is_doubtful(station.ticker)
        assert "does not tell of our orders" in station.orders.obstacle(station.ticker)
        station.feed_relay.is_down = False
        await until(lambda: station.feed.state == "live")
        assert station.link.portfolio.is_behind
        assert station.orders.orders.is_doubtful(station.ticker)
    await until(lambda: not station.orders.orders.is_doubtful(station.ticker))
    assert own_lots(station, 4_000) == 1_000
    assert station.orders.obstacle(station.ticker) == ""


async def test_a_loss_while_another_is_made_up_for_keeps_our_part_unknown(
    relayed: Station, relay: Relay, until: Until
) -> None:
    await shown(relayed, until)
    portfolio, index = relayed.link.portfolio, relayed.orders.orders
    await until(lambda: not portfolio.is_behind and not index.is_doubtful(relayed.ticker))

    def lose_again(request: bytes) -> None:
        if b"status=resting" in request:
            relay.heard = lambda _: None
            portfolio.feed_tells(is_whole=False)

    relay.heard = lose_again
    portfolio.feed_tells(is_whole=True)
    await until(lambda: not index.is_told)
    assert await portfolio.sync() is None
    groups = relayed.books.counters.groups
    await until(lambda: relayed.books.counters.groups > groups + 2)
    assert portfolio.is_behind
    assert index.is_doubtful(relayed.ticker)
    assert relayed.orders.obstacle(relayed.ticker) == "the feed does not tell of our orders now"
    portfolio.feed_tells(is_whole=True)
    await until(lambda: not index.is_doubtful(relayed.ticker))
    assert not portfolio.is_behind


async def test_a_report_lost_with_its_channel_alone(station: Station, until: Until) -> None:
    """Books and connection go on; only the channel of own orders is ended and made anew."""
    order = await shown(station, until)
    await until(lambda: not station.link.portfolio.is_behind)
    publisher = station.sandbox.exchange.publisher
    (subscription,) = publisher.subscriptions("user_orders")
    publisher.end(subscription, 25, "outbound buffer overflow")
    withdraw(station, order.order_id)
    await until(lambda: station.link.portfolio.is_behind)
    assert station.orders.orders.is_doubtful(station.ticker)
    assert station.feed.state == "live"
    await station.caught_up()
    assert (order.state, order.shown_lots) == (OrderState.CANCELLED, 0)
    assert station.feed.counters.lost_connections == 0


async def test_an_order_filled(station: Station, until: Until) -> None:
    order = await shown(station, until, lots=400)
    async with station.gap():
        station.trade_as_another("ask", "0.4000", "14.00")
        assert order.state is OrderState.RESTING, "nobody told"
    assert (order.state, order.shown_lots) == (OrderState.FILLED, 0)
    assert station.ledger.account(station.ticker).position_lots == 400
    await until(lambda: own_lots(station, 4_000) == 0)
    await assert_account(station, ["executed"], 400, 998_400_000)
    assert station.states(order) == ["requested", "resting", "filled"]
    assert station.feed.counters.lost_connections == 1


async def test_fills_that_nobody_told_are_booked_in_the_order_they_happened(
    station: Station, until: Until
) -> None:
    """Their order decides the average price and what is realised, not only their sum."""
    await station.follow()
    await station.place(1, 4_000, 300)
    await until(lambda: station.ledger.account(station.ticker).position_lots == -300)
    async with station.gap():
        station.trade(station.account, "bid", "0.6000", "3.00")
        station.trade(station.account, "ask", "0.3000", "10.00")
    account = station.ledger.account(station.ticker)
    assert (account.position_lots, account.realized_micros) == (-1_000, -600_000)
    assert account.average_pips == (700 * 4_000 + 300 * 3_000) / 1_000
    assert await station.link.portfolio.sync() == Drift(0, 0, 0, is_exact=True)


async def test_more_fills_than_a_page_are_all_booked(station: Station, until: Until) -> None:
    await station.follow()
    async with station.gap():
        for _ in range(RECENT_FILLS + 5):
            station.trade(station.account, "bid", "0.6000", "0.01")
    assert station.ledger.account(station.ticker).position_lots == RECENT_FILLS + 5
    assert await station.link.portfolio.sync() == Drift(0, 0, 0, is_exact=True)


async def test_an_order_that_still_rests_stays_ours_in_the_book(
    station: Station, until: Until
) -> None:
    order = await shown(station, until)
    async with station.gap():
        pass
    assert (order.state, order.shown_lots) == (OrderState.RESTING, 1_000)
    await until(lambda: own_lots(station, 4_000) == 1_000)
    await assert_account(station, ["resting"])
    assert station.states(order) == ["requested", "resting"]
    assert station.feed.counters.lost_connections == 1


async def test_a_cancel_whose_report_was_lost(station: Station, until: Until) -> None:
    order = await shown(station, until)
    async with station.gap():
        station.cancel(order)
        await station.send()
        assert (order.state, order.shown_lots) == (OrderState.CANCELLED, 1_000)
    assert order.shown_lots == 0
    await until(lambda: own_lots(station, 4_000) == 0)
    await assert_account(station, ["canceled"])
    assert station.states(order) == ["requested", "resting", "cancelling", "cancelled"]


async def test_a_create_whose_answer_and_report_were_lost(
    relayed: Station, relay: Relay, until: Until
) -> None:
    await relayed.follow()
    async with relayed.gap():
        relay.loses = "answers"
        order = await relayed.place(0, 4_500, 1_000)
        assert order.state is OrderState.UNKNOWN
        assert [one.client_order_id for one in relayed.account.orders] == [order.client_order_id]
        relay.loses = ""
    assert (order.state, order.shown_lots) == (OrderState.RESTING, 1_000)
    book = relayed.books.get(relayed.ticker)
    await until(lambda: book.own_lots(0, 4_500) == 1_000)
    assert book.net_best(0) == 4_000
    await assert_account(relayed, ["resting"])
    assert relayed.states(order) == ["requested", "unknown", "resting"]


@pytest.mark.parametrize("result", ["yes", "no"])
@pytest.mark.parametrize("determined", ["before", "in the gap"])
@pytest.mark.parametrize("settled", ["in the gap", "after"])
async def test_a_settlement(
    station: Station, until: Until, result: str, determined: str, settled: str
) -> None:
    await station.follow()
    await station.place(0, 6_000, 300)
    await until(lambda: station.ledger.account(station.ticker).position_lots == 300)
    listing = station.sandbox.exchange.listings[station.ticker]
    if determined == "before":
        station.life.determine(listing, result)
        await until(lambda: station.lifecycle("determined"))
    async with station.gap():
        station.life.determine(listing, result)
        if settled == "in the gap":
            station.life.settle(listing)
    station.life.settle(listing)
    await until(lambda: station.markets[station.ticker].status == "finalized")
    assert station.markets[station.ticker].result == result
    assert station.ledger.cash_micros == station.account.cash_micros
    (booked,) = [event for event in station.events if isinstance(event, SettlementBooked)]
    assert (booked.position_lots, booked.cash_micros) == (300, station.account.cash_micros)
    payout_micros = 3_000_000 if result == "yes" else 0
    assert booked.payout_micros == payout_micros
    await assert_account(station, ["executed"], 0, 998_149_600 + payout_micros)
    assert station.books.get(station.ticker) is None
    assert station.feed.counters.lost_connections == 1


@pytest.mark.parametrize("determined", ["before", "in the gap"])
@pytest.mark.parametrize("settled", ["in the gap", "after"])
@pytest.mark.parametrize("pips", [3_700, 3_750, 0])
async def test_a_scalar_settlement(
    station: Station, until: Until, determined: str, settled: str, pips: int
) -> None:
    await station.follow()
    await station.place(0, 6_000, 300)
    await until(lambda: station.ledger.account(station.ticker).position_lots == 300)
    listing = station.sandbox.exchange.listings[station.ticker]
    if determined == "before":
        station.life.determine(listing, "scalar", pips)
        await until(lambda: station.lifecycle("determined"))
    async with station.gap():
        station.life.determine(listing, "scalar", pips)
        if settled == "in the gap":
            station.life.settle(listing)
    station.life.settle(listing)
    await until(lambda: station.markets[station.ticker].status == "finalized")
    if not (await station.link.portfolio.sync()).is_zero:  # when it lasts, settlements are read
        assert (determined, settled) == ("in the gap", "after")
        assert (await station.link.portfolio.sync()).is_zero
    assert station.ledger.cash_micros == station.account.cash_micros
    (booked,) = [event for event in station.events if isinstance(event, SettlementBooked)]
    assert (booked.yes_pips, booked.payout_micros) == (pips, 300 * pips)
    await assert_account(station, ["executed"], 0, 998_149_600 + 300 * pips)
    assert station.feed.counters.lost_connections == 1


async def test_a_result_amended_while_the_feed_was_away_is_what_is_paid(
    station: Station, until: Until
) -> None:
    await station.follow()
    await station.place(0, 6_000, 300)
    await until(lambda: station.ledger.account(station.ticker).position_lots == 300)
    listing = station.sandbox.exchange.listings[station.ticker]
    station.life.determine(listing, "yes")
    await until(lambda: station.lifecycle("determined"))
    async with station.gap():
        assert station.life.dispute(station.ticker)
        assert station.life.amend(station.ticker, "no")
        station.life.settle(listing)
    await until(lambda: station.markets[station.ticker].status == "finalized")
    assert station.markets[station.ticker].result == "no"
    (booked,) = [event for event in station.events if isinstance(event, SettlementBooked)]
    assert (booked.yes_pips, booked.payout_micros) == (0, 0)
    assert station.ledger.cash_micros == station.account.cash_micros == 998_149_600


async def test_a_payout_that_nobody_told_is_read_from_the_settlements(
    station: Station, until: Until
) -> None:
    await station.link.portfolio.open()
    await station.place(0, 6_000, 300)
    await station.link.portfolio.sync()
    listing = station.sandbox.exchange.listings[station.ticker]
    station.life.determine(listing, "scalar", 3_750)
    station.life.settle(listing)
    assert (await station.link.portfolio.sync()).position_lots == 300
    assert (await station.link.portfolio.sync()).is_zero
    assert station.ledger.account(station.ticker).position_lots == 0
    (booked,) = [event for event in station.events if isinstance(event, SettlementBooked)]
    assert (booked.yes_pips, booked.payout_micros) == (3_750, 1_125_000)
    await assert_account(station, ["executed"], 0, 999_274_600)


async def test_a_market_the_exchange_forgot_holds_nothing_up(
    station: Station, until: Until
) -> None:
    await station.follow()
    async with station.gap():
        gone = station.sandbox.exchange.listings.pop(station.ticker)
    assert not station.link.portfolio.is_behind
    assert station.feed.counters.lost_connections == 1
    await assert_account(station, [])
    station.sandbox.exchange.listings[station.ticker] = gone


async def test_a_read_that_fails_is_tried_again_soon(
    relayed: Station, relay: Relay, until: Until, caplog: pytest.LogCaptureFixture
) -> None:
    order = await shown(relayed, until)

    def lose_order(request: bytes) -> None:
        if f"/portfolio/orders/{order.order_id}".encode() in request:
            relay.loses = "answers"

    relay.heard = lose_order
    relayed.feed_relay.cut()
    withdraw(relayed, order.order_id)
    await until(lambda: relayed.watch.state == "disconnected")
    relayed.feed_relay.is_down = False
    await until(lambda: "could not be compared" in caplog.text)
    assert relayed.link.portfolio.is_behind
    assert order.state is OrderState.RESTING
    relay.heard, relay.loses = (lambda _: None), ""
    await relayed.caught_up()
    assert (order.state, order.shown_lots) == (OrderState.CANCELLED, 0)
    await assert_account(relayed, ["canceled"])
    assert relayed.states(order) == ["requested", "resting", "cancelled"]
    assert relayed.feed.counters.lost_connections == 1


async def test_a_gap_while_another_is_made_up_for_is_not_forgotten(
    relayed: Station, relay: Relay
) -> None:
    portfolio = relayed.link.portfolio
    await portfolio.open()
    order = await relayed.resting()
    asked = 0

    def lose_feed(request: bytes) -> None:
        nonlocal asked
        if b"status=resting" in request:
            asked += 1
            if asked == 1:
                portfolio.feed_is_back()

    relay.heard = lose_feed
    portfolio.feed_is_back()
    await portfolio.sync()
    assert portfolio.is_behind
    withdraw(relayed, order.order_id)
    await portfolio.sync()
    assert not portfolio.is_behind
    assert (order.state, order.shown_lots) == (OrderState.CANCELLED, 0)
    await assert_account(relayed, ["canceled"])
    assert relayed.states(order) == ["requested", "resting", "cancelled"]


async def test_an_older_answer_does_not_bring_shown_lots_back(
    station: Station, until: Until
) -> None:
    order = await shown(station, until)
    older = await station.link.rest.order(order.order_id)
    made_ms = station.clock.now_ms()
    await until(lambda: station.clock.now_ms() > made_ms)
    withdraw(station, order.order_id)
    await until(lambda: order.shown_lots == 0)
    station.orders.on_report(older)
    assert (order.state, order.shown_lots) == (OrderState.CANCELLED, 0)
    await assert_account(station, ["canceled"])
    assert station.states(order) == ["requested", "resting", "cancelled"]


async def test_an_order_given_up_that_rests_after_all_is_ours_again(
    relayed: Station, relay: Relay, until: Until
) -> None:
    await relayed.follow()
    relay.loses = "requests"
    order = await relayed.place(0, 4_000, 1_000)
    assert order.state is OrderState.UNKNOWN
    assert relayed.account.orders == []
    relay.loses = ""
    await until(lambda: order.state is OrderState.REJECTED)
    relayed.trade(relayed.account, "bid", "0.4000", "10.00", order.client_order_id)
    await until(lambda: order.state is OrderState.RESTING)
    assert relayed.orders.orders.open() == [order]
    assert relayed.orders.cancel_all("actor", relayed.clock.now_ms()) == 1
    await relayed.send()
    assert order.state is OrderState.CANCELLED
    assert relayed.account.resting == {}
    await assert_account(relayed, ["canceled"])
    expected = ["requested", "unknown", "rejected", "resting", "cancelling", "cancelled"]
    assert relayed.states(order) == expected
