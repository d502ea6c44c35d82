"""Wire forms of trades, candlesticks, many books and the historical cutoff, in integers. Pure."""

import msgspec

from core.errors import DecodeError
from core.kalshi import reports, rest_wire
from core.kalshi.wire import LOTS, PIPS, BookSide, OutcomeSide
from core.market.events import BookSnapshot, Trade
from core.units import Side


class Ohlc(msgspec.Struct, frozen=True):
    """First, lowest, highest and last price of a period, in pips."""

    open_pips: int
    low_pips: int
    high_pips: int
    close_pips: int


class Candle(msgspec.Struct, frozen=True):
    """One period of a market. `price` is None where nothing traded."""

    end_ms: int
    bid: Ohlc
    ask: Ohlc
    price: Ohlc | None
    volume_lots: int
    open_interest_lots: int


class HistoricalCutoff(msgspec.Struct, frozen=True):
    """What is older lies in the exchange's archive only."""

    market_settled_ms: int
    trades_created_ms: int
    orders_updated_ms: int


class _TradeRow(msgspec.Struct):
    trade_id: str
    ticker: str
    count_fp: str
    yes_price_dollars: str
    created_time: str
    taker_book_side: BookSide | None = None
    taker_outcome_side: OutcomeSide | None = None
    taker_side: OutcomeSide | None = None


class TradesPage(msgspec.Struct):
    """A page of trades, newest first."""

    trades: list[_TradeRow]
    cursor: str | None = ""


class _OhlcBody(msgspec.Struct):
    open_dollars: str | None = None
    low_dollars: str | None = None
    high_dollars: str | None = None
    close_dollars: str | None = None


class _CandleBody(msgspec.Struct):
    end_period_ts: int
    yes_bid: _OhlcBody
    yes_ask: _OhlcBody
    price: _OhlcBody
    volume_fp: str
    open_interest_fp: str


class CandlesReply(msgspec.Struct):
    """Candlesticks of one market."""

    candlesticks: list[_CandleBody]
    ticker: str = ""
    market_ticker: str = ""


class CandlesBatchReply(msgspec.Struct):
    """Candlesticks of several markets."""

    markets: list[CandlesReply]


class EventCandlesReply(msgspec.Struct):
    """Candlesticks of all markets of an event, a list beside each ticker."""

    market_tickers: list[str]
    market_candlesticks: list[list[_CandleBody]]


class _NamedBook(msgspec.Struct):
    ticker: str
    orderbook_fp: rest_wire.BookBody


class OrderbooksReply(msgspec.Struct):
    """Several books."""

    orderbooks: list[_NamedBook]


class CutoffReply(msgspec.Struct):
    """Since when the live calls answer."""

    market_settled_ts: str
    trades_created_ts: str
    orders_updated_ts: str


def trade(row: _TradeRow) -> Trade:
    """A public trade.

    Raises:
        DecodeError: it does not say its taker's side, or an amount cannot be read.
    """
    if row.taker_book_side is not None:
        side = reports.side_of(row.taker_book_side)
    elif outcome := row.taker_outcome_side or row.taker_side:
        side = Side.BID if outcome == "yes" else Side.ASK
    else:
        raise DecodeError(f"trade {row.trade_id} does not say its taker's side")
    return Trade(
        trade_id=row.trade_id,
        ticker=row.ticker,
        price_pips=PIPS[row.yes_price_dollars],
        quantity_lots=LOTS[row.count_fp],
        taker_side=int(side),
        ts_ms=reports.time_ms(row.created_time),
    )


def books(reply: OrderbooksReply) -> list[BookSnapshot]:
    """Books in the order of the answer, which need not be that of the question."""
    return [rest_wire.book(row.ticker, row.orderbook_fp) for row in reply.orderbooks]


def candle(body: _CandleBody) -> Candle:
    """One period; its quotes are always there."""
    bid, ask = _ohlc(body.yes_bid), _ohlc(body.yes_ask)
    if bid is None or ask is None:
        raise DecodeError(f"the candlestick ending at {body.end_period_ts} has no quotes")
    return Candle(
        end_ms=body.end_period_ts * 1000,
        bid=bid,
        ask=ask,
        price=_ohlc(body.price),
        volume_lots=LOTS[body.volume_fp],
        open_interest_lots=LOTS[body.open_interest_fp],
    )


def candles(bodies: list[_CandleBody]) -> list[Candle]:
    """Periods in the order of the answer, which is that of time."""
    return [candle(body) for body in bodies]


def _ohlc(body: _OhlcBody) -> Ohlc | None:
    texts = (body.open_dollars, body.low_dollars, body.high_dollars, body.close_dollars)
    pips = [PIPS[text] for text in texts if text is not None]
    return Ohlc(*pips) if len(pips) == len(texts) else None


def cutoff(reply: CutoffReply) -> HistoricalCutoff:
    """The cutoff in milliseconds."""
    return HistoricalCutoff(
        market_settled_ms=reports.time_ms(reply.market_settled_ts),
        trades_created_ms=reports.time_ms(reply.trades_created_ts),
        orders_updated_ms=reports.time_ms(reply.orders_updated_ts),
    )
