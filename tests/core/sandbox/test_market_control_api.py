"""What an operator of a served exchange does to its markets and hours, seen from outside."""

from typing import Any

import pytest

from core.sandbox.listings import SETTLEMENT_TIMER_MS
from core.sandbox.publisher import LIFECYCLE, Subscription

Client = Any  # the classes stand in conftest.py, which no test can import
Serve = Any
Sink = Any
TICKER = "KXT-26MAY11-A"


async def control(client: Client, **body: object) -> tuple[int, Any]:
    return await client.send("POST", "/../../sandbox/markets", {}, {"ticker": TICKER} | body)


def hear(client: Client, sink: Sink) -> None:
    client.sandbox.exchange.publisher.add(Subscription(1, LIFECYCLE, sink, 1))


def told(sink: Sink) -> list[dict[str, Any]]:
    messages = [frame["msg"] for frame in sink.take(LIFECYCLE)]
    assert {msg.pop("market_ticker") for msg in messages} <= {TICKER}
    assert {msg.pop("exchange_index") for msg in messages} <= {0}
    return messages


async def status_of(client: Client) -> str:
    _, body = await client.send("GET", f"/markets/{TICKER}", {})
    return str(body["market"]["status"])


async def test_a_market_is_deactivated_and_activated_again(serve: Serve, sink: Sink) -> None:
    async with serve() as client:
        hear(client, sink)
        status, body = await control(client, step="deactivate")
        assert (status, body["market"]["status"]) == (200, "inactive")
        _, listed = await client.send("GET", "/markets?status=paused", {})
        assert [market["ticker"] for market in listed["markets"]] == [TICKER]
        assert told(sink) == [{"event_type": "deactivated", "is_deactivated": True}]
        status, body = await control(client, step="deactivate")
        assert (status, body["error"]["code"]) == (409, "bad_step")
        assert body["error"]["details"] == "the market is inactive"
        status, body = await control(client, step="activate")
        assert (status, body["market"]["status"]) == (200, "active")
        assert told(sink) == [{"event_type": "activated", "is_deactivated": False}]


async def test_a_result_is_disputed_amended_and_paid(serve: Serve, sink: Sink) -> None:
    async with serve() as client:
        exchange = client.sandbox.exchange
        assert (await control(client, step="dispute"))[0] == 409
        hear(client, sink)
        status, body = await control(client, step="determine", result="no")
        assert (status, body["market"]["status"]) == (200, "determined")
        assert body["market"]["settlement_value_dollars"] == "0.0000"
        status, body = await control(client, step="dispute")
        assert (status, body["market"]["status"]) == (200, "disputed")
        exchange.advance(exchange.now_ms + 10 * SETTLEMENT_TIMER_MS)
        assert await status_of(client) == "disputed"
        half = {"result": "scalar", "settlement_value": "0.3300"}
        status, body = await control(client, step="amend", **half)
        assert (status, body["market"]["status"]) == (200, "amended")
        assert body["market"]["result"] == "scalar"
        first, second = told(sink)
        assert (first["event_type"], first["settlement_value"]) == ("determined", "0.0000")
        assert (second["event_type"], second["settlement_value"]) == ("determined", "0.3300")
        exchange.advance(exchange.now_ms + SETTLEMENT_TIMER_MS)
        assert await status_of(client) == "finalized"
        (settled,) = told(sink)
        assert settled["event_type"] == "settled"
        assert (await control(client, step="amend", result="yes"))[0] == 409
        assert (await control(client, step="metadata", floor_strike=1))[0] == 409


async def test_a_market_closes_earlier_and_opens_again(serve: Serve, sink: Sink) -> None:
    async with serve() as client:
        hear(client, sink)
        status, body = await control(client, step="close")
        assert (status, body["market"]["status"]) == (200, "closed")
        later_s = client.sandbox.exchange.now_ms // 1000 + 3_600
        status, body = await control(client, step="move_close", close_ts=later_s)
        assert (status, body["market"]["status"]) == (200, "active")
        kinds = [msg["event_type"] for msg in told(sink)]
        assert kinds == ["close_date_updated", "close_date_updated", "activated"]


