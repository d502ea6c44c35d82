"""A market on the local exchange: its life, its book and its statistics. Pure."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import msgspec

from core.market.market import FeeSchedule, Market
from core.market.ticks import TickTable
from core.sandbox.book import Book
from core.sandbox.candle_history import NO_QUOTE, CandleHistory
from core.units import Side

MarketType = Literal["binary", "scalar"]
SETTLEMENT_TIMER_MS = 5_000
"""From a market's result to its payout."""
KEPT_TRADES = 2_000
"""Public trades a market remembers; the oldest goes first. The busiest market trades ten times a
second, so that its candles of the last minutes can be told from its trades. All markets together
remember no more than `trade_tape.KEPT_OF_ALL`.
"""


class PublicTrade(msgspec.Struct, frozen=True):
    """A trade everyone learns of; `serial` counts over all markets.

    A struct because a market keeps many, and the garbage collector never has to look at it.
    """

    serial: int
    trade_id: str
    ticker: str
    taker_side: int
    price_pips: int
    quantity_lots: int
    ts_ms: int


@dataclass(slots=True, eq=False)
class Listing:
    """One listed market.

    Attributes:
        status: status word of the protocol; the market's own field is not read.
        result: "" until determined.
        settlement_pips: payout of one YES contract, -1 until determined.
        due_ms: venue time of the step planned for a closed or a determined market, 0 for none.
        market_type: scalar where what it pays is not expected to be all or nothing.
        settlement_floor_pips: the least that a scalar result pays a YES contract, -1 for no bound.
        floor_strike: least value that YES means, in the units of what is asked about; None where
            the market was listed without.
        traded_micros: YES price times lots over all public trades.
        account_pairs_lots: contracts of which an account holds one side at least.
        crowd_pairs_lots: contracts of which the crowd holds both sides (see `open_interest`).
        updated_ms: last change that was no trade.
        trades: the last public trades, newest at the end.
        history: its candles.
        own_fees: fees it was listed with; those in force stand in the market.
    """

    market: Market
    market_id: str
    book: Book
    created_ms: int
    status: str = "initialized"
    close_ms: int = 0
    result: str = ""
    market_type: MarketType = "binary"
    settlement_floor_pips: int = -1
    floor_strike: float | None = None
    settlement_pips: int = -1
    settled_ms: int = 0
    due_ms: int = 0
    updated_ms: int = 0
    last_pips: int = 0
    last_lots: int = 0
    volume_lots: int = 0
    traded_micros: int = 0
    account_pairs_lots: int = 0
    crowd_pairs_lots: int = 0
    trades: deque[PublicTrade] = field(default_factory=lambda: deque(maxlen=KEPT_TRADES))
    history: CandleHistory = field(default_factory=CandleHistory)
    ticks: TickTable = field(init=False)
    own_fees: FeeSchedule = field(init=False)

    def __post_init__(self) -> None:
        self.ticks = self.market.ticks()
        self.own_fees = self.market.fees
        self.close_ms = self.market.close_ms
        self.volume_lots = self.market.volume_lots
        self.updated_ms = self.created_ms

    @property
    def ticker(self) -> str:
        """Market ticker."""
        return self.market.ticker

    @property
    def open_interest_lots(self) -> int:
        """Contracts that exist: pairs of a YES and a NO, whoever holds them."""
        return self.account_pairs_lots + self.crowd_pairs_lots

    def take_trade(self, trade: PublicTrade) -> None:
        """Count and remember a public trade."""
        self.sample(trade.ts_ms)
        self.history.take_trade(trade.ts_ms, trade.price_pips, trade.quantity_lots)
        self.trades.append(trade)
        self.last_pips = trade.price_pips
        self.last_lots = trade.quantity_lots
        self.volume_lots += trade.quantity_lots
        self.traded_micros += trade.price_pips * trade.quantity_lots

    def sample(self, now_ms: int) -> None:
        """Note the quote in the market's history, unless nobody knows what the book holds."""
        if self.book.is_doubted:
            return
        bid, ask = self.book.best(Side.BID), self.book.best(Side.ASK)
        bid_pips, ask_pips = bid[0] if bid else NO_QUOTE[0], ask[0] if ask else NO_QUOTE[1]
        self.history.take_quote(now_ms, bid_pips, ask_pips, self.open_interest_lots)

    def charge(self, fees: Mapping[str, FeeSchedule]) -> None:
        """Take the fees of the event, else of the series, else its own."""
        market = self.market
        found = fees.get(market.event_ticker) or fees.get(market.series_ticker) or self.own_fees
        if found != market.fees:
            self.market = replace(market, fees=found)

    def mark_pips(self, is_long: bool) -> int:
        """YES price at which a position would be sold now: other side's best, else last trade."""
        best = self.book.best(Side.BID if is_long else Side.ASK)
        return best[0] if best else self.last_pips
