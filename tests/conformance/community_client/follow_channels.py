"""Follows every channel with the community's client and prints what it understood.

    python follow_channels.py < configuration

The configuration is one JSON line with `base_url`, `ws_url`, `api_key_id`, `pem` and `ticker`.
Printed are JSON lines: `{"ready": true}` once everything is subscribed, `{"channel", "message"}`
for each message, `{"book": [yes, no]}` for each state of the client's own book. Ends with stdin.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from typing import Any

from kalshi import AsyncKalshiClient, KalshiConfig

CHANNELS = (
    "ticker",
    "trade",
    "fill",
    "user_orders",
    "market_positions",
    "market_lifecycle",
    "order_group",
)


def tell(**line: object) -> None:
    """Print one line."""
    print(json.dumps(line), flush=True)


async def print_messages(channel: str, stream: AsyncIterator[Any]) -> None:
    """Print the messages of one channel as the client read them."""
    async for message in stream:
        tell(channel=channel, message=message.model_dump(mode="json"))


async def print_books(stream: AsyncIterator[Any]) -> None:
    """Print the client's own book after every update; between a gap and its repair it has none."""
    while True:
        try:
            book = await anext(stream)
        except StopAsyncIteration:
            return
        except Exception as error:
            tell(trouble=repr(error))
            continue
        sides = (book.yes, book.no)
        tell(book=[[[str(v.price), str(v.quantity)] for v in side] for side in sides])


async def main() -> None:
    """Follow until stdin ends."""
    facts: dict[str, str] = json.loads(sys.stdin.readline())
    config = KalshiConfig(base_url=facts["base_url"], ws_base_url=facts["ws_url"])
    key = {"key_id": facts["api_key_id"], "private_key": facts["pem"].encode()}
    async with (
        AsyncKalshiClient(**key, config=config) as client,
        client.ws.connect() as session,
        asyncio.TaskGroup() as tasks,
    ):
        following = [
            tasks.create_task(
                print_messages(channel, await getattr(session, f"subscribe_{channel}")()),
                name=channel,
            )
            for channel in CHANNELS
        ]
        books = await session.orderbook(facts["ticker"])
        following.append(tasks.create_task(print_books(books), name="book"))
        tell(ready=True)
        await asyncio.to_thread(sys.stdin.read)
        for task in following:
            task.cancel()


if __name__ == "__main__":
    asyncio.run(main())
