"""What the account is worth now: positions at what the net book's resting orders would pay."""

from typing import NamedTuple

from core.market.book import BookStatus, OrderBook
from core.market.books import Books
from core.trading.ledger import Ledger, MarketAccount, liquidation_value


class Value(NamedTuple):
    """One position: best closing price in pips and what all of it would bring in micros."""

    mark_pips: int | None
    value_micros: int | None
    open_micros: int | None


UNKNOWN = Value(None, None, None)


def value_of(account: MarketAccount, book: OrderBook | None) -> Value:
    """Value a position; unknown while its book is not LIVE."""
    if book is None or book.status is not BookStatus.LIVE:
        return UNKNOWN
    value = liquidation_value(account.position_lots, *book.net_columns(0), *book.net_columns(1))
    mark = book.net_best(0 if account.position_lots > 0 else 1)
    return Value(mark, value, value - account.cost_micros)


def equity_micros(ledger: Ledger, books: Books) -> int | None:
    """Cash and positions together, None while any position's value is unknown."""
    total = ledger.cash_micros
    for account in ledger:
        if account.position_lots:
            value = value_of(account, books.get(account.ticker)).value_micros
            if value is None:
                return None
            total += value
    return total
