"""Recorded answers and frames of the venue: our exchange answers alike.

Alike: the same status, the same members, the same kinds of values. Members that the venue has
added or removed since are told apart by the required-field matrix and by the list here.
"""

import asyncio
import json
import re
from collections.abc import Iterable
from typing import Any

import pytest
from exchange_host import CLOSING, MARKETS, NOON_MS, Host, contract, hosting
from field_matrix import MESSAGES, OBJECTS
from journey import Journey
from json_forms import Forms, clashes, forms
from plain_client import PlainClient, Reply
from recordings import GOLDEN, PREFIX, PUBLIC, RECORDED, Recorded, body_of, raw_frames

pytestmark = pytest.mark.skipif(not PUBLIC.is_dir(), reason=f"no recordings at {PUBLIC}")

# Members that the venue removed after the recording (protocol 3.4).
REMOVED = {
    "response_price_units",
    "fractional_trading_enabled",
    "liquidity_dollars",
    "resting_orders_count",
}
# Members that came after the recording (9.3 and section 12).
ADDED = {
    "cancel_order_on_pause",
    "exchange_index",
    "exchange_index_statuses",
    "intra_exchange_transfers_active",
    "settlement_bounds_type",
}
# Optional members that the venue's markets had and ours have not, each with the reason.
NOT_HERE = {
    "custom_strike": "our markets are told apart by their titles alone",
    "early_close_condition": "our markets close by the clock or their operator",
    "expiration_time": "replaced by latest_expiration_time; optional since",
    "floor_strike": "our markets are told apart by their titles alone",
    "is_provisional": "no market is",
    "mve_collection_ticker": "no combos are listed",
    "mve_selected_legs": "no combos are listed",
    "occurrence_datetime": "outcomes are decided by the operator",
    "primary_participant_key": "outcomes have no participants",
    "strike_type": "our markets are told apart by their titles alone",
}
# Optional members that ours have and the venue's had not, each with the reason.
ONLY_HERE = {
    "settlement_ts": "recorded pages had no settled market beside the others",
    "settlement_value_dollars": "recorded pages had no decided market beside the others",
    "subtitle": "the venue sent none in June; the protocol shows one",
}
# Lists that were empty when they were recorded: of their items nothing is known from there.
RECORDED_EMPTY = {
    "account__limits": {"grants"},
    "series__fee_changes": {"series_fee_change_arr"},
    "settlements__end_of_session": {"settlements"},
    "settlements__page": {"settlements"},
}
OPTIONAL = {name for members in OBJECTS.values() for name in members.get("optional", {})}

PAID = contract("PAID", "KXPAID", close_ms=NOON_MS + 60_000)
DECIDED = contract("DECIDED", "KXDECIDED", close_ms=NOON_MS + 60_000)


async def ask(host: Host, case: Recorded) -> Reply:
    """Ask our exchange the same in the same manner."""
    headers = signed(host.ann, case, PREFIX + case.path.partition("?")[0])
    return await host.ann.send("GET", case.path, headers=headers)


def signed(ann: PlainClient, case: Recorded, bare: str) -> dict[str, str]:
    """Headers, wrong in the way in which they were wrong then."""
    skew = re.search(r"skew_(minus|plus)(\d+)(s|min)", case.name)
    if skew:
        seconds = int(skew[2]) * (60 if skew[3] == "min" else 1)
        return ann.signed("GET", bare, skew_ms=1_000 * seconds * (1 if skew[1] == "plus" else -1))
    if case.auth == "bad-signature":
        return ann.signed("GET", bare + "/wrong")
    if case.auth == "unknown-key-id":
        return ann.signed("GET", bare, key_id="00000000-0000-0000-0000-000000000000")
    headers = ann.signed("GET", bare) if case.auth != "unauthenticated" else {}
    if case.auth == "missing-signature-header":
        del headers["KALSHI-ACCESS-SIGNATURE"]
    return headers


def members(found: Iterable[str]) -> set[str]:
    """Last names of places, items of lists left out."""
    return {place.rpartition(".")[2] for place in found if not place.endswith("]")}


def lacking(ours: Forms, theirs: Forms) -> set[str]:
    """Members of theirs that ours has not; what is inside a strike or a combo differs by kind."""
    inside = [
        place for place in theirs if not re.search(r"custom_strike\.|mve_selected_legs\[", place)
    ]
    return members(set(inside) - ours.keys())


def misfits(ours: Forms, theirs: Forms) -> list[str]:
    """What our answer has of its own or lacks, beside what may be absent or came and went."""
    lacks = lacking(ours, theirs) - REMOVED - NOT_HERE.keys()
    extra = members(ours.keys() - theirs.keys()) - ADDED - ONLY_HERE.keys()
    return sorted(f"lacks {name}" for name in lacks) + sorted(f"has {name}" for name in extra)


