"""Writes batches of recorded rows: one transaction a batch, binary COPY a table, each row once.

The only place that turns tickers into market ids. Keeps no rows; what is not committed when
`write` raises is the caller's to repeat, marked as in doubt.
"""

import logging
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import asyncpg

from core.errors import StorageError
from core.market.market import Market
from core.storage.database import Database
from core.storage.rows import TABLES, QueuedRow, Table

if TYPE_CHECKING:
    from core.storage.database import Connection

_log = logging.getLogger(__name__)
_SESSION_LOCK = 0x4B46_0002

_UPSERT_MARKET = """
insert into markets (ticker, event_ticker, title, subtitle, status, open_ms, close_ms, result,
                     price_ranges, taker_fee_rate, maker_fee_rate)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
on conflict (ticker) do update set
    event_ticker = excluded.event_ticker, title = excluded.title, subtitle = excluded.subtitle,
    status = excluded.status, open_ms = excluded.open_ms, close_ms = excluded.close_ms,
    result = excluded.result, price_ranges = excluded.price_ranges,
    taker_fee_rate = excluded.taker_fee_rate, maker_fee_rate = excluded.maker_fee_rate
"""
_ADD_TICKERS = "insert into markets (ticker) select unnest($1::text[]) on conflict do nothing"
_MARKET_IDS = "select id, ticker from markets where ticker = any($1::text[])"

# What asyncpg raises for a value it cannot encode, and PostgreSQL for one it will not take.
_UNFIT = (
    OverflowError,
    TypeError,
    ValueError,
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
)


class _UnfitRowError(StorageError):
    """A row of the batch can never be written, because of a value in it; nothing was."""


class RowWriter:
    """Writer of recorded rows of any session into one database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._market_ids: dict[str, int] = {}
        self._unwritten: dict[str, Market] = {}

    async def register(self, markets: Iterable[Market]) -> None:
        """Store what is known of these markets, now or, if the database is away, before new rows.

        Rows of a market nobody registered are stored too, under a market with nothing but a ticker.
        """
        self._unwritten.update((market.ticker, market) for market in markets)
        try:
            async with self._database.connection() as connection:
                await self._write_markets(connection)
        except StorageError as error:
            _log.warning("markets are registered later: %s", error)

    async def write(
        self, session_id: int, rows: Sequence[QueuedRow], *, in_doubt: bool
    ) -> list[QueuedRow]:
        """Commit a batch, in one transaction unless a row in it does not fit its table.

        Args:
            session_id: session of all these rows.
            rows: ascending row numbers.
            in_doubt: some of them may have been committed before; those are left out.

        Returns:
            Rows that no repetition can write, because of a value in them.

        Raises:
            StorageError: the database is away or refused; whether it committed is unknown.
        """
        try:
            await self._commit(session_id, rows, in_doubt=in_doubt)
        except _UnfitRowError as error:
            if len(rows) == 1:
                _log.error("%s: %s", error, rows[0])
                return list(rows)
            middle = len(rows) // 2
            return [
                row
                for half in (rows[:middle], rows[middle:])
                for row in await self.write(session_id, half, in_doubt=in_doubt)
            ]
        return []

    async def _commit(self, session_id: int, rows: Sequence[QueuedRow], *, in_doubt: bool) -> None:
        async with self._database.connection() as connection:
            await self._write_markets(connection)
            await self._learn({ticker for _, _, ticker, _ in rows if ticker}, connection)
            async with connection.transaction():
                # Waits for an earlier, lost transaction of this session to end either way.
                await connection.execute(
                    "select pg_advisory_xact_lock($1, $2)", _SESSION_LOCK, session_id
                )
                for table, records in self._records(session_id, rows):
                    fresh = await _unknown(connection, table, records) if in_doubt else records
                    await _copy(connection, table, fresh)

    async def _write_markets(self, connection: "Connection") -> None:
        if not self._unwritten:
            return
        markets = sorted(self._unwritten.values(), key=lambda market: market.ticker)
        await connection.executemany(_UPSERT_MARKET, [_market_row(market) for market in markets])
        await self._learn({market.ticker for market in markets}, connection)
        for market in markets:
            if self._unwritten.get(market.ticker) is market:
                del self._unwritten[market.ticker]

    async def _learn(self, tickers: set[str], connection: "Connection") -> None:
        """Have an id for each ticker; outside the batch's transaction, so that ids stay true."""
        missing = sorted(tickers - self._market_ids.keys())
        if not missing:
            return
        await connection.execute(_ADD_TICKERS, missing)
        for row in await connection.fetch(_MARKET_IDS, missing):
            self._market_ids[row["ticker"]] = row["id"]

    def _records(
        self, session_id: int, rows: Sequence[QueuedRow]
    ) -> list[tuple[Table, list[tuple[Any, ...]]]]:
        """Rows by table, in order, with ids in place of tickers."""
        by_table: dict[int, list[tuple[Any, ...]]] = {}
        ids = self._market_ids
        for index, row_no, ticker, values in rows:
            head = (session_id, row_no, ids[ticker]) if ticker else (session_id, row_no)
            by_table.setdefault(index, []).append((*head, *values))
        return [(TABLES[index], records) for index, records in sorted(by_table.items())]


async def _copy(connection: "Connection", table: Table, records: list[tuple[Any, ...]]) -> None:
    try:
        await connection.copy_records_to_table(table.name, records=records, columns=table.columns)
    except _UNFIT as error:
        raise _UnfitRowError(f"A row does not fit the table {table.name}: {error}") from error


async def _unknown(
    connection: "Connection", table: Table, records: list[tuple[Any, ...]]
) -> list[tuple[Any, ...]]:
    """Those records that the table does not hold yet."""
    session_id, first, last = records[0][0], records[0][1], records[-1][1]
    found = await connection.fetch(
        f"select row_no from {table.name} where session_id = $1 and row_no between $2 and $3",
        session_id, first, last,
    )  # fmt: skip
    known = {row["row_no"] for row in found}
    return [record for record in records if record[1] not in known]


def _market_row(market: Market) -> tuple[Any, ...]:
    bands = [
        pips
        for band in market.price_ranges
        for pips in (band.start_pips, band.end_pips, band.step_pips)
    ]
    return (
        *(market.ticker, market.event_ticker, market.title, market.subtitle, market.status),
        *(market.open_ms, market.close_ms, market.result, bands),
        *(market.fees.taker_rate, market.fees.maker_rate),
    )
