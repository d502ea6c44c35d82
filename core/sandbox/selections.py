"""Which rows of the exchange a query means, newest first, on either side of the cutoff.

Rows of several accounts come in the one order in which they came to be.
"""

from collections.abc import Callable, Iterable, Sequence
from heapq import merge
from typing import TypeVar

from core.sandbox import queries
from core.sandbox.accounts import Account, FillRecord, Position, Settlement
from core.sandbox.archive import Archive
from core.sandbox.errors import invalid_query
from core.sandbox.exchange import Exchange
from core.sandbox.listings import PublicTrade
from core.sandbox.orders import Order

ORDER_STATUSES = ("resting", "canceled", "executed")
MAX_EVENTS = 10
_SETTLEMENT_STATUSES = ("unsettled", "settled", "all")
_COUNTS = ("position", "total_traded")

_Row = TypeVar("_Row")
_Serial = TypeVar("_Serial", Order, FillRecord, Settlement)


class Selections:
    """Reads filters and picks rows; `is_old` asks for history instead of live data.

    Numbered rows come with their number of all, which pages go by.
    """

    def __init__(self, exchange: Exchange, archive: Archive) -> None:
        self._exchange = exchange
        self._archive = archive

    def event_of(self, row: Order | Position | Settlement) -> str:
        """Event ticker of a row."""
        return self._exchange.listings[row.ticker].market.event_ticker

    def orders(
        self, accounts: Sequence[Account], query: queries.Query, operation: str, is_old: bool
    ) -> Iterable[Order]:
        """Orders by market, events, time of creation and status."""
        status = queries.one_of(query, "status", operation, ORDER_STATUSES)
        events = queries.listed(query, "event_ticker", operation, MAX_EVENTS)
        in_time = queries.time_filter(query, operation)
        ticker = query.get("ticker")
        return (
            order
            for order in _orders_newest_first(accounts, status)
            if (not status or order.status == status)
            and (not ticker or order.ticker == ticker)
            and (not events or self.event_of(order) in events)
            and in_time(order.created_ms)
            and self._archive.is_old_order(order) == is_old
        )

    def fills(
        self, accounts: Sequence[Account], query: queries.Query, operation: str, is_old: bool
    ) -> Iterable[FillRecord]:
        """Fills by market, order and time."""
        in_time = queries.time_filter(query, operation)
        ticker, order_id = query.get("ticker"), query.get("order_id")
        return (
            fill
            for fill in _newest_first([account.fills for account in accounts])
            if (not ticker or fill.order.ticker == ticker)
            and (not order_id or fill.order.order_id == order_id)
            and in_time(fill.ts_ms)
            and self._archive.is_old_trade(fill) == is_old
        )

    def positions(
        self, account: Account, query: queries.Query, operation: str, is_old: bool
    ) -> list[tuple[int, Position]]:
        """Numbered positions by market, event, settlement and counts that are not zero."""
        is_wanted = _position_filter(query, operation, settled="all" if is_old else "unsettled")
        ticker, events = query.get("ticker"), queries.words(query, "event_ticker")
        return [
            (number, position)
            for number, position in _numbered(account.positions.values())
            if is_wanted(position)
            and (not ticker or position.ticker == ticker)
            and (not events or self.event_of(position) in events)
            and self._archive.is_old_position(position) == is_old
        ]

    def settlements(
        self, accounts: Sequence[Account], query: queries.Query, operation: str
    ) -> Iterable[Settlement]:
        """Settlements by market, event and time; they stay live whatever their age."""
        in_time = queries.time_filter(query, operation)
        ticker, event = query.get("ticker"), query.get("event_ticker")
        return (
            settlement
            for settlement in _newest_first([account.settlements for account in accounts])
            if (not ticker or settlement.ticker == ticker)
            and (not event or self.event_of(settlement) == event)
            and in_time(settlement.settled_ms)
        )

    def trades(self, query: queries.Query, operation: str, is_old: bool) -> Iterable[PublicTrade]:
        """Public trades by market and time, as far back as markets remember; none is a block."""
        in_time = queries.time_filter(query, operation)
        if queries.flag(query, "is_block_trade", operation):
            return ()
        ticker, listings = query.get("ticker"), self._exchange.listings
        wanted = [listings[ticker]] if ticker in listings else []
        if not ticker:
            wanted = list(listings.values())
        kept = (reversed(listing.trades) for listing in wanted)
        return (
            trade
            for trade in merge(*kept, key=lambda trade: -trade.serial)
            if in_time(trade.ts_ms) and self._archive.is_old_trade(trade) == is_old
        )


def _orders_newest_first(accounts: Sequence[Account], status: str) -> Iterable[Order]:
    if status == "resting":
        resting = [order for account in accounts for order in account.resting_orders()]
        return sorted(resting, key=lambda order: -order.serial)
    return _newest_first([account.orders for account in accounts])


def _newest_first(lists: Sequence[Sequence[_Serial]]) -> Iterable[_Serial]:
    """Rows of several accounts in one order, each list being in order itself."""
    if len(lists) == 1:
        return reversed(lists[0])
    return merge(*map(reversed, lists), key=lambda row: -row.serial)


def _position_filter(
    query: queries.Query, operation: str, settled: str
) -> Callable[[Position], bool]:
    words = queries.one_of(query, "settlement_status", operation, _SETTLEMENT_STATUSES) or settled
    counts = queries.words(query, "count_filter")
    if not counts.issubset(_COUNTS):
        raise invalid_query(operation, "CountFilter", "oneof")
    return lambda position: bool(
        (words == "all" or position.is_settled == (words == "settled"))
        and ("position" not in counts or position.lots)
        and ("total_traded" not in counts or position.traded_lots)
    )


def _numbered(rows: Iterable[_Row]) -> list[tuple[int, _Row]]:
    return list(enumerate(rows, start=1))[::-1]
