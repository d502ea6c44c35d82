"""How a generated market is listed: ticker, title, ticks and times."""

from datetime import UTC, datetime

from core.market.market import Market
from core.sandbox.flow_profile import FlowProfile


def listed(profile: FlowProfile, strike: float, open_ms: int, close_ms: int) -> Market:
    """The market that asks about this strike at this close."""
    close = datetime.fromtimestamp(close_ms / 1_000, UTC)
    event_ticker = f"{profile.series}-{close:%y%b%d%H%M}".upper()
    top = strike + profile.strike_gap - 0.01
    subtitle = f"{strike:,.2f} to {top:,.2f}" if profile.is_range else f"{strike:,.2f} or above"
    question = subtitle if profile.is_range else f"at or above {strike:,.2f}"
    return Market(
        ticker=f"{event_ticker}-{'B' if profile.is_range else 'T'}{strike:.2f}",
        event_ticker=event_ticker,
        title=f"{profile.subject} {question} at {close:%H:%M} UTC?",
        subtitle=subtitle,
        open_ms=open_ms,
        close_ms=close_ms,
        price_ranges=profile.price_ranges,
    )