def unfilled(found: Forms) -> set[str]:
    """Lists without items."""
    return {
        place for place, kinds in found.items() if kinds == {"list"} and f"{place}[]" not in found
    }


def beside_news(ours: Forms, theirs: Forms) -> Forms:
    """Ours without what lies in members that came later: nothing recorded says how that looks."""
    news = {p for p in ours.keys() - theirs.keys() if p.rpartition(".")[2] in ADDED}
    return {
        place: ours[place]
        for place in ours
        if not any(re.match(rf"{re.escape(new)}[.\[]", place) for new in news)
    }


@pytest.fixture(scope="module")
def answered() -> dict[str, Reply]:
    """What our exchange answers to every recorded request, with markets in every state."""
    return asyncio.run(ask_all())


async def ask_all() -> dict[str, Reply]:
    async with hosting((*MARKETS, DECIDED, PAID)) as host:
        for ticker in (CLOSING.ticker, DECIDED.ticker, PAID.ticker):
            await host.bob.placed("ask", "0.4800", "3.00", ticker=ticker)
            await host.eve.placed("bid", "0.4800", "1.00", ticker=ticker)
        await host.pass_time(61_000)
        host.determine(PAID, "yes")
        await host.pass_time(6_000)
        host.determine(DECIDED, "no")
        await host.bob.placed("bid", "0.4700", "3.00")
        await host.bob.placed("ask", "0.4800", "3.00")
        await host.ann.placed(
            "bid", "0.4800", "1.00", client_order_id="2b8394e0-515e-4b89-b624-f34067756855"
        )
        return {case.name: await ask(host, case) for case in RECORDED}


@pytest.mark.parametrize("case", RECORDED, ids=[case.name for case in RECORDED])
def test_same_request_same_form(answered: dict[str, Reply], case: Recorded) -> None:
    reply = answered[case.name]
    assert reply.status == case.reply.status
    ours, theirs = forms(reply.body), forms(case.reply.body)
    assert clashes(ours, theirs) == []
    assert unfilled(theirs) == RECORDED_EMPTY.get(case.name, set())
    assert unfilled(ours) & theirs.keys() - unfilled(theirs) == set()
    assert misfits(beside_news(ours, theirs), theirs) == []


def test_no_excuse_is_idle(answered: dict[str, Reply]) -> None:
    """Each names an optional member, and some recorded answer needs it."""
    lacked: set[str] = set()
    extra: set[str] = set()
    for case in RECORDED:
        ours, theirs = forms(answered[case.name].body), forms(case.reply.body)
        lacked |= lacking(ours, theirs)
        extra |= members(beside_news(ours, theirs).keys() - theirs.keys())
    assert sorted(lacked) == sorted(REMOVED | NOT_HERE.keys())
    assert sorted(extra) == sorted(ADDED | ONLY_HERE.keys())
    assert NOT_HERE.keys() | ONLY_HERE.keys() <= OPTIONAL


def answers(journey: Journey, pattern: str) -> list[Any]:
    return [
        exchanged.body
        for exchanged in journey.replies
        if exchanged.method == "GET"
        and exchanged.status == 200
        and re.fullmatch(pattern, exchanged.path.partition("?")[0])
    ]


