"""Follows order books by the recipe of protocol 5.3, independent of this project's own client."""

import asyncio
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import websockets
from plain_client import PlainClient, PlainSocket

RETRY_S = 0.02
Levels = dict[str, dict[Decimal, Decimal]]


class BookFollower:
    """Books of some markets, repaired after whatever goes wrong on the way.

    Attributes:
        books: levels by ticker and side in YES prices.
        stale: tickers whose book may be wrong.
        gaps, duplicates, endings, losses: what was met.
    """

    def __init__(self, client: PlainClient, tickers: Iterable[str]) -> None:
        self._client = client
        self._tickers = list(tickers)
        self._sid = 0
        self._last_seq = 0
        self.books: dict[str, Levels] = {}
        self.stale = set(self._tickers)
        self.gaps = 0
        self.duplicates = 0
        self.endings: list[int] = []
        self.losses = 0

    async def follow(self) -> None:
        """Follow until canceled, connecting again whenever the connection is lost."""
        while True:
            try:
                async with self._client.socket() as socket:
                    await self._subscribe(socket)
                    while True:
                        await self._take(socket, await socket.read())
            except (websockets.ConnectionClosed, websockets.InvalidStatus, OSError):
                self.stale = set(self._tickers)
                self.losses += 1
                await asyncio.sleep(RETRY_S)

    async def agrees(self) -> bool:
        """True if no book is in doubt and every one is the exchange's own."""
        return not self.stale and self.books == {
            ticker: await self._rest_book(ticker) for ticker in self._tickers
        }

    async def _rest_book(self, ticker: str) -> Levels:
        yes, no = await self._client.book(ticker)
        return {
            "yes": {Decimal(price): Decimal(count) for price, count in yes},
            "no": {1 - Decimal(price): Decimal(count) for price, count in no},
        }

    async def _subscribe(self, socket: PlainSocket) -> None:
        self._sid = 0
        await socket.command(
            "subscribe",
            channels=["orderbook_delta"],
            market_tickers=self._tickers,
            use_yes_price=True,
        )

    async def _take(self, socket: PlainSocket, frame: dict[str, Any]) -> None:
        if frame["type"] == "subscribed":
            self._sid, self._last_seq = frame["msg"]["sid"], 0
        elif frame["type"] == "error":
            self.endings.append(frame["msg"]["code"])
            self.stale = set(self._tickers)
            await self._subscribe(socket)
        elif frame.get("sid") == self._sid:
            await self._take_sequenced(socket, frame)

    async def _take_sequenced(self, socket: PlainSocket, frame: dict[str, Any]) -> None:
        if frame["seq"] <= self._last_seq:
            self.duplicates += 1
            return
        is_gap = frame["seq"] > self._last_seq + 1
        self._last_seq = frame["seq"]
        if is_gap:
            self.gaps += 1
            self.stale = set(self._tickers)
        if frame["type"] == "orderbook_snapshot":
            self._take_snapshot(frame["msg"])
        elif frame["type"] == "orderbook_delta":
            self._take_delta(frame["msg"])
        if is_gap:
            await socket.command(
                "update_subscription",
                sid=self._sid,
                action="get_snapshot",
                market_tickers=self._tickers,
            )

    def _take_snapshot(self, msg: dict[str, Any]) -> None:
        self.books[msg["market_ticker"]] = {
            side: {
                Decimal(price): Decimal(count) for price, count in msg.get(f"{side}_dollars_fp", ())
            }
            for side in ("yes", "no")
        }
        self.stale.discard(msg["market_ticker"])

    def _take_delta(self, msg: dict[str, Any]) -> None:
        if msg["market_ticker"] in self.stale:
            return
        levels = self.books[msg["market_ticker"]][msg["side"]]
        price = Decimal(msg["price_dollars"])
        count = levels.get(price, Decimal(0)) + Decimal(msg["delta_fp"])
        assert count >= 0, msg
        if count:
            levels[price] = count
        else:
            del levels[price]
