"""Reads the 2023 form of a recording: whole cents, whole contracts, no seq, no trades.

Its recorder began a new chunk now and then with a snapshot it had computed itself. Such a
checkpoint is compared with the replayed book and not emitted.
"""

from typing import Literal

import msgspec

from core.market.events import BookDelta, BookSnapshot
from core.storage.session_builder import SessionBuilder
from core.storage.session_markets import MarketDirectory, time_ms
from core.units import LOTS_PER_CONTRACT, PIPS_PER_CENT, PIPS_PER_DOLLAR

CentLevels = tuple[tuple[int, int], ...]


class CentMsg(msgspec.Struct, gc=False):
    """A snapshot (`yes`, `no`) or a delta (`price`, `delta`, `side`)."""

    market_ticker: str
    yes: CentLevels = ()
    no: CentLevels = ()
    price: int = 0
    delta: int = 0
    side: Literal["yes", "no"] = "yes"


class CentLine(msgspec.Struct, gc=False):
    """One line; `recv_ts` is the only time there is."""

    recv_ts: str
    type: Literal["orderbook_snapshot", "orderbook_delta"]
    msg: CentMsg
    origin: str = "feed"


class CentReader:
    """Turns lines into events."""

    def __init__(self, builder: SessionBuilder, markets: MarketDirectory) -> None:
        self._builder = builder
        self._markets = markets
        self._decoder = msgspec.json.Decoder(CentLine)
        self._books: dict[str, dict[tuple[int, int], int]] = {}

    def read(self, text: bytes) -> None:
        """Take one line.

        Raises:
            msgspec.DecodeError: it is no JSON object of this form.
            ValueError: its time cannot be read.
        """
        line = self._decoder.decode(text)
        ts_ms = self._builder.stamp(time_ms(line.recv_ts), 0)
        if line.type == "orderbook_delta":
            self._take_delta(line.msg, ts_ms)
        elif line.origin == "checkpoint":
            self._compare(line.msg)
        else:
            self._take_snapshot(line.msg)

    def _take_delta(self, msg: CentMsg, ts_ms: int) -> None:
        side = 0 if msg.side == "yes" else 1
        price_pips = _yes_pips(msg.price, side)
        delta_lots = msg.delta * LOTS_PER_CONTRACT
        book = self._books.setdefault(msg.market_ticker, {})
        left = book.get((side, price_pips), 0) + delta_lots
        book[side, price_pips] = left
        if not left:
            del book[side, price_pips]
        self._builder.add_delta(BookDelta(msg.market_ticker, side, price_pips, delta_lots, ts_ms))

    def _take_snapshot(self, msg: CentMsg) -> None:
        self._markets.see(msg.market_ticker)
        book = self._books[msg.market_ticker] = _book(msg)
        bids, asks = (
            tuple(sorted((price, lots) for (of, price), lots in book.items() if of == side))
            for side in (0, 1)
        )
        self._builder.add_snapshot(BookSnapshot(msg.market_ticker, bids, asks), 0)

    def _compare(self, msg: CentMsg) -> None:
        self._builder.counts["checkpoints"] += 1
        if self._books.get(msg.market_ticker) != _book(msg):
            self._builder.counts["checkpoint_mismatches"] += 1


def _book(msg: CentMsg) -> dict[tuple[int, int], int]:
    """Lots by (side, YES price in pips)."""
    return {
        (side, _yes_pips(cents, side)): count * LOTS_PER_CONTRACT
        for side, levels in enumerate((msg.yes, msg.no))
        for cents, count in levels
    }


def _yes_pips(cents: int, side: int) -> int:
    pips = cents * PIPS_PER_CENT
    return PIPS_PER_DOLLAR - pips if side else pips
