"""Steps of the scenario: changes of fees as they are listed, and as trades are charged by them.

What they change is planned by the exchange's local control call, which is no part of the protocol.
"""

import asyncio
import json
from typing import Any
from urllib.request import Request, urlopen

from sdk_client import Client, Report, word
from sdk_orders import Facts, body

DELAY_S = 60
"""Venue time until the planned change of the series, which comes once time passes."""
HALF = ("quadratic_with_maker_fees", 0.5)


async def planned(facts: Facts, **change: object) -> dict[str, Any]:
    """Plan a change of fees; gives back what the exchange calls it."""
    url = facts["base_url"].removesuffix("/trade-api/v2") + "/sandbox/fee_changes"
    headers = {"Content-Type": "application/json"}
    request = Request(url, json.dumps(change).encode(), headers)

    def ask() -> dict[str, Any]:
        with urlopen(request, timeout=10) as reply:
            return json.load(reply)

    return await asyncio.to_thread(ask)


async def fee_steps(report: Report, ann: Client, bob: Client, facts: Facts) -> None:
    """Fees of the event are halved and again what they were; the series' change lies ahead."""
    await _event_steps(report, ann, bob, facts)
    await _series_steps(report, ann, facts)


async def _event_steps(report: Report, ann: Client, bob: Client, facts: Facts) -> None:
    event, start_s = facts["event"], facts["start_ms"] / 1000
    with report.step("get_event_fee_changes", "get_event", "get_fills"):
        first = await planned(facts, event_ticker=event, fee_type=HALF[0], fee_multiplier="0.5")
        (change,) = (await ann.get_event_fee_changes(event_ticker=event)).event_fee_changes
        assert (change.id, change.event_ticker, change.series_ticker) == (
            first["id"],
            event,
            facts["series"],
        )
        assert (word(change.fee_type_override), change.fee_multiplier_override) == HALF
        assert abs(change.scheduled_ts.timestamp() - start_s) < 1
        shown = (await ann.get_event(event)).event
        assert (shown.fee_type_override, shown.fee_multiplier_override) == HALF
        series = (await ann.get_series(facts["series"])).series
        assert (word(series.fee_type), series.fee_multiplier) == ("quadratic", 1)
        await _check_charged(ann, bob, facts["open"])
    with report.step("get_event_fee_changes", "get_event"):
        second = await planned(facts, event_ticker=event, fee_type=None)
        page = await ann.get_event_fee_changes(event_ticker=event, limit=1)
        (change,) = page.event_fee_changes
        assert (change.id, change.fee_type_override) == (second["id"], None)
        assert change.fee_multiplier_override is None
        rest = await ann.get_event_fee_changes(event_ticker=event, limit=1, cursor=page.cursor)
        assert [change.id for change in rest.event_fee_changes] == [first["id"]]
        assert rest.cursor == ""
        shown = (await ann.get_event(event)).event
        assert (shown.fee_type_override, shown.fee_multiplier_override) == (None, None)
        others = await ann.get_event_fee_changes(event_ticker="KXOTHER-1")
        assert others.event_fee_changes == []


async def _check_charged(ann: Client, bob: Client, ticker: str) -> None:
    """One contract at 0.44: half of 0.07, and for the maker half of 0.0175, up to 0.0001."""
    taken = await ann.create_order_v2(
        **body(ticker, "bid", "0.4400", "1.00", time_in_force="fill_or_kill")
    )
    assert (taken.fill_count, taken.average_fee_paid) == ("1.00", "0.0087")
    (fill,) = (await ann.get_fills(order_id=taken.order_id)).fills
    assert (fill.is_taker, fill.yes_price_dollars, fill.fee_cost) == (True, "0.4400", "0.008700")
    (other,) = [f for f in (await bob.get_fills()).fills if f.trade_id == fill.trade_id]
    assert (other.is_taker, other.fee_cost) == (False, "0.002200")


async def _series_steps(report: Report, ann: Client, facts: Facts) -> None:
    series = facts["series"]
    with report.step("get_series_fee_changes", "get_series"):
        before = await ann.get_series_fee_changes(series_ticker=series, show_historical=True)
        assert before.series_fee_change_arr == []
        made = await planned(
            facts, series_ticker=series, fee_type=HALF[0], fee_multiplier="0.5", delay_s=DELAY_S
        )
        for query in ({}, {"series_ticker": series}, {"show_historical": True}):
            (change,) = (await ann.get_series_fee_changes(**query)).series_fee_change_arr
            assert (change.id, change.series_ticker) == (made["id"], series)
            assert (word(change.fee_type), change.fee_multiplier) == HALF
            due_s = facts["start_ms"] / 1000 + DELAY_S
            assert abs(change.scheduled_ts.timestamp() - due_s) < 1
        others = await ann.get_series_fee_changes(series_ticker="KXOTHER")
        assert others.series_fee_change_arr == []
        shown = (await ann.get_series(series)).series
        assert (word(shown.fee_type), shown.fee_multiplier) == ("quadratic", 1)


async def changed_fee_steps(report: Report, ann: Client, facts: Facts) -> None:
    """The series' change has come: it is in force, and past."""
    series = facts["series"]
    with report.step("get_series_fee_changes", "get_series"):
        shown = (await ann.get_series(series)).series
        assert (word(shown.fee_type), shown.fee_multiplier) == HALF
        assert (await ann.get_series_fee_changes(series_ticker=series)).series_fee_change_arr == []
        past = await ann.get_series_fee_changes(series_ticker=series, show_historical=True)
        (change,) = past.series_fee_change_arr
        assert (word(change.fee_type), change.fee_multiplier) == HALF
