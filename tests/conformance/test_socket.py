"""Protocol 11.3: handshake, sids, sequence numbers, snapshots and the YES price scale."""

from typing import Any

import pytest
import websockets
from exchange_host import ANY, SIBLING, Host, hosting

BOOK = "orderbook_delta"
CHANNEL_TYPES = (BOOK, "trade", "fill", "user_order", "market_position", "ticker")
BOTH = [ANY.ticker, SIBLING.ticker]


async def test_unsigned_handshake_is_401(host: Host) -> None:
    with pytest.raises(websockets.InvalidStatus) as refused:
        await websockets.connect(host.sandbox.ws_url, proxy=None)
    assert refused.value.response.status_code == 401


async def test_wrongly_signed_handshake_is_401(host: Host) -> None:
    headers = host.ann.signed("GET", "/trade-api/ws/v2", salt=20)
    with pytest.raises(websockets.InvalidStatus) as refused:
        await websockets.connect(host.sandbox.ws_url, additional_headers=headers, proxy=None)
    assert refused.value.response.status_code == 401


async def test_two_channels_have_two_sids(host: Host) -> None:
    async with host.ann.socket() as socket:
        book, trade = await socket.subscribe(BOOK, "trade", market_ticker=ANY.ticker)
        number = await socket.command("list_subscriptions")
        listed = (await socket.read_until("ok"))[-1]
    assert book != trade
    assert listed["id"] == number
    assert {entry["channel"]: entry["sid"] for entry in listed["msg"]} == {
        BOOK: book,
        "trade": trade,
    }


async def test_seq_is_shared_over_markets_and_separate_between_sids(host: Host) -> None:
    async with host.ann.socket() as socket:
        await socket.subscribe(BOOK, market_tickers=BOTH)
        await socket.subscribe("trade", market_tickers=BOTH)
        await host.bob.placed("ask", "0.5000", "2.00", ticker=ANY.ticker)
        await host.bob.placed("ask", "0.5000", "2.00", ticker=SIBLING.ticker)
        for ticker in BOTH:
            await host.ann.placed("bid", "0.5000", "1.00", ticker=ticker)
        await socket.until_quiet()
    frames = [f for f in host.ann.frames if "seq" in f]
    books = [f["seq"] for f in frames if f["type"].startswith("orderbook")]
    assert books == [1, 2, 3, 4, 5, 6]
    assert [f["seq"] for f in frames if f["type"] == "trade"] == [1, 2]


async def test_add_markets_consumes_one(host: Host) -> None:
    async with host.ann.socket() as socket:
        (sid,) = await socket.subscribe(BOOK, market_ticker=ANY.ticker)
        first = await socket.read()
        number = await socket.command(
            "update_subscription", sid=sid, action="add_markets", market_tickers=[SIBLING.ticker]
        )
        answer, second = await socket.read_many(2)
    assert (first["seq"], answer["seq"], second["seq"]) == (1, 2, 3)
    assert (answer["type"], answer["id"], answer["sid"]) == ("ok", number, sid)
    assert sorted(answer["msg"]["market_tickers"]) == sorted(BOTH)
    assert second["msg"]["market_ticker"] == SIBLING.ticker


async def test_delete_markets_consumes_one_and_silences(host: Host) -> None:
    async with host.ann.socket() as socket:
        (sid,) = await socket.subscribe(BOOK, market_tickers=BOTH)
        await socket.read_many(2)
        await socket.command(
            "update_subscription", sid=sid, action="delete_markets", market_ticker=ANY.ticker
        )
        answer = await socket.read()
        await host.bob.placed("ask", "0.5000", "2.00", ticker=ANY.ticker)
        await host.bob.placed("ask", "0.5000", "2.00", ticker=SIBLING.ticker)
        (delta,) = await socket.until_quiet()
    assert (answer["seq"], answer["msg"]) == (3, {"market_tickers": [SIBLING.ticker]})
    assert (delta["seq"], delta["msg"]["market_ticker"]) == (4, SIBLING.ticker)


