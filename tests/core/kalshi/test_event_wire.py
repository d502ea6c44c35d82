"""Events, series and changes of fees as the exchange writes them."""

import pytest

from core.errors import DecodeError
from core.kalshi import event_wire
from core.kalshi.event_wire import FeeChange
from core.kalshi.rest_wire import parse

EVENT = b"""{"event":{"event_ticker":"E","series_ticker":"S","title":"Rain?","sub_title":"Dec 2026",
 "category":"Climate","collateral_return_type":"MECNET","mutually_exclusive":true,
 "settlement_sources":null},"markets":[{"ticker":"E-1","event_ticker":"E"},
 {"ticker":"E-2","event_ticker":"E","notional_value_dollars":"2.0000"}]}"""
SERIES = b"""{"series":{"ticker":"S","frequency":"monthly","title":"Rain","category":"Climate",
 "categories":["Climate"],"tags":null,"fee_type":"quadratic","fee_multiplier":0.5}}"""


def test_event_takes_its_readable_markets_from_beside_it() -> None:
    reply = parse(EVENT, event_wire.EventReply)
    event = event_wire.event(reply.event, reply.markets)
    assert (event.ticker, event.series_ticker, event.subtitle) == ("E", "S", "Dec 2026")
    assert (event.is_mutually_exclusive, event.collateral_return) == (True, "MECNET")
    assert [market.ticker for market in event.markets] == ["E-1"]
    assert event_wire.event(reply.event).markets == ()


@pytest.mark.parametrize(("text", "millionths"), [(b"0.5", 500_000), (b"1", 1_000_000)])
def test_multiplier_is_read_from_its_text(text: bytes, millionths: int) -> None:
    reply = parse(SERIES.replace(b"0.5", text), event_wire.SeriesReply)
    terms = event_wire.series_terms(reply)
    assert terms.multiplier_millionths == millionths
    assert (terms.tags, terms.fee_type) == ((), "quadratic")


def test_multiplier_that_is_no_decimal_is_refused() -> None:
    with pytest.raises(DecodeError):
        event_wire.series_terms(parse(SERIES.replace(b"0.5", b'"x"'), event_wire.SeriesReply))


def test_fee_changes_of_series_and_events() -> None:
    data = b"""{"series_fee_change_arr":[{"id":"c","series_ticker":"S","fee_type":"flat",
     "fee_multiplier":2,"scheduled_ts":"2026-11-20T00:00:00Z"}]}"""
    changes = event_wire.series_fee_changes(parse(data, event_wire.SeriesFeeChangesReply))
    assert changes == [FeeChange("c", "S", "flat", 2_000_000, 1_795_132_800_000)]
    data = b"""{"event_fee_changes":[{"id":"d","event_ticker":"E","series_ticker":"S",
     "fee_type_override":null,"fee_multiplier_override":null,
     "scheduled_ts":"2026-11-20T00:00:00Z"}],"cursor":""}"""
    changes = event_wire.event_fee_changes(parse(data, event_wire.EventFeeChangesPage))
    assert changes == [FeeChange("d", "E", "", None, 1_795_132_800_000)]
