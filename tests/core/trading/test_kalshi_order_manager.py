import pytest

from core.kalshi.events import FillReport, OrderReport
from core.kalshi.limits import WriteBudget
from core.kalshi.requests import (
    AmendOrder,
    AmendReply,
    CancelOrder,
    CancelReply,
    CreateOrder,
    CreateReply,
)
from core.market.book import OrderBook
from core.market.books import Books
from core.market.market import Market
from core.trading import planner
from core.trading.events import FillBooked, OrderChanged, SettlementBooked
from core.trading.kalshi_order_manager import KalshiOrderManager
from core.trading.ledger import Ledger
from core.trading.order_manager import TradingLimits
from core.trading.orders import OrderState, OwnOrder
from core.trading.planner import Plan, plan

MARKET = Market("T", "E", "title")
BID = Plan(planner.CREATE, 0, 4_000, 1_000, 0)


@pytest.fixture
def ledger() -> Ledger:
    made = Ledger()
    made.open(1_000_000_000, [])
    return made


@pytest.fixture
def manager(ledger: Ledger) -> KalshiOrderManager:
    return KalshiOrderManager(ledger, WriteBudget(100, 100, 0), TradingLimits(), "tag")


@pytest.fixture
def book() -> OrderBook:
    made = OrderBook("T", MARKET.ticks())
    made.replace(((4_000, 500),), ((4_100, 500),), 1)
    return made


def rest(manager: KalshiOrderManager, now_ms: int = 0) -> OwnOrder:
    """Place a bid and let the exchange accept it."""
    execution = manager.execute(BID, MARKET, now_ms)
    (request,) = manager.take_requests()
    manager.on_reply(request, CreateReply(request.client_order_id, "v1", 0, 1_000, now_ms), now_ms)
    order = manager.orders.get(execution.client_order_id)
    assert order is not None
    assert order.state is OrderState.RESTING
    return order


def report(order: OwnOrder, status: str, filled: int, remaining: int, ts_ms: int) -> OrderReport:
    return OrderReport(
        "v1",
        order.client_order_id,
        "T",
        order.side,
        order.price_pips,
        1_000,
        filled,
        remaining,
        status,
        ts_ms,
    )


def states(manager: KalshiOrderManager) -> list[str]:
    return [event.state for event in manager.take_events() if isinstance(event, OrderChanged)]


def test_create_is_requested_accepted_and_told(manager: KalshiOrderManager) -> None:
    order = rest(manager)
    assert order.order_id == "v1"
    assert order.client_order_id == "actor-tag-1"
    assert states(manager) == ["requested", "resting"]
    assert manager.obstacle("T") == ""


def test_a_market_takes_no_new_plan_while_an_answer_is_awaited(manager: KalshiOrderManager) -> None:
    manager.execute(BID, MARKET, 0)
    assert "requested" in manager.obstacle("T")
    (request,) = manager.take_requests()
    manager.on_lost(request, "timed out", 5)
    assert "unknown" in manager.obstacle("T")


def test_a_market_takes_no_new_plan_while_reports_of_its_orders_may_be_lost(
    manager: KalshiOrderManager,
) -> None:
    rest(manager)
    manager.orders.doubt(is_told=False)
    assert {manager.obstacle(t) for t in "TU"} == {"the feed does not tell of our orders now"}
    manager.orders.doubt(is_told=True)
    assert "reports of our orders were lost" in manager.obstacle("T")
    assert manager.obstacle("U") == ""
    manager.orders.clear()
    manager.orders.end_group(Books(), 9)
    assert manager.obstacle("T") == ""


