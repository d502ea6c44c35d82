"""Protocol 11.3: close, determine, settle, with all figures of 4.8."""

from typing import Any

import pytest
from exchange_host import CLOSING, LATER, Host
from plain_client import ORDERS

AT = {"ticker": CLOSING.ticker}
HOUR_MS = 3_600_000


async def market(host: Host, ticker: str = CLOSING.ticker) -> dict[str, Any]:
    return dict((await host.ann.get(f"/markets/{ticker}"))["market"])


async def trade(host: Host) -> None:
    """Ann buys 4 YES at 0.44 from bob."""
    await host.bob.placed("ask", "0.4400", "4.00", **AT)
    await host.ann.placed("bid", "0.4400", "4.00", **AT)


async def settle(host: Host, result: str, value_pips: int = -1) -> None:
    await host.pass_time(61_000)
    host.determine(CLOSING, result, value_pips)
    await host.pass_time(1_000 * (await market(host))["settlement_timer_seconds"] + 1_000)
    assert (await market(host))["status"] == "finalized"


async def test_unopened_market_refuses_until_its_open_time(host: Host) -> None:
    at = {"ticker": LATER.ticker}
    assert (await market(host, LATER.ticker))["status"] == "initialized"
    assert (await host.ann.place("bid", "0.4000", "1.00", **at)).status == 409
    await host.pass_time(61_000)
    assert (await market(host, LATER.ticker))["status"] == "active"
    assert (await host.ann.place("bid", "0.4000", "1.00", **at)).status == 201


async def test_close_refuses_every_operation_and_cancels_what_rests(host: Host) -> None:
    async with host.ann.socket() as socket:
        await socket.subscribe("user_orders")
        order_id = (await host.ann.placed("bid", "0.4000", "1.00", **AT))["order_id"]
        await host.pass_time(61_000)
        update = (await socket.until_quiet())[-1]["msg"]
    assert (await market(host))["status"] == "closed"
    assert (await host.ann.place("bid", "0.4000", "1.00", **AT)).status == 409
    cancel = await host.ann.cancel(order_id)
    decrease = await host.ann.call("POST", f"{ORDERS}/{order_id}/decrease", {"reduce_by": "0.50"})
    body = {"side": "bid", "price": "0.4000", "count": "2.00", **AT}
    amend = await host.ann.call("POST", f"{ORDERS}/{order_id}/amend", body)
    for refused in (cancel, decrease, amend):
        assert (refused.status, refused.body["error"]["code"]) == (409, "market_closed")
        assert refused.body["error"]["details"] == "MARKET_INACTIVE"
    assert (await host.ann.cancel("00000000-0000-4000-8000-000000000000")).status == 404
    assert (await host.ann.order(order_id))["status"] == "canceled"
    assert (update["status"], update["last_update_reason"]) == ("canceled", "CloseCancel")


async def test_determined_market_shows_its_result_before_it_pays(host: Host) -> None:
    await trade(host)
    before = await host.ann.get("/portfolio/balance")
    await host.pass_time(61_000)
    host.determine(CLOSING, "yes")
    shown = await market(host)
    assert (shown["status"], shown["result"]) == ("determined", "yes")
    assert shown["settlement_value_dollars"] == "1.0000"
    assert "settlement_ts" not in shown
    after = await host.ann.get("/portfolio/balance")
    assert after["balance_dollars"] == before["balance_dollars"]
    assert (await host.ann.get("/portfolio/settlements"))["settlements"] == []


async def test_yes_pays_a_dollar_to_yes(host: Host) -> None:
    await trade(host)
    await settle(host, "yes")
    (row,) = (await host.ann.get("/portfolio/settlements"))["settlements"]
    settled_time = row.pop("settled_time")
    assert row == {
        "ticker": CLOSING.ticker,
        "event_ticker": CLOSING.event_ticker,
        "exchange_index": 0,
        "market_result": "yes",
        "yes_count_fp": "4.00",
        "yes_total_cost_dollars": "1.760000",
        "no_count_fp": "0.00",
        "no_total_cost_dollars": "0.000000",
        "revenue": 400,
        "value": 100,
        "fee_cost": "0.069000",
    }
    assert settled_time.endswith("Z")
    # 1000 - 1.76 - 0.069 + 4
    assert (await host.ann.get("/portfolio/balance"))["balance_dollars"] == "1002.1710"


async def test_yes_pays_nothing_to_no(host: Host) -> None:
    await trade(host)
    await settle(host, "yes")
    (row,) = (await host.bob.get("/portfolio/settlements"))["settlements"]
    assert (row["no_count_fp"], row["no_total_cost_dollars"]) == ("4.00", "2.240000")
    assert (row["yes_count_fp"], row["revenue"], row["value"]) == ("0.00", 0, 100)
    assert (await host.bob.get("/portfolio/balance"))["balance_dollars"] == "997.7600"


async def test_no_pays_a_dollar_to_no(host: Host) -> None:
    await trade(host)
    await settle(host, "no")
    (row,) = (await host.bob.get("/portfolio/settlements"))["settlements"]
    assert (row["market_result"], row["revenue"], row["value"]) == ("no", 400, 0)
    assert (await host.bob.get("/portfolio/balance"))["balance_dollars"] == "1001.7600"