async def test_get_snapshot_carries_the_id_and_goes_on_in_seq(host: Host) -> None:
    async with host.ann.socket() as socket:
        (sid,) = await socket.subscribe(BOOK, market_tickers=BOTH)
        await socket.read_many(2)
        number = await socket.command(
            "update_subscription", sid=sid, action="get_snapshot", market_tickers=BOTH
        )
        snapshots = await socket.read_many(2)
    assert [f["id"] for f in snapshots] == [number, number]
    assert [f["seq"] for f in snapshots] == [3, 4]
    assert {f["type"] for f in snapshots} == {"orderbook_snapshot"}


async def test_unsubscribe_consumes_one_per_sid(host: Host) -> None:
    async with host.ann.socket() as socket:
        sids = await socket.subscribe(BOOK, "trade", market_ticker=ANY.ticker)
        number = await socket.command("unsubscribe", sids=sids)
        frames = await socket.read_until("unsubscribed")
        last = await socket.read()
        ended = [*frames, last][-2:]
        await host.bob.placed("ask", "0.5000", "2.00")
        assert await socket.until_quiet() == []
    assert sorted(f["sid"] for f in ended) == sorted(sids)
    assert {f["id"] for f in ended} == {number}
    assert {f["sid"]: f["seq"] for f in ended} == {sids[0]: 2, sids[1]: 1}


async def snapshot(host: Host, **params: object) -> dict[str, Any]:
    async with host.ann.socket() as socket:
        await socket.subscribe(BOOK, market_ticker=ANY.ticker, **params)
        frames = host.ann.frames
        while frames[-1]["type"] != "orderbook_snapshot":
            await socket.read()
        return dict(frames[-1]["msg"])


async def test_empty_side_has_no_key(host: Host) -> None:
    sides = ("yes_dollars_fp", "no_dollars_fp")
    assert [side in await snapshot(host) for side in sides] == [False, False]
    await host.bob.placed("bid", "0.4000", "2.00")
    msg = await snapshot(host)
    assert msg["yes_dollars_fp"] == [["0.4000", "2.00"]]
    assert "no_dollars_fp" not in msg


async def test_use_yes_price_maps_052_and_048(host: Host) -> None:
    await host.bob.placed("ask", "0.5200", "2.00")
    await host.bob.placed("ask", "0.5500", "1.00")
    asks = [["0.5200", "2.00"], ["0.5500", "1.00"]]
    bids = [["0.4500", "1.00"], ["0.4800", "2.00"]]
    assert (await snapshot(host))["no_dollars_fp"] == bids
    assert (await snapshot(host, use_yes_price=False))["no_dollars_fp"] == bids
    assert (await snapshot(host, use_yes_price=True))["no_dollars_fp"] == asks


@pytest.mark.parametrize(("is_yes", "price"), [(True, "0.5200"), (False, "0.4800")])
async def test_use_yes_price_maps_deltas_too(host: Host, is_yes: bool, price: str) -> None:
    async with host.ann.socket() as socket:
        await socket.subscribe(BOOK, market_ticker=ANY.ticker, use_yes_price=is_yes)
        await host.bob.placed("ask", "0.5200", "2.00")
        delta = (await socket.read_until("orderbook_delta"))[-1]["msg"]
    assert (delta["side"], delta["price_dollars"], delta["delta_fp"]) == ("no", price, "2.00")


async def test_default_of_use_yes_price_can_be_flipped() -> None:
    async with hosting(use_yes_price=True) as host:
        await host.bob.placed("ask", "0.5200", "2.00")
        assert (await snapshot(host))["no_dollars_fp"] == [["0.5200", "2.00"]]
        assert (await snapshot(host, use_yes_price=False))["no_dollars_fp"] == [["0.4800", "2.00"]]