def test_amend_keeps_the_total_and_moves_the_price(manager: KalshiOrderManager) -> None:
    order = rest(manager)
    order.filled_lots = 300
    made = manager.execute(Plan(planner.AMEND, 0, 4_100, 700, 0), MARKET, 10)
    (request,) = manager.take_requests()
    assert request == AmendOrder(order.client_order_id, "v1", "T", 0, 4_100, 1_000)
    assert made.outcome == "ordered"
    assert (order.price_pips, order.target_pips) == (4_000, 4_100)
    manager.on_reply(request, AmendReply("v1", None, 11), 11)
    assert (order.price_pips, order.target_pips, order.state) == (4_100, None, OrderState.RESTING)


def test_a_refused_amend_leaves_the_order_where_it_was(manager: KalshiOrderManager) -> None:
    order = rest(manager)
    manager.execute(Plan(planner.AMEND, 0, 4_100, 1_000, 0), MARKET, 10)
    (request,) = manager.take_requests()
    manager.on_refused(request, 400, "insufficient balance", 11)
    assert (order.state, order.price_pips, order.reason) == (
        OrderState.RESTING,
        4_000,
        "insufficient balance",
    )


def test_a_404_on_cancel_is_unknown_until_the_feed_or_the_list_tells(
    manager: KalshiOrderManager,
) -> None:
    order = rest(manager)
    assert manager.cancel(order, 10, "test")
    (request,) = manager.take_requests()
    assert request == CancelOrder(order.client_order_id, "v1", "T")
    manager.on_refused(request, 404, "not found", 11)
    assert order.state is OrderState.UNKNOWN
    manager.on_list([report(order, "executed", 1_000, 0, 12)], [order.client_order_id], 12)
    assert order.state is OrderState.FILLED


def test_only_an_order_suspected_before_the_question_is_given_up(
    manager: KalshiOrderManager,
) -> None:
    manager.execute(BID, MARKET, 100)
    (request,) = manager.take_requests()
    manager.on_lost(request, "timed out", 110)
    order = manager.orders.get(request.client_order_id)
    assert order is not None
    assert manager.orders.unknown() == [order]
    manager.on_list([], [], 120)
    assert order.state is OrderState.UNKNOWN
    manager.on_list([], [order.client_order_id], 120)
    assert order.state is OrderState.REJECTED
    assert manager.orders.unknown() == []


def test_finished_orders_we_no_longer_keep_stay_forgotten(manager: KalshiOrderManager) -> None:
    old = OrderReport("v9", "actor-old-1", "T", 0, 4_000, 100, 100, 0, "executed", 3)
    left_over = OrderReport("v8", "actor-old-2", "T", 0, 4_000, 100, 0, 100, "resting", 3)
    manager.on_list([old, left_over], [], 10)
    assert manager.orders.get("actor-old-1") is None
    assert [order.client_order_id for order in manager.orders.open()] == ["actor-old-2"]
    assert states(manager) == ["resting"]


def test_a_late_create_answer_does_not_undo_what_the_feed_said(manager: KalshiOrderManager) -> None:
    manager.execute(BID, MARKET, 0)
    (request,) = manager.take_requests()
    order = manager.orders.get(request.client_order_id)
    assert order is not None
    manager.on_report(report(order, "resting", 0, 1_000, 5))
    manager.execute(Plan(planner.AMEND, 0, 4_100, 1_000, 0), MARKET, 6)
    manager.on_reply(request, CreateReply(request.client_order_id, "v1", 0, 1_000, 5), 7)
    assert order.state is OrderState.AMENDING
    manager.on_lost(request, "late", 8)
    assert order.state is OrderState.AMENDING


def test_a_fill_can_overtake_a_cancel(manager: KalshiOrderManager, ledger: Ledger) -> None:
    order = rest(manager)
    manager.cancel(order, 10, "test")
    (request,) = manager.take_requests()
    manager.on_reply(request, CancelReply("v1", 400, 11), 11)
    assert order.state is OrderState.CANCELLED
    fill = FillReport("t1", "v1", "T", 0, 4_000, 600, 100, False, 10, order.client_order_id)
    manager.on_fill(fill)
    manager.on_fill(fill)
    assert ledger.account("T").position_lots == 600
    booked = [event for event in manager.take_events() if isinstance(event, FillBooked)]
    assert [event.position_lots for event in booked] == [600]
    assert order.state is OrderState.CANCELLED


