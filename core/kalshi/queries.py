"""What lists are asked for: one frozen value a list, whose members narrow it.

Pure. An empty member does not narrow. Times are venue milliseconds; the wire's are whole seconds,
and a second that was begun counts whole, at either end.
"""

from typing import Final, Literal

import msgspec

MarketStatus = Literal["", "unopened", "open", "paused", "closed", "settled"]
OrderStatus = Literal["", "resting", "canceled", "executed"]
EventStatus = Literal["", "unopened", "open", "closed", "settled"]
SettlementStatus = Literal["", "unsettled", "settled", "all"]
Combos = Literal["", "only", "exclude"]
Minutes = Literal[1, 60, 1440]


class TimeRange(msgspec.Struct, frozen=True):
    """From one time to another, both counted in; None leaves an end open."""

    from_ms: int | None = None
    to_ms: int | None = None

    def params(self, name: str = "ts") -> dict[str, str]:
        """The bounds as `min_` and `max_` of a name."""
        return given(**{f"min_{name}": seconds(self.from_ms), f"max_{name}": seconds(self.to_ms)})


ANY_TIME: Final = TimeRange()


class MarketQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which markets. A market that has not settled is in no range of settlement."""

    status: MarketStatus = ""
    series_ticker: str = ""
    event_ticker: str = ""
    tickers: tuple[str, ...] = ()
    combos: Combos = ""
    created: TimeRange = ANY_TIME
    updated: TimeRange = ANY_TIME
    close: TimeRange = ANY_TIME
    settled: TimeRange = ANY_TIME

    def params(self) -> dict[str, str]:
        """Members of the query string."""
        words = given(
            status=self.status,
            series_ticker=self.series_ticker,
            event_ticker=self.event_ticker,
            tickers=",".join(self.tickers),
            mve_filter=self.combos,
        )
        for name in ("created", "updated", "close", "settled"):
            times: TimeRange = getattr(self, name)
            words |= times.params(f"{name}_ts")
        return words


class EventQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which events: those with at least one market of that kind; and what comes with them."""

    status: EventStatus = ""
    series_ticker: str = ""
    tickers: tuple[str, ...] = ()
    closes_from_ms: int | None = None
    updated_from_ms: int | None = None
    with_markets: bool = False

    def params(self) -> dict[str, str]:
        """Members of the query string."""
        return given(
            status=self.status,
            series_ticker=self.series_ticker,
            tickers=",".join(self.tickers),
            min_close_ts=seconds(self.closes_from_ms),
            min_updated_ts=seconds(self.updated_from_ms),
            with_nested_markets=self.with_markets or None,
        )


class SeriesQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which series, and whether what they traded comes with them."""

    category: str = ""
    tags: tuple[str, ...] = ()
    updated_from_ms: int | None = None
    with_volume: bool = False

    def params(self) -> dict[str, str]:
        """Members of the query string."""
        return given(
            category=self.category,
            tags=",".join(self.tags),
            min_updated_ts=seconds(self.updated_from_ms),
            include_volume=self.with_volume or None,
        )


class TradeQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which public trades."""

    ticker: str = ""
    time: TimeRange = ANY_TIME
    is_block: bool | None = None

    def params(self) -> dict[str, str]:
        """Members of the query string."""
        return given(ticker=self.ticker, is_block_trade=self.is_block) | self.time.params()


class OrderQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which own orders, by their time of creation; `subaccount` None for those of all."""

    status: OrderStatus = ""
    ticker: str = ""
    event_tickers: tuple[str, ...] = ()
    time: TimeRange = ANY_TIME
    subaccount: int | None = None
    exchange_index: int | None = None

    def params(self) -> dict[str, str]:
        """Members of the query string."""
        return (
            given(
                status=self.status,
                ticker=self.ticker,
                event_ticker=",".join(self.event_tickers),
                subaccount=self.subaccount,
                exchange_index=self.exchange_index,
            )
            | self.time.params()
        )


class FillQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which own fills; `subaccount` None for those of all."""

    ticker: str = ""
    order_id: str = ""
    time: TimeRange = ANY_TIME
    subaccount: int | None = None
    exchange_index: int | None = None

    def params(self) -> dict[str, str]:
        """Members of the query string."""
        return (
            given(
                ticker=self.ticker,
                order_id=self.order_id,
                subaccount=self.subaccount,
                exchange_index=self.exchange_index,
            )
            | self.time.params()
        )


class PositionQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which positions of one account, the primary one where `subaccount` is None.

    `with_position` and `with_trades` ask for rows that are not zero in those.
    """

    ticker: str = ""
    event_ticker: str = ""
    status: SettlementStatus = ""
    with_position: bool = False
    with_trades: bool = False
    subaccount: int | None = None
    exchange_index: int | None = None

    def params(self) -> dict[str, str]:
        """Members of the query string."""
        counts = {"position": self.with_position, "total_traded": self.with_trades}
        return given(
            ticker=self.ticker,
            event_ticker=self.event_ticker,
            settlement_status=self.status,
            count_filter=",".join(name for name, is_asked in counts.items() if is_asked),
            subaccount=self.subaccount,
            exchange_index=self.exchange_index,
        )


class SettlementQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which payouts; `subaccount` None for those of all."""

    ticker: str = ""
    event_ticker: str = ""
    time: TimeRange = ANY_TIME
    subaccount: int | None = None

    def params(self) -> dict[str, str]:
        """Members of the query string."""
        return (
            given(ticker=self.ticker, event_ticker=self.event_ticker, subaccount=self.subaccount)
            | self.time.params()
        )


ALL_MARKETS: Final = MarketQuery()
ALL_EVENTS: Final = EventQuery()
ALL_SERIES: Final = SeriesQuery()
ALL_TRADES: Final = TradeQuery()
ALL_ORDERS: Final = OrderQuery()
ALL_FILLS: Final = FillQuery()
ALL_POSITIONS: Final = PositionQuery()
ALL_SETTLEMENTS: Final = SettlementQuery()


def given(**filters: str | int | bool | None) -> dict[str, str]:
    """Query members that were given, as text; an empty or absent one is left out."""
    words = {True: "true", False: "false"}
    return {
        name: words[value] if isinstance(value, bool) else str(value)
        for name, value in filters.items()
        if value is not None and value != ""
    }


def seconds(ms: int | None) -> int | None:
    """Whole seconds, begun ones not rounded up; None stays None."""
    return None if ms is None else ms // 1000


def period(
    from_ms: int, to_ms: int, minutes: Minutes, *, with_before: bool = False
) -> dict[str, str]:
    """Which candlesticks: by the end of each, both times counted in."""
    return given(
        start_ts=seconds(from_ms),
        end_ts=seconds(to_ms),
        period_interval=minutes,
        include_latest_before_start=with_before or None,
    )
