"""The markets table: one row a followed market, its best prices, and how old they are."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject

from app.formatting import UNKNOWN, age, contracts, countdown, price_cents
from app.models.table import Align, Cell, Column, RowTableModel
from app.states import FEED
from app.views import MarketRow

_MS_PER_SECOND = 1_000
_STRUCK_STATES = frozenset({"stale", "recovering", "disconnected"})


@dataclass(frozen=True, slots=True)
class MarketLine:
    """A market and the whole seconds left until it closes, in ms; None if unknown."""

    market: MarketRow
    left_ms: int | None


def left_ms(close_ms: int | None, venue_ms: int | None) -> int | None:
    """Return the time left in whole seconds, so that a row changes once a second, not a frame."""
    if close_ms is None or venue_ms is None:
        return None
    return max(0, close_ms - venue_ms) // _MS_PER_SECOND * _MS_PER_SECOND


def _name(line: MarketLine) -> Cell:
    state = FEED[line.market.feed_state]
    colour = "text2" if line.market.feed_state in {"paused", "empty"} else "text"
    return Cell(line.market.title, colour, 500, state.icon, state.colour)


def _quote(line: MarketLine, price_pips: int | None, colour: str) -> Cell:
    if price_pips is None:
        return Cell(UNKNOWN, "text3")
    if line.market.feed_state in _STRUCK_STATES:
        return Cell(price_cents(price_pips), "stale", struck=True)
    return Cell(price_cents(price_pips), colour, 500)


def _age(line: MarketLine) -> Cell:
    is_stale = line.market.feed_state in _STRUCK_STATES
    return Cell(
        age(line.market.age_ms),
        "warn" if is_stale else "text3",
        500 if is_stale else 400,
    )


def _position(line: MarketLine) -> Cell:
    lots = line.market.position_lots
    if not lots:
        return Cell(UNKNOWN, "text3")
    return Cell(contracts(lots, signed=True), "bid" if lots > 0 else "ask", 500)


def _closes(line: MarketLine) -> Cell:
    if line.market.feed_state == "paused":
        return Cell("paused", "text2")
    return Cell(countdown(line.left_ms), "text2")


def _state_words(line: MarketLine) -> str:
    return f"{line.market.title} ({line.market.ticker}): {FEED[line.market.feed_state].word}"


COLUMNS: tuple[Column[MarketLine], ...] = (
    Column(
        "Market",
        "● BTC ≥ 80,0",
        _name,
        lambda line: line.market.title,
        stretches=True,
        tooltip=_state_words,
    ),
    Column(
        "Bid ¢",
        "88.8",
        lambda line: _quote(line, line.market.bid_pips, "bid"),
        lambda line: line.market.bid_pips,
        Align.RIGHT,
    ),
    Column(
        "Ask ¢",
        "88.8",
        lambda line: _quote(line, line.market.ask_pips, "ask"),
        lambda line: line.market.ask_pips,
        Align.RIGHT,
        tooltip=lambda _line: "1 \N{MINUS SIGN} NO bid",
    ),
    Column(
        "Position",
        "+88,888.88",
        _position,
        lambda line: line.market.position_lots,
        Align.RIGHT,
        2,
    ),
    Column("Age", "88.8 s", _age, lambda line: line.market.age_ms, Align.RIGHT, 1),
    Column("Closes", "paused", _closes, lambda line: line.left_ms, Align.RIGHT),
)


class MarketsModel(RowTableModel[MarketLine]):
    """Followed markets by ticker."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(COLUMNS, lambda line: line.market.ticker, parent)

    def show_markets(self, markets: Sequence[MarketRow], venue_ms: int | None) -> None:
        """Show these markets with the time left at this venue time."""
        self.show([MarketLine(row, left_ms(row.close_ms, venue_ms)) for row in markets])
