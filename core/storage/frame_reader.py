"""Reads recorded frames in today's wire form, with or without a recorder's notes.

NO levels must be quoted in NO prices, as the exchange sends them unless asked otherwise.
"""

from collections import Counter
from functools import singledispatchmethod

import msgspec

from core.market.events import BookDelta, BookSnapshot, MarketChanged, Trade
from core.storage.frames import (
    AnyLine,
    ConnectedLine,
    DeltaLine,
    KnownLine,
    LifecycleLine,
    MarketLine,
    OkLine,
    SnapshotLine,
    SubscribedLine,
    TickerLine,
    TradeLine,
    WatchLine,
    count_lots,
    price_pips,
    yes_pips,
)
from core.storage.session_builder import SessionBuilder
from core.storage.session_markets import MarketDirectory
from core.storage.trade_inference import TickerReading
from core.units import PIPS_PER_DOLLAR

_KNOWN_TYPES = frozenset(
    line.__struct_config__.tag for line in msgspec.inspect.type_info(KnownLine).types  # type: ignore[attr-defined]
)
