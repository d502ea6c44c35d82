"""REST objects of money, positions and settlements, as plain values for the JSON encoder."""

from collections.abc import Callable
from itertools import groupby

from core.sandbox.accounts import Account, Position, Settlement
from core.sandbox.rest_json import Json
from core.sandbox.wire_text import dollars, time_text
from core.units import MICROS_PER_CENT, PIPS_PER_CENT, format_count, format_money


def position_view(position: Position) -> Json:
    """One market position."""
    return {
        "ticker": position.ticker,
        "exchange_index": 0,
        "position_fp": format_count(position.lots),
        "market_exposure_dollars": format_money(position.cost_micros),
        "total_traded_dollars": format_money(position.traded_micros),
        "realized_pnl_dollars": format_money(position.realized_micros),
        "fees_paid_dollars": format_money(position.fees_micros),
        "last_updated_ts": time_text(position.updated_ms),
    }


def event_position_view(event_ticker: str, positions: list[Position]) -> Json:
    """The positions of one event, summed."""
    return {
        "event_ticker": event_ticker,
        "event_exposure_dollars": format_money(sum(p.cost_micros for p in positions)),
        "total_cost_dollars": format_money(sum(p.traded_micros for p in positions)),
        "total_cost_shares_fp": format_count(sum(p.traded_lots for p in positions)),
        "realized_pnl_dollars": format_money(sum(p.realized_micros for p in positions)),
        "fees_paid_dollars": format_money(sum(p.fees_micros for p in positions)),
    }


def positions_view(positions: list[Position], event_of: Callable[[Position], str]) -> Json:
    """Market positions, and the event positions they sum up to."""
    by_event = groupby(sorted(positions, key=event_of), key=event_of)
    return {
        "market_positions": [position_view(position) for position in positions],
        "event_positions": [event_position_view(event, list(own)) for event, own in by_event],
    }


def settlement_view(settlement: Settlement, event_ticker: str) -> Json:
    """The settlement object of protocol 4.8; `revenue` and `value` are whole cents."""
    yes_lots, no_lots = max(0, settlement.position_lots), max(0, -settlement.position_lots)
    return {
        "ticker": settlement.ticker,
        "event_ticker": event_ticker,
        "exchange_index": 0,
        "market_result": settlement.result,
        "yes_count_fp": format_count(yes_lots),
        "yes_total_cost_dollars": format_money(settlement.cost_micros if yes_lots else 0),
        "no_count_fp": format_count(no_lots),
        "no_total_cost_dollars": format_money(settlement.cost_micros if no_lots else 0),
        "revenue": settlement.revenue_micros // MICROS_PER_CENT,
        "value": settlement.value_pips // PIPS_PER_CENT,
        "fee_cost": format_money(settlement.fees_micros),
        "settled_time": time_text(settlement.settled_ms),
    }


def balance_view(account: Account, positions_micros: int, now_ms: int) -> Json:
    """Free cash and the market value of positions."""
    free = account.available_micros
    return {
        "balance": _cents(free),
        "balance_dollars": dollars(free),
        "portfolio_value": positions_micros // MICROS_PER_CENT,
        "updated_ts": now_ms // 1000,
        "balance_breakdown": [{"exchange_index": 0, "balance": dollars(free)}],
    }


def resting_value_view(held: int) -> Json:
    """What resting orders hold back in micros, exactly in the breakdown."""
    return {
        "total_resting_order_value": held // MICROS_PER_CENT,
        "resting_order_value_breakdown": [{"exchange_index": 0, "balance": dollars(held)}],
    }


def _cents(micros: int) -> int:
    """Whole cents, toward zero."""
    return micros // MICROS_PER_CENT if micros >= 0 else -(-micros // MICROS_PER_CENT)
