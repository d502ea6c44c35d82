from dataclasses import replace

import pytest

from core.kalshi.events import FillReport
from core.market.book import OrderBook
from core.market.market import FeeSchedule, Market
from core.trading.ledger import Ledger
from core.trading.order_index import OrderIndex
from core.trading.order_manager import TradingLimits
from core.trading.orders import OrderState, OwnOrder
from core.trading.sleeves import Sleeves

MARKET = Market("T", "E", "title", fees=FeeSchedule(taker_rate=0))
LIMITS = TradingLimits(sleeve_micros=10_000_000, size_lots=500, position_lots=2_000)


@pytest.fixture
def ledger() -> Ledger:
    made = Ledger()
    made.open(25_000_000, [])
    return made


@pytest.fixture
def orders() -> OrderIndex:
    return OrderIndex()


@pytest.fixture
def sleeves(ledger: Ledger, orders: OrderIndex) -> Sleeves:
    return Sleeves(ledger, orders, LIMITS)


def own(ticker: str, side: int, price_pips: int, lots: int, origin: str = "actor") -> OwnOrder:
    name = f"{origin}-{ticker}-{side}"
    return OwnOrder(name, ticker, side, origin, price_pips, lots, 1, state=OrderState.RESTING)


def bought(lots: int, price_pips: int, side: int = 0) -> FillReport:
    return FillReport(f"t{lots}{side}", "v", "T", side, price_pips, lots, 0, False, 1)


def test_a_fresh_market_has_its_whole_sleeve(sleeves: Sleeves) -> None:
    assert sleeves.free_micros(MARKET) == 10_000_000


def test_what_rests_here_is_held_back(sleeves: Sleeves, orders: OrderIndex) -> None:
    orders.add(own("T", 0, 4_000, 500))
    orders.add(own("T", 1, 7_000, 500))
    assert sleeves.free_micros(MARKET) == 10_000_000 - 2_000_000 - 1_500_000


def test_what_was_spent_and_won_here_moves_the_sleeve(sleeves: Sleeves, ledger: Ledger) -> None:
    ledger.book(bought(500, 4_000))
    assert sleeves.free_micros(MARKET) == 8_000_000
    ledger.book(bought(500, 6_000, side=1))
    assert sleeves.free_micros(MARKET) == 11_000_000


def test_an_order_that_closes_holds_nothing(
    sleeves: Sleeves, ledger: Ledger, orders: OrderIndex
) -> None:
    ledger.book(bought(500, 4_000))
    orders.add(own("T", 1, 7_000, 500))
    assert sleeves.free_micros(MARKET) == 8_000_000


def test_other_markets_orders_do_not_touch_the_sleeve_but_the_account_caps_it(
    sleeves: Sleeves, orders: OrderIndex
) -> None:
    for ticker in ("U", "V"):
        sleeves.free_micros(replace(MARKET, ticker=ticker))
    orders.add(own("U", 0, 4_000, 3_000))
    assert sleeves.free_micros(MARKET) == 10_000_000
    orders.add(own("V", 0, 4_000, 1_000))
    assert sleeves.free_micros(MARKET) == 25_000_000 - 12_000_000 - 4_000_000


def test_an_order_is_held_at_its_own_markets_fee_rate(sleeves: Sleeves, orders: OrderIndex) -> None:
    dear = Market("U", "E", "title", fees=FeeSchedule(taker_rate=10_000))
    orders.add(own("U", 0, 5_000, 3_000))
    sleeves.free_micros(dear)
    fee_micros = 3_000 * 5_000 // 20
    assert sleeves.free_micros(MARKET) == 25_000_000 - 15_000_000 - fee_micros


def test_an_order_of_a_market_never_seen_is_held_at_the_usual_fee_rate(
    sleeves: Sleeves, orders: OrderIndex
) -> None:
    orders.add(own("U", 0, 5_000, 3_000))
    assert sleeves.free_micros(MARKET) < 10_000_000
    sleeves.free_micros(replace(MARKET, ticker="U"))
    assert sleeves.free_micros(MARKET) == 10_000_000


def test_the_desk_shows_the_actors_own_orders_only(sleeves: Sleeves, orders: OrderIndex) -> None:
    book = OrderBook("T", MARKET.ticks())
    book.replace(((4_000, 500),), (), 1)
    orders.add(own("T", 0, 3_900, 300))
    orders.add(own("T", 1, 7_000, 200, origin="manual"))
    desk = sleeves.desk(MARKET, book)
    assert (desk.best_bid, desk.best_ask) == (4_000, -1)
    assert (desk.own_bid, desk.own_bid_lots) == (3_900, 300)
    assert (desk.own_ask, desk.own_ask_lots) == (-1, 0)
    assert (desk.size_lots, desk.limit_lots, desk.fee_rate) == (500, 2_000, 0)