async def test_delta_is_a_signed_change_and_names_only_its_own_cause(host: Host) -> None:
    async with host.ann.socket() as mine, host.bob.socket() as theirs:
        for socket in (mine, theirs):
            await socket.subscribe(BOOK, market_ticker=ANY.ticker)
            await socket.read()
        order = await host.ann.placed("bid", "0.4000", "5.00", client_order_id="c-1")
        await host.ann.cancel(order["order_id"])
        own, other = await mine.read_many(2), await theirs.read_many(2)
    assert [f["msg"]["delta_fp"] for f in own] == ["5.00", "-5.00"]
    assert [f["msg"].get("client_order_id") for f in own] == ["c-1", "c-1"]
    assert [f["msg"].get("client_order_id") for f in other] == [None, None]


async def test_public_messages_reach_only_who_asked_for_the_market(host: Host) -> None:
    async with host.ann.socket() as socket:
        await socket.subscribe("trade", "ticker", market_ticker=SIBLING.ticker)
        await host.bob.placed("ask", "0.5000", "2.00", ticker=ANY.ticker)
        await host.eve.placed("bid", "0.5000", "2.00", ticker=ANY.ticker)
        assert await socket.until_quiet() == []


async def test_private_messages_reach_only_their_account(host: Host) -> None:
    private = ("fill", "user_orders", "market_positions", "order_group_updates")
    async with host.eve.socket() as socket:
        await socket.subscribe(*private)
        await host.bob.placed("ask", "0.5000", "2.00")
        await host.ann.placed("bid", "0.5000", "2.00")
        assert await socket.until_quiet() == []


async def test_compressed_connection_says_the_same(host: Host) -> None:
    async with host.ann.socket(compression="deflate") as socket:
        await socket.subscribe(BOOK, market_ticker=ANY.ticker)
        assert (await socket.read())["type"] == "orderbook_snapshot"
        for price in ("0.4000", "0.4100", "0.4200"):
            await host.bob.placed("bid", price, "5.00")
        frames = await socket.read_many(3)
        extensions = socket.connection.protocol.extensions
    assert [f["msg"]["price_dollars"] for f in frames] == ["0.4000", "0.4100", "0.4200"]
    assert [extension.name for extension in extensions] == ["permessage-deflate"]


async def test_ticker_starts_with_a_snapshot_where_asked(host: Host) -> None:
    await host.bob.placed("bid", "0.4000", "2.00")
    async with host.ann.socket() as socket:
        await socket.subscribe("ticker", market_ticker=ANY.ticker)
        assert await socket.until_quiet() == []
        await socket.subscribe("ticker", market_ticker=ANY.ticker, send_initial_snapshot=True)
        (ticker,) = await socket.until_quiet()
    assert (ticker["type"], ticker["msg"]["yes_bid_dollars"]) == ("ticker", "0.4000")


async def test_user_orders_follow_only_the_named_markets(host: Host) -> None:
    async with host.ann.socket() as socket:
        await socket.subscribe("user_orders", market_tickers=[SIBLING.ticker])
        await host.ann.placed("bid", "0.4000", "2.00", ticker=ANY.ticker)
        await host.ann.placed("bid", "0.4000", "2.00", ticker=SIBLING.ticker)
        (update,) = await socket.until_quiet()
    assert update["msg"]["ticker"] == SIBLING.ticker


async def test_messages_of_one_match_share_their_time_and_ids(host: Host) -> None:
    channels = ("trade", "fill", "user_orders", "market_positions", "ticker")
    async with host.ann.socket() as socket:
        await socket.subscribe(BOOK, market_ticker=ANY.ticker)
        await socket.subscribe(*channels)
        await host.bob.placed("ask", "0.5000", "2.00")
        await socket.until_quiet()
        order = await host.ann.placed("bid", "0.5000", "2.00")
        frames = {frame["type"]: frame["msg"] for frame in await socket.until_quiet()}
    assert frames.keys() == {*CHANNEL_TYPES}
    assert frames["trade"]["trade_id"] == frames["fill"]["trade_id"]
    assert frames["fill"]["order_id"] == frames["user_order"]["order_id"] == order["order_id"]
    stamps = [frames[kind]["ts_ms"] for kind in ("trade", "fill", "orderbook_delta", "ticker")]
    assert {*stamps, frames["user_order"]["last_updated_ts_ms"]} == {order["ts_ms"]}
