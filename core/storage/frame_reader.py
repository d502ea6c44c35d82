"""Reads recorded frames in today's wire form, with or without a recorder's notes.

NO levels must be quoted in NO prices, as the exchange sends them unless asked otherwise.
"""

from typing import get_args

import msgspec

from core.market.events import BookDelta, BookSnapshot, MarketChanged, Trade
from core.storage.frames import (
    AnyLine,
    ConnectedLine,
    DeltaLine,
    KnownLine,
    LifecycleLine,
    MarketLine,
    SnapshotLine,
    SubscribedLine,
    TickerLine,
    TradeLine,
    WatchLine,
    WireLevels,
    count_lots,
    price_pips,
    yes_pips,
)
from core.storage.session_builder import SessionBuilder
from core.storage.session_markets import MarketDirectory
from core.storage.trade_inference import TickerReading

_KNOWN_TYPES = frozenset(line.__struct_config__.tag for line in get_args(KnownLine))


class FrameReader:
    """Turns lines into events, markets and ticker readings."""

    def __init__(self, builder: SessionBuilder, markets: MarketDirectory) -> None:
        self._builder = builder
        self._markets = markets
        self._connection = 0
        self._decoder = msgspec.json.Decoder(KnownLine)
        self._any_decoder = msgspec.json.Decoder(AnyLine)

    def read(self, text: bytes) -> None:
        """Take one line.

        Raises:
            msgspec.DecodeError: it is no JSON object of a known shape.
            DecodeError: a number in it cannot be read.
            ValueError: a time in it cannot be read.
        """
        try:
            line = self._decoder.decode(text)
        except msgspec.ValidationError:
            self._read_unknown(text)
            return
        if self._builder.is_new(line.sid, line.seq, line.recv_ns):
            self._take(line)

    def _read_unknown(self, text: bytes) -> None:
        line = self._any_decoder.decode(text)
        if line.type in _KNOWN_TYPES:
            self._decoder.decode(text)  # raises again, with its reason
        self._builder.ignored[line.type] += 1
        self._builder.is_new(line.sid, line.seq, line.recv_ns)

    def _take(self, line: KnownLine) -> None:
        if isinstance(line, DeltaLine):
            self._take_delta(line)
        elif isinstance(line, TickerLine):
            self._take_ticker(line)
        elif isinstance(line, TradeLine):
            self._take_trade(line)
        elif isinstance(line, SnapshotLine):
            self._take_snapshot(line)
        elif isinstance(line, LifecycleLine):
            self._take_lifecycle(line)
        else:
            self._take_note(line)

    def _take_delta(self, line: DeltaLine) -> None:
        msg = line.msg
        self._builder.add_delta(
            BookDelta(
                msg.market_ticker,
                0 if msg.side == "yes" else 1,
                yes_pips(msg.price_dollars, msg.side),
                count_lots(msg.delta_fp),
                self._builder.stamp(msg.ts_ms, line.recv_ns),
                line.sid,
                line.seq,
                msg.client_order_id,
            )
        )

    def _take_snapshot(self, line: SnapshotLine) -> None:
        msg = line.msg
        self._markets.see(msg.market_ticker)
        bids = _levels(msg.yes_dollars_fp, "yes")
        asks = _levels(msg.no_dollars_fp, "no")
        snapshot = BookSnapshot(msg.market_ticker, bids, asks, line.sid, line.seq)
        self._builder.add_snapshot(snapshot, line.recv_ns)

    def _take_trade(self, line: TradeLine) -> None:
        msg = line.msg
        self._builder.has_trades = True
        self._builder.add_trade(
            Trade(
                msg.trade_id,
                msg.market_ticker,
                price_pips(msg.yes_price_dollars),
                count_lots(msg.count_fp),
                msg.side,
                self._builder.stamp(msg.ts_ms or msg.ts * 1_000, line.recv_ns),
                line.sid,
                line.seq,
            )
        )

    def _take_ticker(self, line: TickerLine) -> None:
        msg = line.msg
        self._builder.tickers.append(
            TickerReading(
                msg.market_ticker,
                self._connection,
                msg.ts_ms or msg.ts * 1_000,
                price_pips(msg.price_dollars),
                count_lots(msg.last_trade_size_fp),
                count_lots(msg.volume_fp),
            )
        )

    def _take_lifecycle(self, line: LifecycleLine) -> None:
        msg = line.msg
        value = msg.settlement_value
        settlement_pips = -1 if value is None else price_pips(value)
        self._builder.add_change(
            MarketChanged(
                msg.market_ticker,
                msg.event_type,
                msg.result,
                msg.close_ts * 1_000,
                settlement_pips,
            ),
            line.recv_ns,
        )
        if msg.result:
            self._markets.set_result(msg.market_ticker, msg.result)

    def _take_note(self, line: KnownLine) -> None:
        if isinstance(line, SubscribedLine):
            self._builder.restart(line.msg.sid)
            if line.msg.channel == "trade":
                self._builder.has_trades = True
        elif isinstance(line, ConnectedLine):
            self._connection += 1
            self._builder.restart()
        elif isinstance(line, WatchLine):
            self._markets.watch(line.msg)
        elif isinstance(line, MarketLine):
            self._markets.describe(line.msg)


def _levels(wire: WireLevels, side: str) -> tuple[tuple[int, int], ...]:
    return tuple(sorted((yes_pips(price, side), count_lots(count)) for price, count in wire))