async def test_scalar_pays_its_value_to_yes_and_the_rest_to_no(host: Host) -> None:
    await trade(host)
    await settle(host, "scalar", 3_000)
    (long,) = (await host.ann.get("/portfolio/settlements"))["settlements"]
    (short,) = (await host.bob.get("/portfolio/settlements"))["settlements"]
    assert (long["market_result"], long["revenue"], long["value"]) == ("scalar", 120, 30)
    assert (short["market_result"], short["revenue"], short["value"]) == ("scalar", 280, 30)


async def test_settled_position_leaves_the_default_list(host: Host) -> None:
    await trade(host)
    await settle(host, "yes")
    assert (await host.ann.get("/portfolio/positions"))["market_positions"] == []
    path = "/portfolio/positions?settlement_status=settled"
    (row,) = (await host.ann.get(path))["market_positions"]
    assert (row["position_fp"], row["realized_pnl_dollars"]) == ("0.00", "2.240000")
    assert (row["fees_paid_dollars"], row["total_traded_dollars"]) == ("0.069000", "1.760000")


async def test_settled_market_shows_its_figures(host: Host) -> None:
    await trade(host)
    await settle(host, "yes")
    shown = await market(host)
    assert (shown["result"], shown["settlement_value_dollars"]) == ("yes", "1.0000")
    assert shown["settlement_ts"].endswith("Z")
    (row,) = (await host.ann.get("/markets?status=settled"))["markets"]
    assert row["ticker"] == CLOSING.ticker


async def test_lifecycle_is_told_in_seconds_and_in_sequence(host: Host) -> None:
    async with host.ann.socket() as socket:
        await socket.subscribe("market_lifecycle_v2")
        await trade(host)
        await settle(host, "yes")
        frames = await socket.until_quiet()
    mine = [f for f in frames if f["msg"].get("market_ticker") == CLOSING.ticker]
    kinds = [f["msg"]["event_type"] for f in mine]
    assert kinds == ["determined", "settled"]
    determined, settled = (f["msg"] for f in mine)
    assert (determined["result"], determined["settlement_value"]) == ("yes", "1.0000")
    assert 1_700_000_000 < determined["determination_ts"] < settled["settled_ts"] < 1_900_000_000
    sequence = [f["seq"] for f in frames]
    assert sequence == list(range(sequence[0], sequence[0] + len(frames)))


@pytest.mark.parametrize(("result", "payout"), [("yes", 400), ("no", 400), ("scalar", 400)])
async def test_a_pair_always_pays_exactly_a_dollar(host: Host, result: str, payout: int) -> None:
    await trade(host)
    await settle(host, result, 3_700 if result == "scalar" else -1)
    rows = [
        (await client.get("/portfolio/settlements"))["settlements"][0]
        for client in (host.ann, host.bob)
    ]
    assert sum(row["revenue"] for row in rows) == payout


async def test_a_dispute_holds_the_payout_and_the_amended_result_is_paid(host: Host) -> None:
    await trade(host)
    await host.pass_time(61_000)
    async with host.ann.socket() as socket:
        await socket.subscribe("market_lifecycle_v2")
        assert (await host.operate("determine", CLOSING, result="no"))["result"] == "no"
        assert (await host.operate("dispute", CLOSING))["status"] == "disputed"
        await host.pass_time(HOUR_MS)
        assert (await market(host))["status"] == "disputed"
        (listed,) = (await host.ann.get(f"/markets?status=closed&tickers={CLOSING.ticker}"))[
            "markets"
        ]
        assert listed["status"] == "disputed"
        assert (await host.ann.get("/portfolio/settlements"))["settlements"] == []
        assert (await host.operate("amend", CLOSING, result="yes"))["status"] == "amended"
        await host.pass_time(1_000 * (await market(host))["settlement_timer_seconds"] + 1_000)
        frames = await socket.until_quiet()
    told = [f["msg"] for f in frames if f["msg"].get("market_ticker") == CLOSING.ticker]
    assert [(msg["event_type"], msg.get("result")) for msg in told] == [
        ("determined", "no"),
        ("determined", "yes"),
        ("settled", None),
    ]
    (row,) = (await host.ann.get("/portfolio/settlements"))["settlements"]
    assert (row["market_result"], row["revenue"]) == ("yes", 400)


async def test_new_metadata_is_told_and_listed(host: Host) -> None:
    async with host.ann.socket() as socket:
        await socket.subscribe("market_lifecycle_v2")
        await host.operate("metadata", CLOSING, floor_strike=95_000)
        await host.operate("metadata", CLOSING, yes_sub_title="above $95,000")
        frames = await socket.until_quiet()
    told = [f["msg"] for f in frames]
    assert told == [
        {
            "market_ticker": CLOSING.ticker,
            "event_type": "metadata_updated",
            "exchange_index": 0,
            **field,
        }
        for field in ({"floor_strike": 95_000}, {"yes_sub_title": "above $95,000"})
    ]
    shown = await market(host)
    assert (shown["floor_strike"], shown["yes_sub_title"]) == (95_000, "above $95,000")
