"""What happens to our orders, positions and cash; for observers only."""

from core.events import Event
from core.kalshi.events import FillReport


class OrderChanged(Event, frozen=True, gc=False):
    """An own order entered a new state or changed its size or price."""

    client_order_id: str
    order_id: str
    ticker: str
    side: int
    price_pips: int
    total_lots: int
    filled_lots: int
    state: str
    origin: str
    reason: str
    ts_ms: int


class FillBooked(Event, frozen=True, gc=False):
    """A fill entered the ledger; position, cash and realised profit are those after it."""

    fill: FillReport
    position_lots: int
    cash_micros: int
    realized_micros: int


class SettlementBooked(Event, frozen=True, gc=False):
    """A determined market was paid out; `position_lots` is what was held, cash that after it."""

    ticker: str
    yes_pips: int
    position_lots: int
    payout_micros: int
    cash_micros: int
    ts_ms: int


class PortfolioSynced(Event, frozen=True, gc=False):
    """The exchange's own figures were read and compared; drift is exchange minus ours."""

    ts_ms: int
    cash_micros: int
    reserved_micros: int
    drift_cash_micros: int
    drift_position_lots: int
    drift_orders: int
