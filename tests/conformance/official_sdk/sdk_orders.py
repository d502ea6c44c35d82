"""Steps of the scenario: orders, batches, groups and what they leave in the portfolio."""

from typing import Any

from sdk_client import Client, Report, refused, word

Facts = dict[str, Any]


def body(ticker: str, side: str, price: str, count: str, **fields: object) -> dict[str, object]:
    """Fields of a create."""
    return {
        "ticker": ticker,
        "side": side,
        "price": price,
        "count": count,
        "time_in_force": "good_till_canceled",
        "self_trade_prevention_type": "taker_at_cross",
    } | fields


async def order_steps(report: Report, ann: Client, bob: Client, facts: Facts) -> None:
    """Ann buys 4 and 2 YES from bob at 0.44 and rests a bid of 5 behind bob's 7 at 0.42."""
    ticker = facts["open"]
    await bob.create_order_v2(**body(ticker, "ask", "0.4400", "10.00"))
    await bob.create_order_v2(**body(ticker, "bid", "0.4300", "7.00"))
    with report.step("create_order_v2"):
        taken = await ann.create_order_v2(
            **body(ticker, "bid", "0.5000", "4.00", time_in_force="immediate_or_cancel")
        )
        assert (taken.fill_count, taken.remaining_count) == ("4.00", "0.00")
        assert (taken.average_fill_price, taken.client_order_id) == ("0.4400", None)
        own = await ann.create_order_v2(
            **body(ticker, "bid", "0.4100", "9.00", client_order_id="ann-1", post_only=True)
        )
        assert (own.fill_count, own.remaining_count) == ("0.00", "9.00")
        again = body(ticker, "bid", "0.4100", "9.00", client_order_id="ann-1")
        await refused(ann.create_order_v2(**again), 409)
    with report.step("get_order"):
        order = (await ann.get_order(own.order_id)).order
        assert (word(order.status), order.client_order_id) == ("resting", "ann-1")
        assert (order.yes_price_dollars, order.remaining_count_fp) == ("0.4100", "9.00")
        done = (await ann.get_order(taken.order_id)).order
        assert (word(done.status), done.taker_fill_cost_dollars) == ("executed", "1.760000")
        await refused(bob.get_order(own.order_id), 404)
    with report.step("amend_order_v2"):
        amended = await ann.amend_order_v2(
            own.order_id, ticker=ticker, side="bid", price="0.4300", count="8.00"
        )
        assert (amended.order_id, amended.remaining_count) == (own.order_id, "8.00")
    with report.step("get_order_queue_position"):
        ahead = await ann.get_order_queue_position(own.order_id)
        assert ahead.queue_position_fp == "7.00"
    with report.step("get_order_queue_positions"):
        listed = (await ann.get_order_queue_positions(market_tickers=ticker)).queue_positions
        assert [(q.order_id, q.market_ticker, q.queue_position_fp) for q in listed] == [
            (own.order_id, ticker, "7.00")
        ]
    with report.step("decrease_order_v2"):
        decreased = await ann.decrease_order_v2(own.order_id, reduce_by="3.00")
        assert (decreased.order_id, decreased.remaining_count) == (own.order_id, "5.00")
        assert (await ann.get_order_queue_position(own.order_id)).queue_position_fp == "7.00"
    with report.step("cancel_all_orders"):
        await bob.create_order_v2(**body(facts["ending"], "bid", "0.2000", "1.00"))
        assert await bob.cancel_all_orders() is None
        assert (await bob.get_orders(status="resting")).orders == []
        assert (await ann.get_order_queue_position(own.order_id)).queue_position_fp == "0.00"
    await bob.create_order_v2(**body(ticker, "ask", "0.4400", "6.00"))
    await ann.create_order_v2(**body(ticker, "bid", "0.4400", "2.00", time_in_force="fill_or_kill"))
    with report.step("cancel_order_v2"):
        canceled = await ann.cancel_order_v2(own.order_id, market_ticker=ticker)
        assert (canceled.reduced_by, canceled.client_order_id) == ("5.00", "ann-1")
        await refused(ann.cancel_order_v2(own.order_id), 404)
    with report.step("get_orders"):
        rested = await ann.create_order_v2(**body(ticker, "bid", "0.4200", "5.00"))
        resting = (await ann.get_orders(ticker=ticker, status="resting")).orders
        assert [order.order_id for order in resting] == [rested.order_id]
        every = (await ann.get_orders(limit=2)).orders
        assert (len(every), every[0].order_id) == (2, rested.order_id)
    await bob.create_order_v2(**body(facts["ending"], "ask", "0.6000", "4.00"))
    await ann.create_order_v2(**body(facts["ending"], "bid", "0.6000", "4.00"))


