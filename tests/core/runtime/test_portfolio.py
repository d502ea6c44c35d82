"""Our account against a real exchange's: opened from it, compared with it, cleared up by it."""

import asyncio
from typing import Any

import pytest

from core.market.events import BookDelta
from core.trading.events import PortfolioSynced
from core.trading.orders import OrderState

# The fixtures' types stand in conftest.py, which no test can import.
Connect = Any
Relay = Any
Sandbox = Any
Station = Any
Until = Any


def syncs(station: Station) -> list[PortfolioSynced]:
    return [event for event in station.events if isinstance(event, PortfolioSynced)]


async def test_a_fresh_account_opens_flat(station: Station) -> None:
    portfolio = station.link.portfolio
    assert (portfolio.drift, portfolio.synced_ms, portfolio.equity_basis_micros) == (None,) * 3
    await portfolio.open()
    assert station.ledger.cash_micros == 1_000_000_000
    assert portfolio.equity_basis_micros == 1_000_000_000
    assert list(station.ledger) == []
    assert station.orders.orders.open() == []
    assert portfolio.synced_ms is not None


async def test_positions_fills_and_resting_orders_of_an_earlier_run_are_taken_over(
    sandbox: Sandbox, connect: Connect
) -> None:
    async with connect(sandbox, tag="earlier") as earlier:
        await earlier.place(0, 6_000, 300)
        rested = await earlier.resting(lots=200)
    async with connect(sandbox) as station:
        await station.link.portfolio.open()
        (account,) = station.ledger
        assert (account.position_lots, account.cost_micros) == (300, 1_800_000)
        fee = account.fees_micros
        assert fee > 0
        assert station.ledger.cash_micros == 1_000_000_000 - 1_800_000 - fee
        assert station.link.portfolio.equity_basis_micros == 1_000_000_000 - fee
        (order,) = station.orders.orders.open()
        assert (order.client_order_id, order.state) == (rested.client_order_id, OrderState.RESTING)
        assert (order.origin, order.remaining_lots) == ("actor", 200)
        await station.link.portfolio.sync()
        assert station.link.portfolio.drift.is_zero
        assert station.ledger.cash_micros == 1_000_000_000 - 1_800_000 - fee


async def test_what_we_did_ourselves_is_no_drift(station: Station) -> None:
    await station.link.portfolio.open()
    await station.place(0, 6_000, 300)
    await station.resting(lots=200)
    await station.link.portfolio.sync()
    assert station.link.portfolio.drift.is_zero
    assert station.ledger.account(station.ticker).position_lots == 300
    (sync,) = syncs(station)
    assert sync.cash_micros == station.account.available_micros
    assert sync.reserved_micros == station.account.held_micros > 0
    assert (sync.drift_cash_micros, sync.drift_position_lots, sync.drift_orders) == (0, 0, 0)


async def test_a_lasting_difference_is_believed_and_told(station: Station) -> None:
    await station.link.portfolio.open()
    station.account.cash_micros -= 250_000
    await station.link.portfolio.sync()
    drift = station.link.portfolio.drift
    assert (drift.cash_micros, drift.position_lots, drift.orders) == (-250_000, 0, 0)
    assert [sync.drift_cash_micros for sync in syncs(station)] == [-250_000] * 2
    station.account.cash_micros += 250_000
    await station.link.portfolio.sync()
    assert station.link.portfolio.drift.is_zero


async def test_a_difference_seen_once_is_not_believed(station: Station) -> None:
    await station.link.portfolio.open()
    station.account.cash_micros -= 250_000

    def give_back(event: object) -> None:
        if isinstance(event, PortfolioSynced) and event.drift_cash_micros:
            station.account.cash_micros += 250_000

    station.bus.subscribe(give_back)
    await station.link.portfolio.sync()
    assert station.link.portfolio.drift.is_zero
    assert [sync.drift_cash_micros for sync in syncs(station)] == [-250_000, 0]


async def test_an_order_gone_without_our_knowing_is_drift(station: Station) -> None:
    await station.link.portfolio.open()
    order = await station.resting()
    listing = station.sandbox.exchange.listings[order.ticker]
    station.sandbox.exchange.withdraw(listing, station.account.by_id[order.order_id], "")
    await station.link.portfolio.sync()
    assert station.link.portfolio.drift.orders == -1


async def test_nothing_is_compared_while_a_request_is_out(station: Station) -> None:
    await station.link.portfolio.open()
    station.ask(0, 4_000, 1_000)
    await station.link.portfolio.sync()
    assert station.link.portfolio.drift is None
    assert syncs(station) == []
    await station.send()
    await station.link.portfolio.sync()
    assert station.link.portfolio.drift.is_zero


async def test_a_fill_between_the_questions_makes_it_ask_again(
    relayed: Station, relay: Relay
) -> None:
    await relayed.link.portfolio.open()
    asked = 0

    def fill_once(request: bytes) -> None:
        nonlocal asked
        if b"/portfolio/positions" in request:
            asked += 1
            if asked == 1:
                relayed.trade(relayed.account, "bid", "0.6000", "3.00")

    relay.heard = fill_once
    await relayed.link.portfolio.sync()
    assert asked == 2
    assert relayed.link.portfolio.drift.is_zero
    assert relayed.ledger.account(relayed.ticker).position_lots == 300


