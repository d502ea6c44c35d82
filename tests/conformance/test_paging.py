"""Protocol 11.3: limit=1001 is 400 with `msg`, a garbage cursor is the first page."""

import pytest
from exchange_host import MARKETS, Host

LISTS = {
    "/markets": ("markets", 1_000),
    "/markets/trades": ("trades", 1_000),
    "/events": ("events", 200),
    "/portfolio/orders": ("orders", 1_000),
    "/portfolio/fills": ("fills", 1_000),
    "/portfolio/positions": ("market_positions", 1_000),
    "/portfolio/settlements": ("settlements", 1_000),
}


async def fill_up(host: Host) -> None:
    """Several rows in every list but settlements."""
    for market in MARKETS[:5]:
        await host.bob.placed("ask", "0.5000", "1.00", ticker=market.ticker)
        await host.ann.placed("bid", "0.5000", "1.00", ticker=market.ticker)


@pytest.mark.parametrize("path", LISTS)
async def test_limit_over_the_most_is_400_with_msg(host: Host, path: str) -> None:
    _, most = LISTS[path]
    reply = await host.ann.call("GET", f"{path}?limit={most + 1}")
    assert reply.status == 400
    assert set(reply.body) == {"msg"}
    assert "'Limit' failed on the 'lte' tag" in reply.body["msg"]
    assert (await host.ann.call("GET", f"{path}?limit={most}")).status == 200


@pytest.mark.parametrize("path", LISTS)
async def test_garbage_cursor_is_the_first_page(host: Host, path: str) -> None:
    await fill_up(host)
    name, _ = LISTS[path]
    first = await host.ann.get(f"{path}?limit=2")
    garbage = await host.ann.get(f"{path}?limit=2&cursor=not-a-cursor")
    assert garbage[name] == first[name]


@pytest.mark.parametrize("path", [path for path in LISTS if path != "/portfolio/settlements"])
async def test_pages_join_to_the_whole_and_the_last_cursor_is_empty(host: Host, path: str) -> None:
    await fill_up(host)
    name, _ = LISTS[path]
    whole = (await host.ann.get(path))[name]
    rows, cursor, pages = [], "", 0
    while cursor or not pages:
        page = await host.ann.get(f"{path}?limit=2&cursor={cursor}")
        rows += page[name]
        cursor, pages = page["cursor"], pages + 1
    assert rows == whole
    assert pages == (len(whole) + 1) // 2 >= 2
    assert cursor == ""


async def test_orders_and_fills_come_newest_first(host: Host) -> None:
    ids = [(await host.ann.placed("bid", "0.1000", "1.00"))["order_id"] for _ in range(3)]
    orders = (await host.ann.get("/portfolio/orders"))["orders"]
    assert [order["order_id"] for order in orders] == ids[::-1]


@pytest.mark.parametrize(
    "path",
    ["/markets?status=active", "/markets?limit=ten", "/portfolio/orders?status=open"],
)
async def test_wrong_filter_is_400_with_msg(host: Host, path: str) -> None:
    reply = await host.ann.call("GET", path)
    assert (reply.status, set(reply.body)) == (400, {"msg"})


async def test_filter_words_are_not_status_values(host: Host) -> None:
    opened = (await host.ann.get("/markets?status=open"))["markets"]
    unopened = (await host.ann.get("/markets?status=unopened"))["markets"]
    assert {market["status"] for market in opened} == {"active"}
    assert [market["ticker"] for market in unopened] == ["KXLATER-26NOV18-LATER"]
