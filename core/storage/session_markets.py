"""The markets of a session, gathered from notes, exchange messages and the file beside it."""

import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from core.market.events import BookDelta, BookSnapshot
from core.market.market import Market
from core.market.ticks import TAPERED_DECI_CENT_RANGES, PriceRange
from core.storage.frames import MarketMsg, WatchMsg
from core.storage.recorded_session import SessionEvent
from core.units import PIPS_PER_CENT, PIPS_PER_DOLLAR, parse_count, parse_price

_log = logging.getLogger(__name__)
_EPOCH = datetime.fromtimestamp(0, UTC)
_QUARTER_HOUR_MS = 15 * 60_000


class MarketDirectory:
    """What is known of each market, in order of appearance."""

    def __init__(self) -> None:
        self._markets: dict[str, Market] = {}

    def see(self, ticker: str) -> None:
        """Note that the file holds this market."""
        if ticker not in self._markets:
            event_ticker = ticker.rsplit("-", 1)[0]
            self._markets[ticker] = Market(ticker, event_ticker, title=ticker)

    def watch(self, note: WatchMsg) -> None:
        """Take a recorder's note of a 15-minute crypto market."""
        self.see(note.market_ticker)
        self._complete(note.market_ticker, note.close_time, note.strike)
        self._markets[note.market_ticker] = replace(
            self._markets[note.market_ticker], price_ranges=TAPERED_DECI_CENT_RANGES
        )

    def describe(self, note: MarketMsg) -> None:
        """Take the exchange's own description; a later one may add the result."""
        ranges = tuple(
            PriceRange(parse_price(band.start), parse_price(band.end), parse_price(band.step))
            for band in note.price_ranges
        )
        known = self._markets.get(note.ticker)
        self._markets[note.ticker] = Market(
            ticker=note.ticker,
            event_ticker=note.event_ticker,
            title=note.title or note.ticker,
            subtitle=note.yes_sub_title,
            status=known.status if known else note.status,
            open_ms=time_ms(note.open_time),
            close_ms=time_ms(note.close_time),
            result=note.result or (known.result if known else ""),
            price_ranges=ranges,
            volume_lots=known.volume_lots if known else parse_count(note.volume_fp),
        )

    def set_result(self, ticker: str, result: str) -> None:
        """Take the outcome of a market."""
        self.see(ticker)
        self._markets[ticker] = replace(self._markets[ticker], result=result)

    def read_beside(self, session: Path) -> None:
        """Take close times and outcomes from `markets.json` in the session's folder, if any."""
        path = session.with_name("markets.json")
        try:
            rows = msgspec.json.decode(path.read_bytes(), type=list[_MarketRow])
        except FileNotFoundError:
            return
        except (OSError, msgspec.DecodeError) as error:
            _log.warning("%s is left out: %s", path, error)
            return
        for row in rows:
            if row.ticker in self._markets:
                self._take_row(row, path)

    def markets(self, events: Iterable[SessionEvent]) -> tuple[Market, ...]:
        """All markets; where no tick structure was told it is read off the prices used."""
        unknown = {t: set[int]() for t, m in self._markets.items() if not m.price_ranges}
        if unknown:
            _gather_prices(events, unknown)
        return tuple(
            replace(market, price_ranges=ranges_for(unknown[market.ticker]))
            if market.ticker in unknown
            else market
            for market in self._markets.values()
        )

    def _take_row(self, row: "_MarketRow", path: Path) -> None:
        try:
            self._complete(row.ticker, row.close_time, row.strike)
        except ValueError as error:
            _log.warning("%s: the times of %s are left out: %s", path, row.ticker, error)
        if row.derived_result:
            self.set_result(row.ticker, row.derived_result)

    def _complete(self, ticker: str, close_time: str, strike: float | None) -> None:
        market = self._markets[ticker]
        close_ms = time_ms(close_time)
        self._markets[ticker] = replace(
            market,
            subtitle=f"Target price: ${strike:,.2f}" if strike is not None else market.subtitle,
            close_ms=close_ms,
            open_ms=close_ms - _QUARTER_HOUR_MS if close_ms else 0,
        )


class _MarketRow(msgspec.Struct):
    ticker: str
    close_time: str = ""
    strike: float | None = None
    derived_result: str | None = None


def time_ms(text: str) -> int:
    """RFC 3339 text as venue milliseconds, rounded down; "" gives 0.

    Raises:
        ValueError: the text is no time, or names no zone.
    """
    if not text:
        return 0
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"the time {text!r} names no zone, such as Z for UTC")
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def ranges_for(prices: set[int]) -> tuple[PriceRange, ...]:
    """Coarsest known tick structure that holds all these prices; () means whole cents."""
    fine = [price for price in prices if price % PIPS_PER_CENT]
    if not fine:
        return ()
    if any(price % 10 for price in fine):
        return (PriceRange(0, PIPS_PER_DOLLAR, 1),)
    if all(price < 1_000 or price > 9_000 for price in fine):
        return TAPERED_DECI_CENT_RANGES
    return (PriceRange(0, PIPS_PER_DOLLAR, 10),)


def _gather_prices(events: Iterable[SessionEvent], into: dict[str, set[int]]) -> None:
    for event in events:
        if event.ticker not in into:
            continue
        if isinstance(event, BookDelta):
            into[event.ticker].add(event.price_pips)
        elif isinstance(event, BookSnapshot):
            into[event.ticker].update(price for price, _ in event.bids + event.asks)