def test_an_order_that_fills_on_arrival_never_rests(manager: KalshiOrderManager) -> None:
    manager.execute(BID, MARKET, 0)
    (request,) = manager.take_requests()
    manager.on_reply(request, CreateReply(request.client_order_id, "v1", 1_000, 0, 1), 1)
    assert states(manager) == ["requested", "filled"]
    assert manager.orders.open() == []


def test_without_write_tokens_nothing_is_asked_and_cancels_still_pass(
    manager: KalshiOrderManager,
) -> None:
    order = rest(manager)
    outcomes = [manager.execute(BID, MARKET, 0) for _ in range(12)]
    refused = [made for made in outcomes if made.outcome == "blocked"]
    assert refused
    assert {made.reason for made in refused} == {"write tokens are used up"}
    assert manager.cancel(order, 0, "still possible")
    assert isinstance(manager.take_requests()[0], CancelOrder)


def test_off_grid_price_is_blocked_not_sent(manager: KalshiOrderManager) -> None:
    made = manager.execute(Plan(planner.CREATE, 0, 4_050, 1_000, 0), MARKET, 0)
    assert (made.outcome, manager.take_requests()) == ("blocked", [])
    assert "tick grid" in made.reason


def test_the_desk_sees_the_net_book_own_orders_and_what_is_left_of_the_sleeve(
    manager: KalshiOrderManager, book: OrderBook
) -> None:
    order = rest(manager)
    manager.on_report(report(order, "resting", 0, 1_000, 5))
    book.apply(0, 4_000, 1_000, 5)
    manager.orders.on_snapshot(book, 5)
    desk = manager.desk(MARKET, book)
    assert (desk.best_bid, desk.best_ask) == (4_000, 4_100)
    assert (desk.own_bid, desk.own_bid_lots, desk.own_ask_lots) == (4_000, 1_000, 0)
    assert desk.cash_micros == 100_000_000 - 4_000_000 - 170_000
    book.apply(0, 4_000, -500, 6)
    book.apply(0, 3_900, 10, 6)
    assert manager.desk(MARKET, book).best_bid == 3_900


def test_the_sleeve_is_capped_by_the_account(ledger: Ledger, book: OrderBook) -> None:
    ledger.open(3_000_000, [])
    manager = KalshiOrderManager(ledger, WriteBudget(100, 100, 0), TradingLimits(), "tag")
    desk = manager.desk(MARKET, book)
    assert desk.cash_micros == 3_000_000
    assert plan(desk, planner.BUY_YES).reason == planner.NO_CASH


def test_cancel_all_takes_only_the_origin_it_names(manager: KalshiOrderManager) -> None:
    rest(manager)
    stranger = OrderReport("v9", "desk-1", "T", 1, 4_200, 100, 0, 100, "resting", 3)
    manager.on_report(stranger)
    assert manager.cancel_all("actor", 10) == 1
    (request,) = manager.take_requests()
    assert isinstance(request, CancelOrder)
    assert manager.cancel_all("", 10) == 2
    assert [r.client_order_id for r in manager.take_requests()] == ["desk-1"]


def test_an_order_in_flight_is_cancelled_as_soon_as_it_rests(manager: KalshiOrderManager) -> None:
    manager.execute(BID, MARKET, 0)
    (create,) = manager.take_requests()
    assert manager.cancel_all("actor", 5) == 1
    assert manager.take_requests() == []
    manager.on_reply(create, CreateReply(create.client_order_id, "v1", 0, 1_000, 6), 6)
    manager.sweep(7)
    (cancel,) = manager.take_requests()
    assert cancel == CancelOrder(create.client_order_id, "v1", "T")
    assert manager.is_sweeping
    manager.on_reply(cancel, CancelReply("v1", 1_000, 8), 8)
    manager.sweep(9)
    assert not manager.is_sweeping


