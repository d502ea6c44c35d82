"""The markets table: one row a followed market, its best prices, and how old they are."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject

from app.formatting import UNKNOWN, age, contracts, countdown, price_cents
from app.models.table import Align, Cell, Column, RowTableModel
from app.states import FEED, MARKET, State
from app.views import MarketRow

_MS_PER_SECOND = 1_000
_STRUCK_STATES = frozenset({"stale", "recovering", "disconnected"})


@dataclass(frozen=True, slots=True)
class MarketLine:
    """A market and the whole seconds left until it closes, in ms; None if unknown.

    `has_ended` is True once the recorded session has: nothing is live any more.
    """

    market: MarketRow
    left_ms: int | None
    has_ended: bool = False

    @property
    def state(self) -> State:
        """State of the market if it is over, else of its feed."""
        if self.market.status in MARKET:
            return MARKET[self.market.status]
        return FEED["ended" if self.has_ended else self.market.feed_state]


def left_ms(close_ms: int | None, venue_ms: int | None) -> int | None:
    """Return the time left in whole seconds, so that a row changes once a second, not a frame."""
    if close_ms is None or venue_ms is None:
        return None
    return max(0, close_ms - venue_ms) // _MS_PER_SECOND * _MS_PER_SECOND


def _name(line: MarketLine) -> Cell:
    colour = "text2" if line.market.feed_state in {"paused", "empty"} else "text"
    return Cell(line.market.title, colour, 500, line.state.icon, line.state.colour)


def _bid(line: MarketLine) -> Cell:
    if line.market.status in MARKET:  # in place of both quotes
        words = f"{line.state.word} {line.market.result.upper()}".rstrip()
        return Cell(words, "text2", 500, span=2)
    return _quote(line, line.market.bid_pips, "bid")


def _ask(line: MarketLine) -> Cell:
    if line.market.status in MARKET:
        return Cell("")
    return _quote(line, line.market.ask_pips, "ask")


def _quote(line: MarketLine, price_pips: int | None, colour: str) -> Cell:
    if price_pips is None:
        return Cell(UNKNOWN, "text3")
    if line.market.feed_state in _STRUCK_STATES:
        return Cell(price_cents(price_pips), "stale", struck=True)
    return Cell(price_cents(price_pips), colour, 500)


def _age(line: MarketLine) -> Cell:
    if line.market.status in MARKET:
        return Cell(UNKNOWN, "text3")
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
    if line.market.status in MARKET:
        return Cell(UNKNOWN, "text3")
    if line.market.feed_state == "paused":
        return Cell("paused", "text2")
    return Cell(countdown(line.left_ms), "text2")


def _state_words(line: MarketLine) -> str:
    words = f"{line.market.title} ({line.market.ticker}): {line.state.word}"
    return f"{words} {line.market.result.upper()}".rstrip()


COLUMNS: tuple[Column[MarketLine], ...] = (
    Column(
        "Market",
        "● ≥ 5,012.50",
        _name,
        lambda line: line.market.title,
        stretches=True,
        whole=True,
        tooltip=_state_words,
    ),
    Column(
        "Bid ¢",
        "88.8",
        _bid,
        lambda line: line.market.bid_pips,
        Align.RIGHT,
        flash=lambda line: line.market.bid_pips,
    ),
    Column(
        "Ask ¢",
        "88.8",
        _ask,
        lambda line: line.market.ask_pips,
        Align.RIGHT,
        tooltip=lambda _line: "1 \N{MINUS SIGN} NO bid",
        flash=lambda line: line.market.ask_pips,
    ),
    Column(
        "Position",
        "+88,888.88",
        _position,
        lambda line: line.market.position_lots,
        Align.RIGHT,
        3,
        flash=lambda line: line.market.position_lots,
    ),
    Column("Age", "88.8 s", _age, lambda line: line.market.age_ms, Align.RIGHT, 2),
    Column("Closes", "paused", _closes, lambda line: line.left_ms, Align.RIGHT, 1),
)


class MarketsModel(RowTableModel[MarketLine]):
    """Followed markets by ticker."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(COLUMNS, lambda line: line.market.ticker, parent)

    def show_markets(
        self, markets: Sequence[MarketRow], venue_ms: int | None, *, has_ended: bool = False
    ) -> None:
        """Show these markets with the time left at this venue time."""
        self.show([MarketLine(row, left_ms(row.close_ms, venue_ms), has_ended) for row in markets])