async def portfolio_steps(report: Report, ann: Client, facts: Facts) -> None:
    """6 YES at 0.44 and 4 at 0.60 bought, 5 at 0.42 resting, out of 1000 dollars."""
    with report.step("get_fills"):
        fills = (await ann.get_fills()).fills
        assert [(f.market_ticker, f.count_fp, f.yes_price_dollars) for f in fills] == [
            (facts["ending"], "4.00", "0.6000"),
            (facts["open"], "2.00", "0.4400"),
            (facts["open"], "4.00", "0.4400"),
        ]
        assert {f.is_taker for f in fills} == {True}
        # 0.07 * 4 * 0.44 * 0.56, 0.07 * 2 * 0.44 * 0.56, 0.07 * 4 * 0.6 * 0.4, each rounded up
        assert [f.fee_cost for f in fills] == ["0.067200", "0.034500", "0.069000"]
        public = {t.trade_id for t in (await ann.get_trades()).trades}
        assert {f.trade_id for f in fills} <= public
        assert [f.fill_id for f in fills] == [f.trade_id for f in fills]
    with report.step("get_positions"):
        positions = await ann.get_positions(count_filter="position")
        rows = {p.ticker: p for p in positions.market_positions}
        open_row = rows[facts["open"]]
        assert (open_row.position_fp, rows[facts["ending"]].position_fp) == ("6.00", "4.00")
        assert open_row.market_exposure_dollars == "2.640000"
        assert open_row.fees_paid_dollars == "0.103500"
        (event,) = positions.event_positions
        assert (event.event_ticker, event.event_exposure_dollars) == (facts["event"], "5.040000")
    with report.step("get_portfolio_resting_order_total_value"):
        total = await ann.get_portfolio_resting_order_total_value()
        held = total.total_resting_order_value
        assert 210 <= held <= 220  # five bids at 0.42 and the worst fee
        assert len(total.resting_order_value_breakdown) == 1
    with report.step("get_balance"):
        balance = await ann.get_balance()
        spent = 2.64 + 2.4 + 0.1707 + float(total.resting_order_value_breakdown[0].balance)
        assert abs(float(balance.balance_dollars) - (1_000 - spent)) < 1e-6
        assert balance.balance == int(float(balance.balance_dollars) * 100)
        assert balance.updated_ts == facts["start_ms"] // 1000


async def batch_steps(report: Report, ann: Client, facts: Facts) -> None:
    """One good and one bad item each."""
    with report.step("batch_create_orders_v2"):
        good, bad = (
            await ann.batch_create_orders_v2(
                orders=[
                    body(facts["open"], "bid", "0.2500", "5.00", client_order_id="b-1"),
                    body(facts["open"], "bid", "0.2550", "5.00", client_order_id="b-2"),
                ]
            )
        ).orders
        assert (good.client_order_id, good.remaining_count, good.error) == ("b-1", "5.00", None)
        assert (bad.client_order_id, bad.error.code) == ("b-2", "invalid_price")
    with report.step("batch_cancel_orders_v2"):
        unknown = "3b1c5a0e-9d34-4a3c-8ad4-8f1b6f8b0c11"
        gone, missed = (
            await ann.batch_cancel_orders_v2(
                orders=[{"order_id": good.order_id}, {"order_id": unknown}]
            )
        ).orders
        assert (gone.order_id, gone.reduced_by) == (good.order_id, "5.00")
        assert (missed.order_id, missed.reduced_by) == (unknown, "0.00")
        assert missed.error.code == "not_found"


async def group_steps(report: Report, ann: Client, bob: Client, facts: Facts) -> None:
    """A group of ten contracts is cut off by a trigger, by its limit, and ends by deletion."""
    ticker = facts["open"]
    with report.step("create_order_group"):
        group_id = (await ann.create_order_group(contracts_limit=10)).order_group_id
        member = {"order_group_id": group_id}
    with report.step("get_order_groups"):
        (listed,) = (await ann.get_order_groups()).order_groups
        assert (listed.id, listed.contracts_limit_fp) == (group_id, "10.00")
        assert not (await bob.get_order_groups()).order_groups
    with report.step("get_order_group"):
        one = await ann.create_order_v2(**body(ticker, "bid", "0.1500", "1.00", **member))
        group = await ann.get_order_group(group_id)
        assert (group.orders, group.contracts_limit_fp) == ([one.order_id], "10.00")
    with report.step("trigger_order_group"):
        await ann.trigger_order_group(group_id)
        assert word((await ann.get_order(one.order_id)).order.status) == "canceled"
        refusal = ann.create_order_v2(**body(ticker, "bid", "0.1500", "1.00", **member))
        await refused(refusal, 409)
    with report.step("reset_order_group"):
        await ann.reset_order_group(group_id)
        two = await ann.create_order_v2(**body(ticker, "bid", "0.1500", "1.00", **member))
        assert two.remaining_count == "1.00"
    with report.step("update_order_group_limit"):
        await ann.update_order_group_limit(group_id, contracts_limit=3)
        assert (await ann.get_order_group(group_id)).contracts_limit_fp == "3.00"
        assert (await ann.get_order_group(group_id)).orders == [two.order_id]
    with report.step("delete_order_group"):
        await ann.delete_order_group(group_id)
        assert word((await ann.get_order(two.order_id)).order.status) == "canceled"
        await refused(ann.get_order_group(group_id), 404)
