"""Our books of account against the exchange's own report. Pure comparison; no correction."""

from typing import NamedTuple

from core.kalshi.events import BalanceReport, OrderReport, PositionReport
from core.trading.ledger import Ledger
from core.trading.order_index import OrderIndex


class Drift(NamedTuple):
    """Exchange minus ours. `is_exact` is False while a request or fill may be on its way."""

    cash_micros: int
    position_lots: int
    orders: int
    is_exact: bool

    @property
    def is_zero(self) -> bool:
        """True if nothing differs."""
        return not (self.cash_micros or self.position_lots or self.orders)


def compare(
    ledger: Ledger,
    orders: OrderIndex,
    balance: BalanceReport,
    positions: list[PositionReport],
    resting: list[OrderReport],
) -> Drift:
    """Compare cash, positions and open orders; position drift is the sum of absolute lots."""
    theirs = {report.ticker: report.position_lots for report in positions}
    ours = {account.ticker: account.position_lots for account in ledger}
    position_lots = sum(
        abs(theirs.get(ticker, 0) - ours.get(ticker, 0)) for ticker in theirs.keys() | ours.keys()
    )
    cash = balance.available_micros + balance.reserved_micros
    open_orders = orders.open()
    return Drift(
        cash_micros=cash - ledger.cash_micros,
        position_lots=position_lots,
        orders=len(resting) - len(open_orders),
        is_exact=not any(order.is_in_flight for order in open_orders),
    )
