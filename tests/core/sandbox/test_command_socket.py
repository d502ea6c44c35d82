"""Commands over a real socket."""

import json
from typing import Any

from core.market.events import BookSnapshot
from core.sandbox.commands import MARKETS_PER_SUBSCRIPTION
from core.sandbox.engine import MatchingBook
from core.sandbox.market_life import MarketLife
from core.sandbox.recorded_source import RecordedSource

Maker = Any  # the classes stand in conftest.py, which no test can import
Serve = Any
Socket = Any
T0 = 1_778_477_863_000
TICKER = "KXT-26MAY11-A"


async def ask(socket: Socket, cmd: str, **params: object) -> dict[str, Any]:
    """Send a command and take the next message."""
    await socket.send(json.dumps({"id": 1, "cmd": cmd, "params": params}))
    return json.loads(await socket.recv())


async def test_markets_by_id_begin_with_a_ticker(serve: Serve) -> None:
    async with serve() as client, client.socket() as socket:
        market_id = client.sandbox.exchange.listings[TICKER].market_id
        wanted = {"channels": ["ticker"], "market_ids": [market_id]}
        answer = await ask(socket, "subscribe", send_initial_snapshot=True, **wanted)
        assert answer["type"] == "subscribed"
        told = json.loads(await socket.recv())
        assert (told["type"], told["msg"]["market_id"]) == ("ticker", market_id)


async def test_too_many_markets_open_nothing(serve: Serve) -> None:
    async with serve() as client, client.socket() as socket:
        tickers = [f"T{number}" for number in range(MARKETS_PER_SUBSCRIPTION + 1)]
        answer = await ask(socket, "subscribe", channels=["trade"], market_tickers=tickers)
        assert (answer["type"], answer["msg"]["code"]) == ("error", 26)
        answer = await ask(socket, "list_subscriptions")
        assert answer["msg"] == []


async def test_new_events_and_fees_come_over_the_lifecycle_channel(
    serve: Serve, session_of: Maker, market: Maker
) -> None:
    book = BookSnapshot(TICKER, ((4_000, 100),), ((6_000, 100),), ts_ms=T0)
    async with (
        serve(RecordedSource([session_of([book])])) as client,
        client.socket() as socket,
    ):
        await ask(socket, "subscribe", channels=["market_lifecycle_v2"])
        life = MarketLife(client.sandbox.exchange)
        life.list_market(market("KXT-26MAY12-A"), MatchingBook())
        client.sandbox.fee_changes.change_event("KXT-26MAY12", "quadratic", 500, 0)
        told = [json.loads(await socket.recv()) for _ in range(4)]
        assert [message["type"] for message in told] == [
            "event_lifecycle",
            "market_lifecycle_v2",
            "market_lifecycle_v2",
            "event_fee_update",
        ]
        assert [message["seq"] for message in told] == [1, 2, 3, 4]
        assert told[3]["msg"]["fee_multiplier_override"] == 0.5