async def test_metadata_and_price_levels_are_changed_and_told(serve: Serve, sink: Sink) -> None:
    async with serve() as client:
        hear(client, sink)
        status, body = await control(client, step="metadata", floor_strike=95_000)
        assert (status, body["market"]["floor_strike"]) == (200, 95_000)
        assert body["market"]["strike_type"] == "greater_or_equal"
        title = 'above "95,000"'
        status, body = await control(client, step="metadata", yes_sub_title=title)
        assert (status, body["market"]["yes_sub_title"]) == (200, title)
        _, body = await control(client, step="metadata", yes_sub_title="", floor_strike=0.5)
        assert body["market"]["floor_strike"] == 0.5
        assert told(sink) == [
            {"event_type": "metadata_updated", "floor_strike": 95_000},
            {"event_type": "metadata_updated", "yes_sub_title": title},
            {"event_type": "metadata_updated", "floor_strike": 0.5, "yes_sub_title": ""},
        ]
        for name, bands in (("tapered_deci_cent", 3), ("deci_cent", 1), ("linear_cent", 1)):
            status, body = await control(client, step="price_levels", price_level_structure=name)
            assert (status, body["market"]["price_level_structure"]) == (200, name)
            (msg,) = told(sink)
            assert (msg["event_type"], msg["price_level_structure"]) == (
                "price_level_structure_updated",
                name,
            )
            assert len(msg["price_ranges"]) == len(body["market"]["price_ranges"]) == bands


async def test_a_floor_bounds_what_a_scalar_result_pays(serve: Serve, sink: Sink) -> None:
    async with serve() as client:
        hear(client, sink)
        terms = {"market_type": "scalar", "settlement_floor": "0.2000"}
        status, body = await control(client, step="terms", **terms)
        market = body["market"]
        assert (status, market["market_type"]) == (200, "scalar")
        assert market["settlement_bounds_type"] == "floor"
        assert market["settlement_floor_dollars"] == "0.2000"
        assert told(sink) == []
        low = {"result": "scalar", "settlement_value": "0.1500"}
        _, body = await control(client, step="determine", **low)
        assert body["market"]["settlement_value_dollars"] == "0.2000"
        assert told(sink)[0]["settlement_value"] == "0.2000"
        assert (await control(client, step="terms"))[0] == 409
        await control(client, step="dispute")
        _, body = await control(client, step="amend", result="no")
        assert body["market"]["settlement_value_dollars"] == "0.0000"


async def test_a_bound_is_taken_back(serve: Serve) -> None:
    async with serve() as client:
        await control(client, step="terms", settlement_floor="0.2000")
        _, body = await control(client, step="terms")
        market = body["market"]
        assert (market["market_type"], market["settlement_bounds_type"]) == ("binary", "default")
        assert "settlement_floor_dollars" not in market


@pytest.mark.parametrize(
    "body",
    [
        {"step": "explode"},
        {"step": "determine"},
        {"step": "determine", "result": "maybe"},
        {"step": "determine", "result": "scalar"},
        {"step": "determine", "result": "scalar", "settlement_value": "1.0001"},
        {"step": "determine", "result": "scalar", "settlement_value": "-0.1000"},
        {"step": "determine", "result": "yes", "settlement_value": "0.5000"},
        {"step": "move_close"},
        {"step": "move_close", "close_ts": 0},
        {"step": "move_close", "close_ts": 10**15},
        {"step": "metadata"},
        {"step": "price_levels", "price_level_structure": "cubic"},
        {"step": "deactivate", "why": "so"},
        {"step": "terms", "market_type": "ternary"},
        {"step": "terms", "settlement_floor": "1.0001"},
        {"step": "terms", "settlement_floor": "low"},
    ],
)
async def test_senseless_steps_are_refused(serve: Serve, body: dict[str, object]) -> None:
    async with serve() as client:
        status, answer = await control(client, **body)
        assert (status, answer["code"]) == (400, "bad_request")
        assert await status_of(client) == "active"


async def test_an_unknown_market_is_404(serve: Serve) -> None:
    async with serve() as client:
        assert (await control(client, step="deactivate", ticker="KXNONE"))[0] == 404


@pytest.mark.parametrize("what", ["trading", "exchange"])
async def test_the_exchange_pauses_and_says_until_when(serve: Serve, what: str) -> None:
    async with serve() as client:
        exchange = client.sandbox.exchange
        path = "/../../sandbox/pauses"
        status, body = await client.send("POST", path, {}, {"what": what, "for_s": 60})
        assert (status, body["trading_active"]) == (200, False)
        assert body["exchange_active"] is (what == "trading")
        assert "exchange_estimated_resume_time" in body
        assert (await client.send("GET", "/exchange/status", {}))[1] == body
        exchange.advance(exchange.now_ms + 60_000)
        _, body = await client.send("GET", "/exchange/status", {})
        assert body["trading_active"] is True
        await client.send("POST", path, {}, {"what": what})
        _, body = await client.send("GET", "/exchange/status", {})
        assert "exchange_estimated_resume_time" not in body
        assert body["trading_active"] is False
        status, body = await client.send("DELETE", path, {})
        assert (status, body["trading_active"], body["exchange_active"]) == (200, True, True)
        for senseless in ({"what": "lunch"}, {"for_s": -1}, {"until": 5}):
            assert (await client.send("POST", path, {}, senseless))[0] == 400
        assert exchange.pauses.is_trading(exchange.now_ms)
