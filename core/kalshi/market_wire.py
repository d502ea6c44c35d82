"""Wire forms of trades, candlesticks, many books and the historical cutoff, in integers. Pure."""

import msgspec

from core.errors import DecodeError
from core.kalshi import reports, rest_wire
from core.kalshi.wire import LOTS, PIPS, BookSide, OutcomeSide
from core.market.events import BookSnapshot, Trade
from core.units import Side, parse_money


class Ohlc(msgspec.Struct, frozen=True):
    """First, lowest, highest and last price of a period, in pips."""

    open_pips: int
    low_pips: int
    high_pips: int
    close_pips: int


class Candle(msgspec.Struct, frozen=True):
    """One period of a market. `price` and `mean_micros` are None where nothing traded.

    `previous_pips` is the last price before the period, None where there was none.
    """

    end_ms: int
    bid: Ohlc
    ask: Ohlc
    price: Ohlc | None
    volume_lots: int
    open_interest_lots: int
    mean_micros: int | None = None
    previous_pips: int | None = None


class EventCandles(msgspec.Struct, frozen=True):
    """Candlesticks of an event by market. They end earlier than asked where they were too many."""

    end_ms: int
    markets: dict[str, list[Candle]]


class HistoricalCutoff(msgspec.Struct, frozen=True):
    """What is older lies in the exchange's archive only. An older exchange does not tell all."""

    market_settled_ms: int
    trades_created_ms: int
    orders_updated_ms: int
    positions_updated_ms: int | None = None


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
    mean_dollars: str | None = None
    previous_dollars: str | None = None


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
    adjusted_end_ts: int


class _OldOhlcBody(msgspec.Struct):
    open: str | None = None
    low: str | None = None
    high: str | None = None
    close: str | None = None
    mean: str | None = None
    previous: str | None = None


class _OldCandleBody(msgspec.Struct):
    end_period_ts: int
    yes_bid: _OldOhlcBody
    yes_ask: _OldOhlcBody
    price: _OldOhlcBody
    volume: str
    open_interest: str


class OldCandlesReply(msgspec.Struct):
    """Candlesticks of a market that left the live data."""

    candlesticks: list[_OldCandleBody]


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
    market_positions_last_updated_ts: str | None = None


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
        mean_micros=_micros(body.price.mean_dollars),
        previous_pips=_pips(body.price.previous_dollars),
    )


def candles(bodies: list[_CandleBody]) -> list[Candle]:
    """Periods in the order of the answer, which is that of time."""
    return [candle(body) for body in bodies]


def event_candles(reply: EventCandlesReply) -> EventCandles:
    """Periods of every market of an event."""
    listed = zip(reply.market_tickers, reply.market_candlesticks, strict=False)
    return EventCandles(
        reply.adjusted_end_ts * 1000, {ticker: candles(rows) for ticker, rows in listed}
    )


def old_candles(reply: OldCandlesReply) -> list[Candle]:
    """Periods of a market that left the live data, whose members have other names."""
    return [candle(_renamed(body)) for body in reply.candlesticks]


def _renamed(body: _OldCandleBody) -> _CandleBody:
    return _CandleBody(
        end_period_ts=body.end_period_ts,
        yes_bid=_renamed_prices(body.yes_bid),
        yes_ask=_renamed_prices(body.yes_ask),
        price=_renamed_prices(body.price),
        volume_fp=body.volume,
        open_interest_fp=body.open_interest,
    )


def _renamed_prices(body: _OldOhlcBody) -> _OhlcBody:
    return _OhlcBody(body.open, body.low, body.high, body.close, body.mean, body.previous)


def _micros(text: str | None) -> int | None:
    return None if text is None else parse_money(text)


def _pips(text: str | None) -> int | None:
    return None if text is None else PIPS[text]


def _ohlc(body: _OhlcBody) -> Ohlc | None:
    texts = (body.open_dollars, body.low_dollars, body.high_dollars, body.close_dollars)
    pips = [PIPS[text] for text in texts if text is not None]
    return Ohlc(*pips) if len(pips) == len(texts) else None


def cutoff(reply: CutoffReply) -> HistoricalCutoff:
    """The cutoff in milliseconds."""
    positions = reply.market_positions_last_updated_ts
    return HistoricalCutoff(
        market_settled_ms=reports.time_ms(reply.market_settled_ts),
        trades_created_ms=reports.time_ms(reply.trades_created_ts),
        orders_updated_ms=reports.time_ms(reply.orders_updated_ts),
        positions_updated_ms=None if positions is None else reports.time_ms(positions),
    )
