from core.kalshi.events import BalanceReport, OrderReport, PositionReport
from core.trading.ledger import Ledger
from core.trading.order_index import OrderIndex
from core.trading.reconciliation import compare

RESTING = OrderReport("v1", "actor-x-1", "T", 0, 4_000, 1_000, 0, 1_000, "resting", 5)


def test_equal_accounts_have_no_drift() -> None:
    ledger, orders = Ledger(), OrderIndex()
    ledger.open(1_000_000, [PositionReport("T", 300, 1_200_000, 0, 0)])
    order = orders.adopt(RESTING)
    order.take_report(RESTING)
    orders.note_change(order)
    drift = compare(
        ledger,
        orders,
        BalanceReport(600_000, 400_000, 0),
        [PositionReport("T", 300, 1_200_000, 0, 0)],
        [RESTING],
    )
    assert drift.is_zero
    assert drift.is_exact


def test_drift_is_exchange_minus_ours_and_every_market_counts() -> None:
    ledger, orders = Ledger(), OrderIndex()
    ledger.open(1_000_000, [PositionReport("T", 300, 0, 0, 0)])
    drift = compare(
        ledger, orders, BalanceReport(900_000, 0, 0), [PositionReport("U", -50, 0, 0, 0)], [RESTING]
    )
    assert (drift.cash_micros, drift.position_lots, drift.orders) == (-100_000, 350, 1)
    assert not drift.is_zero


def test_an_order_in_flight_makes_the_comparison_inexact() -> None:
    orders = OrderIndex()
    orders.adopt(RESTING)
    drift = compare(Ledger(), orders, BalanceReport(0, 0, 0), [], [])
    assert not drift.is_exact
