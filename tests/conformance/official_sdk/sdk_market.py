"""Steps of the scenario: the exchange, its catalogue, market data after the trades of two."""

from typing import Any

from sdk_client import Client, Report, word

Facts = dict[str, Any]


async def exchange_steps(report: Report, ann: Client, facts: Facts) -> None:
    """Status, hours, freshness, fee changes."""
    with report.step("get_exchange_status"):
        status = await ann.get_exchange_status()
        assert (status.exchange_active, status.trading_active) == (True, True)
    with report.step("get_exchange_schedule"):
        (hours,) = (await ann.get_exchange_schedule()).schedule.standard_hours
        sessions = [(s.open_time, s.close_time) for s in hours.thursday]
        assert sessions == [("00:00", "00:00")]  # a recording keeps no hours
        assert len(hours.monday) == 1
    with report.step("get_user_data_timestamp"):
        as_of = (await ann.get_user_data_timestamp()).as_of_time
        assert abs(as_of.timestamp() * 1000 - facts["start_ms"]) < 1_000
    with report.step("get_series_fee_changes"):
        changes = await ann.get_series_fee_changes(
            series_ticker=facts["series"], show_historical=True
        )
        assert changes.series_fee_change_arr == []
    with report.step("get_event_fee_changes"):
        changes = await ann.get_event_fee_changes(event_ticker=facts["event"])
        assert (changes.event_fee_changes, changes.cursor) == ([], "")


async def catalogue_steps(report: Report, ann: Client, facts: Facts) -> None:
    """Series, events, markets and paging."""
    both = {facts["open"], facts["ending"]}
    with report.step("get_series"):
        series = (await ann.get_series(facts["series"])).series
        assert (series.ticker, word(series.fee_type)) == (facts["series"], "quadratic")
        assert series.fee_multiplier == 1
    with report.step("get_series_list"):
        listed = (await ann.get_series_list(category=series.category)).series
        assert facts["series"] in [s.ticker for s in listed]
        assert (await ann.get_series_list(category="Nothing of the kind")).series == []
    with report.step("get_events"):
        (event,) = (
            await ann.get_events(series_ticker=facts["series"], with_nested_markets=True)
        ).events
        assert event.event_ticker == facts["event"]
        assert {market.ticker for market in event.markets} == both
        assert (await ann.get_events(status="settled")).events == []
    with report.step("get_event"):
        found = await ann.get_event(facts["event"])
        assert found.event.series_ticker == facts["series"]
        assert {market.ticker for market in found.markets} == both
    with report.step("get_event_metadata"):
        metadata = await ann.get_event_metadata(facts["event"])
        assert {detail.market_ticker for detail in metadata.market_details} == both
    with report.step("get_markets"):
        first = await ann.get_markets(limit=1, event_ticker=facts["event"], status="open")
        second = await ann.get_markets(
            limit=1, event_ticker=facts["event"], status="open", cursor=first.cursor
        )
        assert {page.markets[0].ticker for page in (first, second)} == both
        assert (bool(first.cursor), second.cursor) == (True, "")


async def market_steps(report: Report, ann: Client, facts: Facts) -> None:
    """What the trades of the order steps left: 6 at 0.44 there, and 4 at 0.60 in the other."""
    with report.step("get_market"):
        market = (await ann.get_market(facts["open"])).market
        assert (word(market.status), market.result) == ("active", "")
        assert (market.last_price_dollars, market.volume_fp) == ("0.4400", "6.00")
        assert market.open_interest_fp == "6.00"
        assert (market.yes_bid_dollars, market.yes_bid_size_fp) == ("0.4200", "5.00")
        assert (market.yes_ask_dollars, market.no_bid_dollars) == ("0.4400", "0.5600")
    with report.step("get_market_orderbook"):
        book = (await ann.get_market_orderbook(facts["open"])).orderbook_fp
        assert book.yes_dollars[-1] == ["0.4200", "5.00"]
        assert book.no_dollars[-1] == ["0.5600", "4.00"]
        assert book.yes_dollars[0] == ["0.0100", "1000.00"]
        best = (await ann.get_market_orderbook(facts["open"], depth=1)).orderbook_fp
        assert best.yes_dollars == book.yes_dollars[-1:]
    with report.step("get_market_orderbooks"):
        books = (await ann.get_market_orderbooks([facts["open"], facts["ending"]])).orderbooks
        by_ticker = {entry.ticker: entry.orderbook_fp for entry in books}
        assert by_ticker[facts["open"]].no_dollars[-1] == ["0.5600", "4.00"]
        assert by_ticker[facts["ending"]].yes_dollars == [["0.0100", "1000.00"]]
    with report.step("get_trades"):
        trades = (await ann.get_trades(ticker=facts["open"])).trades
        assert [(t.count_fp, t.yes_price_dollars) for t in trades] == [
            ("2.00", "0.4400"),
            ("4.00", "0.4400"),
        ]
        assert {word(t.taker_book_side) for t in trades} == {"bid"}
        assert len((await ann.get_trades(limit=1)).trades) == 1


async def candle_steps(report: Report, ann: Client, facts: Facts) -> None:
    """Candles tell the volume that the two accounts traded."""
    now_s = facts["start_ms"] // 1000
    times = {"start_ts": now_s - 3_600, "end_ts": now_s + 7_200}
    with report.step("get_market_candlesticks"):
        for minutes in (1, 60, 1440):
            times["end_ts"] = now_s + 60 * minutes
            answer = await ann.get_market_candlesticks(
                facts["series"], facts["open"], **times, period_interval=minutes
            )
            (candle,) = [c for c in answer.candlesticks if c.volume_fp != "0.00"]
            assert (candle.volume_fp, candle.open_interest_fp) == ("6.00", "6.00")
            assert candle.price.close_dollars == candle.price.high_dollars == "0.4400"
            assert candle.price.mean_dollars == "0.4400"
            assert candle.end_period_ts % (60 * min(minutes, 60)) == 0
            assert now_s <= candle.end_period_ts <= times["end_ts"]
    with report.step("batch_get_market_candlesticks"):
        answer = await ann.batch_get_market_candlesticks(
            f"{facts['open']},{facts['ending']}", **times, period_interval=60
        )
        assert volumes({m.market_ticker: m.candlesticks for m in answer.markets}) == {
            facts["open"]: 6.0,
            facts["ending"]: 4.0,
        }
    with report.step("get_market_candlesticks_by_event"):
        answer = await ann.get_market_candlesticks_by_event(
            facts["event"], facts["series"], **times, period_interval=60
        )
        pairs = zip(answer.market_tickers, answer.market_candlesticks, strict=True)
        assert volumes(dict(pairs)) == {facts["open"]: 6.0, facts["ending"]: 4.0}


def volumes(candles: dict[str, list[Any]]) -> dict[str, float]:
    """Contracts traded by market."""
    return {ticker: sum(float(c.volume_fp) for c in row) for ticker, row in candles.items()}
