"""Markets with all that lists say of them, for scripts: replies in, integers out.

Pure. Quotes and counts here lag the book; to trade by, take the book. A record holds the market
of the console and what that leaves out.
"""

import logging

import msgspec

from core.errors import DecodeError
from core.kalshi import reports, rest_wire
from core.kalshi.wire import LOTS, PIPS
from core.market.events import Level
from core.market.market import Market
from core.units import PIPS_PER_DOLLAR

_log = logging.getLogger(__name__)


class Strike(msgspec.Struct, frozen=True):
    """What YES means in numbers; those are text as the exchange writes them, "" where none."""

    kind: str
    floor: str
    cap: str
    functional: str


class MarketRecord(msgspec.Struct, frozen=True):
    """A market as lists show it. A time of 0 and a price of None are not said or not there.

    Attributes:
        bid, ask: best YES price and size.
        last_pips: price of the last trade.
        day_before: the last price and quotes a day ago.
        settlement_bounds: how a scalar result is bounded, in the exchange's word.
    """

    market: Market
    no_subtitle: str
    bid: Level | None
    ask: Level | None
    last_pips: int | None
    day_before: tuple[int | None, int | None, int | None]
    open_interest_lots: int
    created_ms: int
    updated_ms: int
    latest_expiration_ms: int
    settled_ms: int
    can_close_early: bool
    early_close_condition: str
    expiration_value: str
    settlement_bounds: str
    price_structure: str
    strike: Strike
    rules: tuple[str, str]
    exchange_index: int


class MarketRow(rest_wire.MarketBody):
    """A market object with the members that only scripts read."""

    no_sub_title: str = ""
    yes_bid_dollars: str | None = None
    yes_bid_size_fp: str = "0"
    yes_ask_dollars: str | None = None
    yes_ask_size_fp: str = "0"
    last_price_dollars: str | None = None
    previous_price_dollars: str | None = None
    previous_yes_bid_dollars: str | None = None
    previous_yes_ask_dollars: str | None = None
    open_interest_fp: str = "0"
    created_time: str | None = None
    updated_time: str | None = None
    latest_expiration_time: str | None = None
    settlement_ts: str | None = None
    can_close_early: bool = False
    early_close_condition: str = ""
    expiration_value: str = ""
    settlement_bounds_type: str = ""
    price_level_structure: str = ""
    strike_type: str = ""
    floor_strike: msgspec.Raw = msgspec.Raw(b"null")
    cap_strike: msgspec.Raw = msgspec.Raw(b"null")
    functional_strike: str | None = None
    rules_primary: str = ""
    rules_secondary: str = ""
    exchange_index: int = 0


class MarketRowReply(msgspec.Struct):
    """One market."""

    market: MarketRow


class MarketRowsPage(msgspec.Struct):
    """A page of markets."""

    markets: list[MarketRow]
    cursor: str | None = ""


def market_record(row: MarketRow) -> MarketRecord:
    """A market in integer units.

    Raises:
        DecodeError: a contract that does not pay one dollar, or unreadable amounts.
    """
    return MarketRecord(
        market=rest_wire.market(row),
        no_subtitle=row.no_sub_title,
        bid=_quote(row.yes_bid_dollars, row.yes_bid_size_fp),
        ask=_quote(row.yes_ask_dollars, row.yes_ask_size_fp),
        last_pips=_price(row.last_price_dollars),
        day_before=(
            _price(row.previous_price_dollars),
            _price(row.previous_yes_bid_dollars),
            _price(row.previous_yes_ask_dollars),
        ),
        open_interest_lots=LOTS[row.open_interest_fp],
        created_ms=reports.time_ms(row.created_time),
        updated_ms=reports.time_ms(row.updated_time),
        latest_expiration_ms=reports.time_ms(row.latest_expiration_time),
        settled_ms=reports.time_ms(row.settlement_ts),
        can_close_early=row.can_close_early,
        early_close_condition=row.early_close_condition,
        expiration_value=row.expiration_value,
        settlement_bounds=row.settlement_bounds_type,
        price_structure=row.price_level_structure,
        strike=_strike(row),
        rules=(row.rules_primary, row.rules_secondary),
        exchange_index=row.exchange_index,
    )


def market_records(page: MarketRowsPage) -> list[MarketRecord]:
    """The one-dollar markets of a page; others are left out with a warning."""
    found: list[MarketRecord] = []
    for row in page.markets:
        try:
            found.append(market_record(row))
        except DecodeError as error:
            _log.warning("market %s is left out: %s", row.ticker, error)
    return found


def _strike(row: MarketRow) -> Strike:
    return Strike(
        kind=row.strike_type,
        floor=_number(row.floor_strike),
        cap=_number(row.cap_strike),
        functional=row.functional_strike or "",
    )


def _number(number: msgspec.Raw) -> str:
    """The text of a JSON number, so that no float takes part."""
    text = bytes(number).decode()
    return "" if text == "null" else text


def _quote(price: str | None, size: str) -> Level | None:
    pips = _price(price)
    return None if pips is None else (pips, LOTS[size])


def _price(text: str | None) -> int | None:
    """A price that can be traded; 0 and 1 dollar stand for none."""
    pips = 0 if text is None else PIPS[text]
    return pips if 0 < pips < PIPS_PER_DOLLAR else None