_T, _ID = "[A-Z0-9-]+", "[0-9a-f-]{36}"
OLDER = {
    "event_single": f"/events/{_T}",
    "events_list": "/events",
    "event_metadata": f"/events/{_T}/metadata",
    "exchange_schedule": "/exchange/schedule",
    "exchange_status": "/exchange/status",
    "markets_list": "/markets",
    "market_single": f"/markets/{_T}",
    "trades_list": "/markets/trades",
    "series_single": f"/series/{_T}",
    "series_list": "/series",
    "series_fee_changes": "/series/fee_changes",
    "user_data_timestamp": "/exchange/user_data_timestamp",
    "candlesticks_batch": "/markets/candlesticks",
    "series_candlesticks": f"/series/{_T}/markets/{_T}/candlesticks",
    "event_candlesticks": f"/series/{_T}/events/{_T}/candlesticks",
    "portfolio_balance": "/portfolio/balance",
    "portfolio_fills": "/portfolio/fills",
    "portfolio_orders": "/portfolio/orders",
    "portfolio_order_single": f"/portfolio/orders/{_ID}",
    "portfolio_positions": "/portfolio/positions",
    "portfolio_settlements": "/portfolio/settlements",
    "order_queue_position": f"/portfolio/orders/{_ID}/queue_position",
    "order_queue_positions": "/portfolio/orders/queue_positions",
    "order_group_single": f"/portfolio/order_groups/{_ID}",
    "order_groups_list": "/portfolio/order_groups",
}
_GROUP = f"/portfolio/order_groups/{_ID}"
OLDER_WRITES = {
    "order_group_create": ("POST", "/portfolio/order_groups/create"),
    "order_group_reset": ("PUT", f"{_GROUP}/reset"),
    "order_group_delete": ("DELETE", _GROUP),
}
# Answers of January with which nothing is compared, each with the reason.
_V1, _ELSEWHERE = "an old order call, gone today", "not among the calls that are served here"
NOT_COMPARED = {
    "amend_order": _V1,
    "batch_cancel_orders": _V1,
    "batch_create_orders": _V1,
    "cancel_order": _V1,
    "create_order": _V1,
    "decrease_order": _V1,
    "events_multivariate_list": "no combos are listed",
    "exchange_announcements": "removed on 4 Jul 2026",
    "incentive_programs": _ELSEWHERE,
    "live_data_batch": _ELSEWHERE,
    "live_data_milestone": _ELSEWHERE,
    "milestone_single": _ELSEWHERE,
    "milestones_list": _ELSEWHERE,
    "multivariate_event_collection_lookup_tickers": "no combos are listed",
    "multivariate_event_collection_single": "no combos are listed",
    "multivariate_event_collections_list": "no combos are listed",
    "orderbook": "an empty book under names that left in March 2026",
    "portfolio_total_resting_order_value": "it was refused",
    "structured_target_single": _ELSEWHERE,
    "structured_targets_list": _ELSEWHERE,
    "tags_by_categories": _ELSEWHERE,
}
# Since January 2026 dollar amounts of the portfolio have six decimals (3.1), not four, and the
# client's ids are what it chose.
SINCE = ("['6 decimals'] instead of ['4 decimals']", "client_order_id")


@pytest.mark.parametrize("name", OLDER)
def test_form_of_january_has_only_changed_as_the_protocol_says(journey: Journey, name: str) -> None:
    """Whole cents and counts have left since; what has stayed has the same kind of value."""
    body = body_of(GOLDEN, f"{name}_response")["response"]
    ours, theirs = forms(*answers(journey, OLDER[name])), forms(body)
    assert [
        line
        for line in clashes(ours, theirs)
        if not line.endswith(SINCE[0]) and SINCE[1] not in line
    ] == []
    top = {place for place in theirs if "." not in place and not place.endswith("]")}
    renamed = {"queue_position", "milestones"}
    assert top - renamed <= ours.keys()


@pytest.mark.parametrize("name", OLDER_WRITES)
def test_writes_of_january_are_answered_alike(journey: Journey, name: str) -> None:
    method, pattern = OLDER_WRITES[name]
    body = body_of(GOLDEN, f"{name}_response")["response"]
    ours = [
        exchanged.body
        for exchanged in journey.replies
        if exchanged.method == method
        and exchanged.status < 300
        and re.fullmatch(pattern, exchanged.path)
    ]
    assert ours
    since = {"subaccount", "exchange_index"}
    assert {p: kinds for p, kinds in forms(*ours).items() if p not in since} == forms(body)


def test_every_answer_of_january_is_compared() -> None:
    found = {file.name.removesuffix("_response.json") for file in (PUBLIC / GOLDEN).glob("*.json")}
    found -= {"_recording_summary.json"}
    assert sorted(found) == sorted([*OLDER, *OLDER_WRITES, *NOT_COMPARED])


@pytest.mark.parametrize(
    "kind", ["subscribed", "ok", "orderbook_snapshot", "orderbook_delta", "fill", "ticker", "trade"]
)
def test_our_frames_have_the_recorded_form(journey: Journey, kind: str) -> None:
    read = (json.loads(text) for text in raw_frames())
    theirs = forms(*(frame for frame in read if frame["type"] == kind))
    ours = forms(*(f for f in journey.frames if f["type"] == kind and type(f["msg"]) is dict))
    assert [line for line in clashes(ours, theirs) if "client_order_id" not in line] == []
    # Whole cents and counts were sent beside dollars until March 2026, as was a clock.
    old = {
        "Clock",
        "price",
        "yes_bid",
        "yes_ask",
        "volume",
        "open_interest",
        "yes_price",
        "no_price",
        "count",
    }
    required = MESSAGES.get(kind, {}).get("required", {}).keys()
    assert members(theirs.keys() - ours.keys()) - old == set()
    optional = MESSAGES.get(kind, {}).get("optional", {}).keys()
    assert members(ours.keys() - theirs.keys()) <= required | optional | {"sending_ts_ms", "id"}
