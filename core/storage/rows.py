"""Which event becomes which row: tables, their columns, and the values in column order.

Pure mapping; row numbers, market ids and writing are the business of the write path.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from core.agent.events import DecisionMade
from core.events import Event
from core.market.events import BookDelta, BookSnapshot, Level, Trade
from core.trading.events import FillBooked, OrderChanged, PortfolioSynced, SettlementBooked
from core.units import PIPS_PER_DOLLAR, Side

Values = tuple[Any, ...]
"""Column values of one row after session_id, row_no and market_id."""

QueuedRow = tuple[int, int, str, Values]
"""Index in TABLES, row number, ticker ("" for none), values."""

MAX_INT4 = 2**31 - 1
_YES_OR_NO = (b"y", b"n")
_BID_OR_ASK = (b"b", b"a")


@dataclass(frozen=True)
class Table:
    """A recorded table.

    Attributes:
        count: column of `sessions` that counts its rows, "" for none.
        values: columns after session_id, row_no and, where it has one, market_id.
    """

    name: str
    count: str
    values: str
    has_market: bool = True

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Columns in the order of a record."""
        head = "session_id row_no market_id" if self.has_market else "session_id row_no"
        return tuple(f"{head} {self.values}".split())


TABLES = (
    Table("orderbook_deltas", "deltas", "ts_ms recv_after_ms sid seq delta_lots price_pips side"
          " client_order_id"),
    Table("orderbook_snapshots", "snapshots", "ts_ms recv_after_ms sid seq yes_bid_pips"
          " yes_bid_lots no_bid_pips no_bid_lots"),
    Table("trades", "trades", "ts_ms recv_after_ms sid seq quantity_lots yes_price_pips"
          " taker_side is_inferred trade_id"),
    Table("rl_orders", "order_changes", "ts_ms total_lots filled_lots yes_price_pips side"
          " client_order_id order_id state origin reason"),
    Table("rl_fills", "fills", "ts_ms quantity_lots fee_micros position_lots cash_micros"
          " realized_micros yes_price_pips side is_taker trade_id order_id client_order_id"),
    Table("trading_actions", "decisions", "ts_ms number action probability outcome reason"
          " client_order_id policy"),
    Table("portfolio_syncs", "", "ts_ms cash_micros reserved_micros drift_cash_micros"
          " drift_position_lots drift_orders", has_market=False),
    Table("settlement_payouts", "", "ts_ms position_lots payout_micros cash_micros yes_pips"),
)  # fmt: skip
"""Index here is how a queued row names its table; the order is part of the spool's format."""


def delta_values(event: BookDelta, recv_after_ms: int) -> Values:
    """A change of one level, in the exchange's terms: a YES ask is a NO bid at the mirror price."""
    price = event.price_pips if event.side == Side.BID else PIPS_PER_DOLLAR - event.price_pips
    return (
        *(event.ts_ms, recv_after_ms, event.sid, event.seq, event.delta_lots, price),
        *(_YES_OR_NO[event.side], event.client_order_id or ""),
    )


def snapshot_values(event: BookSnapshot, recv_after_ms: int) -> Values:
    """A whole book as YES bids and NO bids, each ascending."""
    no_bids = [(PIPS_PER_DOLLAR - price, lots) for price, lots in reversed(event.asks)]
    return (
        *(event.ts_ms, recv_after_ms, event.sid, event.seq),
        *(_prices(event.bids), _lots(event.bids), _prices(no_bids), _lots(no_bids)),
    )


def trade_values(event: Trade, recv_after_ms: int) -> Values:
    """A public or inferred trade."""
    return (
        *(event.ts_ms, recv_after_ms, event.sid, event.seq, event.quantity_lots, event.price_pips),
        *(_BID_OR_ASK[event.taker_side], event.is_inferred, event.trade_id),
    )


def order_values(event: OrderChanged, _recv_after_ms: int) -> Values:
    """A state of an own order."""
    return (
        *(event.ts_ms, event.total_lots, event.filled_lots, event.price_pips),
        *(_BID_OR_ASK[event.side], event.client_order_id, event.order_id),
        *(event.state, event.origin, event.reason),
    )


def fill_values(event: FillBooked, _recv_after_ms: int) -> Values:
    """A fill with the ledger after it."""
    fill = event.fill
    return (
        *(fill.ts_ms, fill.quantity_lots, fill.fee_micros, event.position_lots),
        *(event.cash_micros, event.realized_micros, fill.price_pips, _BID_OR_ASK[fill.side]),
        *(fill.is_taker, fill.trade_id, fill.order_id, fill.client_order_id),
    )


def decision_values(event: DecisionMade, _recv_after_ms: int) -> Values:
    """A decision and what became of it."""
    return (
        *(event.ts_ms, event.number, event.action, event.probability, event.outcome),
        *(event.reason, event.client_order_id, event.policy),
    )


def sync_values(event: PortfolioSynced, _recv_after_ms: int) -> Values:
    """A comparison of our portfolio with the exchange's."""
    return (
        *(event.ts_ms, event.cash_micros, event.reserved_micros, event.drift_cash_micros),
        *(event.drift_position_lots, event.drift_orders),
    )


def settlement_values(event: SettlementBooked, _recv_after_ms: int) -> Values:
    """A determined market's payout."""
    return (
        *(event.ts_ms, event.position_lots, event.payout_micros, event.cash_micros),
        event.yes_pips,
    )


ROW_OF: dict[type[Event], tuple[int, Callable[[Any, int], Values]]] = {
    BookDelta: (0, delta_values),
    BookSnapshot: (1, snapshot_values),
    Trade: (2, trade_values),
    OrderChanged: (3, order_values),
    FillBooked: (4, fill_values),
    DecisionMade: (5, decision_values),
    PortfolioSynced: (6, sync_values),
    SettlementBooked: (7, settlement_values),
}
"""Index of the table and the values, for every event that is recorded."""


def ticker_of(event: Event) -> str:
    """Market of a recorded event, "" for the whole account."""
    if isinstance(event, FillBooked):
        return event.fill.ticker
    return getattr(event, "ticker", "")


def _prices(levels: tuple[Level, ...] | list[Level]) -> list[int]:
    return [price for price, _ in levels]


def _lots(levels: tuple[Level, ...] | list[Level]) -> list[int]:
    return [lots for _, lots in levels]