async def test_only_what_was_compared_is_a_sync(relayed: Station, relay: Relay) -> None:
    portfolio = relayed.link.portfolio
    await portfolio.open()
    opened_ms = portfolio.synced_ms

    def fill_always(request: bytes) -> None:
        if b"/portfolio/positions" in request:
            relayed.trade(relayed.account, "bid", "0.6000", "0.01")

    relay.heard = fill_always
    assert await portfolio.sync() is None
    assert (portfolio.drift, portfolio.synced_ms, syncs(relayed)) == (None, opened_ms, [])
    relay.heard = lambda _: None
    assert (await portfolio.sync()).is_zero
    assert portfolio.synced_ms > opened_ms


async def test_an_order_lost_while_the_list_was_read_is_not_given_up(
    relayed: Station, relay: Relay
) -> None:
    """The list was made before the request could arrive, so it proves nothing of it."""
    suspect, order = relayed.ask(0, 4_000, 1_000), relayed.ask(1, 7_000, 1_000)
    early, late = relayed.orders.take_requests()
    relayed.orders.on_lost(early, "no answer", relayed.clock.now_ms())

    def lose(asked: bytes) -> None:
        if b"/portfolio/orders" in asked and b"status=" not in asked:
            relayed.orders.on_lost(late, "no answer", relayed.clock.now_ms())

    relay.heard = lose
    assert await relayed.link.portfolio.sync() is None
    assert (suspect.state, order.state) == (OrderState.REJECTED, OrderState.UNKNOWN)


async def test_a_doubtful_order_is_asked_for_at_once(
    relayed: Station, relay: Relay, until: Until
) -> None:
    await relayed.link.portfolio.open()
    relayed.tasks.start("portfolio", relayed.link.portfolio.run())
    await until(lambda: relayed.link.portfolio.drift is not None)
    relay.loses = "answers"
    order = await relayed.place(0, 4_000, 1_000)
    assert order.state is OrderState.UNKNOWN
    relay.loses = ""
    await until(lambda: order.state is OrderState.RESTING)


async def test_a_doubtful_order_is_asked_for_until_the_exchange_answers(
    relayed: Station,
    relay: Relay,
    until: Until,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await relayed.link.portfolio.open()
    relayed.tasks.start("portfolio", relayed.link.portfolio.run())
    await until(lambda: relayed.link.portfolio.drift is not None)
    relay.loses = "answers"
    order = await relayed.place(0, 4_000, 1_000)
    await until(lambda: "could not be compared" in caplog.text)
    assert order.state is OrderState.UNKNOWN
    relay.loses = ""
    await until(lambda: order.state is OrderState.RESTING)


async def test_with_the_feed_running_others_fills_of_our_orders_are_no_drift(
    station: Station, until: Until
) -> None:
    await station.follow()
    order = await station.resting(lots=400)
    station.trade_as_another("ask", "0.4000", "14.00")
    await until(lambda: order.state is OrderState.FILLED)
    await station.link.portfolio.sync()
    assert station.link.portfolio.drift.is_zero
    assert station.ledger.account(station.ticker).position_lots == 400
    assert any(isinstance(event, BookDelta) for event in station.events)


async def test_a_payout_that_the_feed_has_not_told_yet_is_no_drift(station: Station) -> None:
    """The feed of a busy exchange lags behind its answers by seconds."""
    await station.follow()
    await station.place(0, 6_000, 300)
    station.feed_relay.is_open.clear()
    station.life.determine(station.sandbox.exchange.listings[station.ticker], "yes")
    listing = station.sandbox.exchange.listings[station.ticker]
    station.life.settle(listing)
    asked = asyncio.Event()
    station.feed_relay.heard = lambda request: asked.set()
    async with asyncio.TaskGroup() as tasks:
        syncing = tasks.create_task(station.link.portfolio.sync(), name="sync")
        await asked.wait()
        station.feed_relay.is_open.set()
    drift = syncing.result()
    assert drift is not None
    assert drift.is_zero
    assert {sync.drift_cash_micros for sync in syncs(station)} == {0}
    assert station.ledger.account(station.ticker).position_lots == 0


@pytest.mark.parametrize("turns", range(5))
async def test_an_end_that_comes_together_with_a_question_is_an_end(
    station: Station, until: Until, turns: int
) -> None:
    portfolio = station.link.portfolio
    await portfolio.open()
    running = asyncio.get_running_loop().create_task(portfolio.run(), name="portfolio")
    await until(lambda: portfolio.drift)
    await asyncio.sleep(0)
    portfolio.question()
    for _ in range(turns):
        await asyncio.sleep(0)
    running.cancel()
    await asyncio.wait([running], timeout=5.0)
    assert running.cancelled()
