"""Wire forms of events, the terms of series, and changes of their fees, in integer units. Pure."""

import msgspec

from core.kalshi import reports, rest_wire
from core.kalshi.wire import LOTS
from core.market.market import Market
from core.units import parse_money


class Source(msgspec.Struct, frozen=True):
    """Who says how markets end."""

    name: str = ""
    url: str = ""


class MarketLook(msgspec.Struct, frozen=True):
    """What one market of an event is shown with."""

    market_ticker: str
    image_url: str
    color_code: str


class EventMetadata(msgspec.Struct, frozen=True):
    """What an event is shown with; a picture "" where there is none."""

    image_url: str
    market_details: tuple[MarketLook, ...]
    settlement_sources: tuple[Source, ...]
    featured_image_url: str = ""
    competition: str | None = None
    competition_scope: str | None = None


class EventInfo(msgspec.Struct, frozen=True):
    """An event and its markets, which are empty where they were not asked for.

    A `fee_type` "" and a multiplier None mean those of its series; a time of 0 is not said.
    """

    ticker: str
    series_ticker: str
    title: str
    subtitle: str
    category: str
    is_mutually_exclusive: bool
    collateral_return: str
    markets: tuple[Market, ...] = ()
    sources: tuple[Source, ...] = ()
    fee_type: str = ""
    multiplier_millionths: int | None = None
    strike_ms: int = 0
    strike_period: str = ""
    updated_ms: int = 0
    exchange_index: int = 0


class SeriesTerms(msgspec.Struct, frozen=True):
    """What all markets of a series share. `multiplier_millionths` scales the fee rates.

    `volume_lots` is what its markets traded, None where it was not asked for.
    """

    ticker: str
    title: str
    category: str
    tags: tuple[str, ...]
    frequency: str
    fee_type: str
    multiplier_millionths: int
    categories: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    contract_url: str = ""
    contract_terms_url: str = ""
    prohibitions: tuple[str, ...] = ()
    volume_lots: int | None = None
    updated_ms: int = 0
    exchange_index: int = 0


class FeeChange(msgspec.Struct, frozen=True):
    """Fees of a series or an event from a time on. A `fee_type` "" takes an override back."""

    change_id: str
    ticker: str
    fee_type: str
    multiplier_millionths: int | None
    scheduled_ms: int


class EventBody(msgspec.Struct):
    """An event object."""

    event_ticker: str
    series_ticker: str
    title: str = ""
    sub_title: str = ""
    category: str = ""
    mutually_exclusive: bool = False
    collateral_return_type: str = ""
    markets: list[rest_wire.MarketBody] | None = None
    settlement_sources: tuple[Source, ...] | None = None
    fee_type_override: str | None = None
    fee_multiplier_override: msgspec.Raw = msgspec.Raw(b"null")
    strike_date: str | None = None
    strike_period: str | None = None
    last_updated_ts: str | None = None
    exchange_index: int = 0


class EventReply(msgspec.Struct):
    """One event; its markets stand beside it."""

    event: EventBody
    markets: list[rest_wire.MarketBody] = []


class EventsPage(msgspec.Struct):
    """A page of events."""

    events: list[EventBody]
    cursor: str | None = ""


class _SeriesBody(msgspec.Struct):
    ticker: str
    title: str
    category: str
    frequency: str
    fee_type: str
    fee_multiplier: msgspec.Raw
    tags: list[str] | None = None
    categories: list[str] | None = None
    settlement_sources: tuple[Source, ...] | None = None
    contract_url: str = ""
    contract_terms_url: str = ""
    additional_prohibitions: list[str] | None = None
    volume_fp: str | None = None
    last_updated_ts: str | None = None
    exchange_index: int = 0


class SeriesReply(msgspec.Struct):
    """One series."""

    series: _SeriesBody


class SeriesListReply(msgspec.Struct):
    """All series that were asked for; there are no pages."""

    series: list[_SeriesBody] | None = None


