"""The usual design, for comparison: json, a sorted dict a side, read anew after every message."""

import json
from itertools import islice
from typing import Any

from sortedcontainers import SortedDict

DOLLAR_PIPS = 10_000
TOP = 5


class NaiveBook:
    """Bids and asks by YES price in pips."""

    def __init__(self) -> None:
        self.bids: SortedDict = SortedDict()
        self.asks: SortedDict = SortedDict()

    def change(self, side: str, pips: int, lots: int) -> None:
        """Add a signed change to one level."""
        levels, price = (self.bids, pips) if side == "yes" else (self.asks, DOLLAR_PIPS - pips)
        after = levels.get(price, 0) + lots
        if after > 0:
            levels[price] = after
        else:
            levels.pop(price, None)

    def read(self) -> tuple[object, ...]:
        """Return best bid, best ask and the five best levels of both sides."""
        bids = tuple(islice(reversed(self.bids.items()), TOP))
        asks = tuple(islice(self.asks.items(), TOP))
        best_bid = self.bids.peekitem(-1)[0] if self.bids else None
        best_ask = self.asks.peekitem(0)[0] if self.asks else None
        return best_bid, best_ask, bids, asks


def replay(frames: list[bytes]) -> dict[str, NaiveBook]:
    """Apply every frame and read the book it changed."""
    books: dict[str, NaiveBook] = {}
    for frame in frames:
        message = json.loads(frame)
        kind = message["type"]
        if kind == "orderbook_delta":
            body = message["msg"]
            book = books.get(body["market_ticker"])
            if book is not None:
                book.change(body["side"], _whole(body["price_dollars"]), _whole(body["delta_fp"]))
                book.read()
        elif kind == "orderbook_snapshot":
            book = books[message["msg"]["market_ticker"]] = _snapshot(message["msg"])
            book.read()
    return books


def _snapshot(body: dict[str, Any]) -> NaiveBook:
    book = NaiveBook()
    for side in ("yes", "no"):
        for price, count in body.get(f"{side}_dollars_fp", ()):
            book.change(side, _whole(price), _whole(count))
    return book


def _whole(text: str) -> int:
    """Read a decimal text of fixed places as an integer of its smallest unit."""
    return int(text.replace(".", ""))