def test_a_doomed_order_waits_for_write_tokens(manager: KalshiOrderManager) -> None:
    order = rest(manager)
    while manager.execute(BID, MARKET, 0).outcome == "ordered":
        pass
    stolen = [rest_of for rest_of in range(20) if manager._budget.take_cancel(0)]
    assert stolen
    manager.take_requests()
    manager.doom([order.client_order_id], 0)
    assert manager.take_requests() == []
    manager.sweep(1_000)
    assert [request.client_order_id for request in manager.take_requests()] == [
        order.client_order_id
    ]


def test_keep_and_cancel_first_say_what_they_do(manager: KalshiOrderManager) -> None:
    order = rest(manager)
    kept = manager.execute(Plan(planner.KEEP, 0, 4_000, 1_000, 0), MARKET, 1)
    assert (kept.outcome, kept.client_order_id) == ("kept", order.client_order_id)
    assert manager.take_requests() == []
    cancelled = manager.execute(Plan(planner.CANCEL, 0, 4_000, 1_000, 0), MARKET, 1)
    assert cancelled.outcome == "ordered"
    assert cancelled.reason == "cancel bid 10 @ 40.0¢ first"


def test_requests_put_cancels_first(manager: KalshiOrderManager) -> None:
    order = rest(manager)
    manager.execute(BID, Market("U", "E", "other"), 1)
    manager.cancel(order, 1, "test")
    assert [type(request) for request in manager.take_requests()] == [CancelOrder, CreateOrder]


def test_news_by_list_ahead_of_the_feed_does_not_move_the_displayed_book(
    manager: KalshiOrderManager, book: OrderBook
) -> None:
    order = rest(manager)
    manager.on_report(report(order, "resting", 0, 1_000, 5))
    book.apply(0, 4_000, 1_000, 5)
    manager.orders.on_snapshot(book, 5)
    manager.on_list([report(order, "executed", 1_000, 0, 90)], [], 91)
    assert order.state is OrderState.FILLED
    manager.orders.on_snapshot(book, 5)
    assert book.net(0) == ((4_000, 500),)
    book.apply(0, 4_000, -1_000, 80)
    manager.on_report(report(order, "resting", 400, 600, 70))
    manager.orders.on_snapshot(book, 70)
    assert (order.state, order.shown_lots) == (OrderState.FILLED, 600)
    manager.on_report(report(order, "executed", 1_000, 0, 80))
    manager.orders.on_snapshot(book, 80)
    assert book.net(0) == ((4_000, 500),)


def test_a_429_means_waiting_for_new_tokens(manager: KalshiOrderManager) -> None:
    manager.execute(BID, MARKET, 1_000)
    (request,) = manager.take_requests()
    manager.on_refused(request, 429, "too many requests", 1_000)
    assert manager.execute(BID, MARKET, 1_000).reason == "write tokens are used up"
    assert manager.execute(BID, MARKET, 2_000).outcome == "ordered"


def test_an_older_report_does_not_bring_shown_lots_back(
    manager: KalshiOrderManager, book: OrderBook
) -> None:
    order = rest(manager)
    manager.on_report(report(order, "canceled", 0, 0, 20))
    manager.on_report(report(order, "resting", 0, 1_000, 10))
    assert (order.state, order.shown_lots) == (OrderState.CANCELLED, 0)


def test_a_settlement_is_told_with_what_was_held(manager: KalshiOrderManager) -> None:
    manager.on_fill(FillReport("t1", "v1", "T", 0, 4_000, 600, 0, False, 10))
    manager.take_events()
    manager.settle("T", 10_000, 50)
    assert manager.take_events() == [
        SettlementBooked("T", 10_000, 600, 6_000_000, 1_000_000_000 - 2_400_000 + 6_000_000, 50)
    ]