class _SeriesFeeBody(msgspec.Struct):
    id: str
    series_ticker: str
    fee_type: str
    fee_multiplier: msgspec.Raw
    scheduled_ts: str


class SeriesFeeChangesReply(msgspec.Struct):
    """Changes of series' fees."""

    series_fee_change_arr: list[_SeriesFeeBody]


class _EventFeeBody(msgspec.Struct):
    id: str
    event_ticker: str
    scheduled_ts: str
    fee_type_override: str | None = None
    fee_multiplier_override: msgspec.Raw = msgspec.Raw(b"null")


class EventFeeChangesPage(msgspec.Struct):
    """A page of changes of events' fees."""

    event_fee_changes: list[_EventFeeBody]
    cursor: str | None = ""


def event(body: EventBody, beside: list[rest_wire.MarketBody] | None = None) -> EventInfo:
    """An event with the readable ones of its markets, from inside it or from beside it."""
    page = rest_wire.MarketsPage(body.markets or beside or [])
    return EventInfo(
        ticker=body.event_ticker,
        series_ticker=body.series_ticker,
        title=body.title,
        subtitle=body.sub_title,
        category=body.category,
        is_mutually_exclusive=body.mutually_exclusive,
        collateral_return=body.collateral_return_type,
        markets=tuple(rest_wire.markets(page)),
        sources=body.settlement_sources or (),
        fee_type=body.fee_type_override or "",
        multiplier_millionths=_millionths_or_none(body.fee_multiplier_override),
        strike_ms=reports.time_ms(body.strike_date),
        strike_period=body.strike_period or "",
        updated_ms=reports.time_ms(body.last_updated_ts),
        exchange_index=body.exchange_index,
    )


def series_terms(reply: SeriesReply) -> SeriesTerms:
    """The terms of a series."""
    return _series_terms(reply.series)


def series_list(reply: SeriesListReply) -> list[SeriesTerms]:
    """The terms of several series."""
    return [_series_terms(body) for body in reply.series or ()]


def _series_terms(body: _SeriesBody) -> SeriesTerms:
    return SeriesTerms(
        ticker=body.ticker,
        title=body.title,
        category=body.category,
        tags=tuple(body.tags or ()),
        frequency=body.frequency,
        fee_type=body.fee_type,
        multiplier_millionths=_millionths(body.fee_multiplier),
        categories=tuple(body.categories or ()),
        sources=body.settlement_sources or (),
        contract_url=body.contract_url,
        contract_terms_url=body.contract_terms_url,
        prohibitions=tuple(body.additional_prohibitions or ()),
        volume_lots=None if body.volume_fp is None else LOTS[body.volume_fp],
        updated_ms=reports.time_ms(body.last_updated_ts),
        exchange_index=body.exchange_index,
    )


def series_fee_changes(reply: SeriesFeeChangesReply) -> list[FeeChange]:
    """Changes of series' fees, as they come."""
    return [
        FeeChange(
            change_id=body.id,
            ticker=body.series_ticker,
            fee_type=body.fee_type,
            multiplier_millionths=_millionths(body.fee_multiplier),
            scheduled_ms=reports.time_ms(body.scheduled_ts),
        )
        for body in reply.series_fee_change_arr
    ]


def event_fee_changes(page: EventFeeChangesPage) -> list[FeeChange]:
    """Changes of events' fees, as they come."""
    return [
        FeeChange(
            change_id=body.id,
            ticker=body.event_ticker,
            fee_type=body.fee_type_override or "",
            multiplier_millionths=_millionths_or_none(body.fee_multiplier_override),
            scheduled_ms=reports.time_ms(body.scheduled_ts),
        )
        for body in page.event_fee_changes
    ]


def _millionths_or_none(number: msgspec.Raw) -> int | None:
    return None if bytes(number) == b"null" else _millionths(number)


def _millionths(number: msgspec.Raw) -> int:
    """A JSON number in millionths, read from its text so that no float takes part."""
    return parse_money(bytes(number).decode())
