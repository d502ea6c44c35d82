"""Why there is no book to draw, in the words of the empty state."""

from app.sources import ConsoleSource
from app.states import MARKET
from app.views import BookView

Words = tuple[str, str]
"""(what it is, why and what fills it)."""


def has_levels(book: BookView | None) -> bool:
    """Tell whether anybody quotes this book."""
    return book is not None and bool(book.bids or book.asks)


def end_of_market(source: ConsoleSource, ticker: str) -> Words | None:
    """Say that a market is over, or with it the whole session; None while it goes on."""
    row = next((row for row in source.markets() if row.ticker == ticker), None)
    if row is not None and row.status in MARKET:
        result = f" The result is {row.result.upper()}." if row.result else ""
        return f"Market {MARKET[row.status].word.lower()}", f"It is not quoted any more.{result}"
    if source.systems().is_over:
        return "Session ended", "The recording has no more of this market."
    return None


def absence(source: ConsoleSource, ticker: str, book: BookView | None) -> Words:
    """Say why the book of the chosen market has nothing to draw."""
    if not ticker:
        return "No market chosen", "Choose one in Markets."
    ended = end_of_market(source, ticker)
    if ended is not None:
        return ended
    if book is None:
        return "No book yet", "It appears with the first snapshot of this market."
    return "The book is empty", "Nobody quotes this market now."
