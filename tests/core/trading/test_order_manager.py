"""What every order manager promises the agent's side, whatever venue stands behind it."""

import pytest

from core.kalshi.limits import WriteBudget
from core.market.book import OrderBook
from core.market.market import Market
from core.trading.kalshi_order_manager import KalshiOrderManager
from core.trading.ledger import Ledger
from core.trading.order_manager import OrderManager, TradingLimits
from core.trading.planner import BUY_NO, BUY_YES, HOLD, SELL_YES, masks, plan

MARKET = Market("T", "E", "title")


def kalshi() -> OrderManager:
    ledger = Ledger()
    ledger.open(1_000_000_000, [])
    return KalshiOrderManager(ledger, WriteBudget(100, 100, 0), TradingLimits(), "tag")


@pytest.fixture(params=[kalshi])
def manager(request: pytest.FixtureRequest) -> OrderManager:
    made: OrderManager = request.param()
    return made


@pytest.fixture
def book() -> OrderBook:
    made = OrderBook("T", MARKET.ticks())
    made.replace(((4_000, 500),), ((4_100, 500),), 1)
    return made


def test_a_fresh_desk_shows_the_book_and_the_limits(manager: OrderManager, book: OrderBook) -> None:
    desk = manager.desk(MARKET, book)
    limits = TradingLimits()
    assert (desk.best_bid, desk.best_ask, desk.position) == (4_000, 4_100, 0)
    assert (desk.own_bid_lots, desk.own_ask_lots) == (0, 0)
    assert (desk.size_lots, desk.limit_lots) == (limits.size_lots, limits.position_lots)
    assert desk.cash_micros == limits.sleeve_micros
    assert masks(desk) == (True, True, False, True, False)


def test_an_empty_book_offers_no_quote(manager: OrderManager) -> None:
    desk = manager.desk(MARKET, OrderBook("T", MARKET.ticks()))
    assert (desk.best_bid, desk.best_ask) == (-1, -1)


def test_holding_does_nothing(manager: OrderManager, book: OrderBook) -> None:
    made = manager.execute(plan(manager.desk(MARKET, book), HOLD), MARKET, 1)
    assert (made.outcome, made.client_order_id) == ("hold", "")
    assert manager.obstacle("T") == ""


def test_what_is_blocked_says_why(manager: OrderManager, book: OrderBook) -> None:
    made = manager.execute(plan(manager.desk(MARKET, book), SELL_YES), MARKET, 1)
    assert (made.outcome, made.reason) == ("blocked", "nothing held to sell")
    assert manager.obstacle("T") == ""


@pytest.mark.parametrize("action", [BUY_YES, BUY_NO])
def test_an_order_is_named_and_holds_its_market_and_its_cash(
    manager: OrderManager, book: OrderBook, action: int
) -> None:
    before = manager.desk(MARKET, book).cash_micros
    made = manager.execute(plan(manager.desk(MARKET, book), action), MARKET, 1)
    assert made.outcome == "ordered"
    assert made.client_order_id
    assert manager.obstacle("T") != ""
    assert manager.obstacle("U") == ""
    desk = manager.desk(MARKET, book)
    assert desk.own_bid_lots + desk.own_ask_lots == TradingLimits().size_lots
    assert desk.cash_micros < before


def test_cancel_all_counts_what_shall_end(manager: OrderManager, book: OrderBook) -> None:
    assert manager.cancel_all("", 1) == 0
    manager.execute(plan(manager.desk(MARKET, book), BUY_YES), MARKET, 1)
    assert manager.cancel_all("manual", 2) == 0
    assert manager.cancel_all("actor", 3) == 1
