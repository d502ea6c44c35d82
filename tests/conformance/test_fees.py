"""Protocol 11.3: the fees of 6.6 with the accumulator, maker fees, multipliers 0 and 0.5."""

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, floor

import pytest
from exchange_host import ANY, FREE, HALF, MAKER, TAPERED, Host, hosting

MICRO = Fraction(1, 1_000_000)
DIRECT = 100
CUSTOMER = 10_000


def expected(
    fills: Sequence[tuple[str, str]], rate: str, precision_micros: int, side: str = "bid"
) -> list[str]:
    """Net fees of the fills (price, count) of one opening order, by the five steps of 6.6."""
    grain = precision_micros * MICRO
    gathered = Fraction(0)
    fees = []
    for price_text, count_text in fills:
        price, count = Fraction(price_text), Fraction(count_text)
        model = Fraction(rate) * count * price * (1 - price)
        trade_fee = ceil(model / MICRO) * MICRO
        paid = price if side == "bid" else 1 - price
        change = -paid * count - trade_fee
        rounding = change - floor(change / grain) * grain
        gathered += rounding
        rebate = floor(gathered / grain) * grain if gathered > grain else Fraction(0)
        gathered -= rebate
        fees.append(max(Fraction(0), trade_fee + rounding - rebate))
    return [f"{float(fee):.6f}" for fee in fees]


async def taken(
    host: Host, fills: Sequence[tuple[str, str]], ticker: str, side: str = "bid"
) -> list[str]:
    """Fees that ann pays for one order that takes these resting orders one after another."""
    other = "ask" if side == "bid" else "bid"
    for price, count in fills:
        await host.bob.placed(other, price, count, ticker=ticker)
    total = sum(Fraction(count) for _, count in fills)
    limit = (max if side == "bid" else min)(price for price, _ in fills)
    await host.ann.placed(side, limit, f"{float(total):.2f}", ticker=ticker)
    rows = (await host.ann.get("/portfolio/fills"))["fills"]
    return [row["fee_cost"] for row in reversed(rows)]


async def test_the_example_of_the_protocol() -> None:
    async with hosting(precision_micros=CUSTOMER) as host:
        fees = await taken(host, [("0.0550", "1.00")], TAPERED.ticker)
        balance = await host.ann.get("/portfolio/balance")
    assert fees == expected([("0.055", "1")], "0.07", CUSTOMER) == ["0.005000"]
    assert balance["balance_dollars"] == "999.9400"


@pytest.mark.parametrize(
    ("price", "count", "fee"),
    [("0.5200", "1.00", "0.017500"), ("0.9900", "1.00", "0.000700")],
)
async def test_the_recorded_fees(host: Host, price: str, count: str, fee: str) -> None:
    assert await taken(host, [(price, count)], ANY.ticker) == [fee]
    assert expected([(price, count)], "0.07", DIRECT) == [fee]


ACCUMULATED = [("0.1000", "1.00")] * 3


async def test_accumulator_pays_back_on_the_third_fill_of_an_order() -> None:
    async with hosting(precision_micros=CUSTOMER) as host:
        fees = await taken(host, ACCUMULATED, TAPERED.ticker)
    assert fees == expected(ACCUMULATED, "0.07", CUSTOMER)
    assert fees == ["0.010000", "0.010000", "0.000000"]


async def test_accumulator_starts_anew_with_every_order() -> None:
    async with hosting(precision_micros=CUSTOMER) as host:
        for _ in range(3):
            fees = await taken(host, ACCUMULATED[:1], TAPERED.ticker)
    assert fees == ["0.010000"] * 3


@pytest.mark.parametrize("side", ["bid", "ask"])
@pytest.mark.parametrize("precision", [DIRECT, CUSTOMER])
@pytest.mark.parametrize(
    "fills",
    [
        [("0.0100", "0.01")],
        [("0.9900", "250.00")],
        [("0.3300", "7.77"), ("0.3400", "1.01"), ("0.3500", "2.50"), ("0.3600", "0.13")],
        [("0.5200", "1.00")] * 6,
    ],
    ids=["least", "large", "sweep", "repeated"],
)
async def test_taker_fees_follow_the_five_steps(
    fills: list[tuple[str, str]], precision: int, side: str
) -> None:
    async with hosting(precision_micros=precision) as host:
        fees = await taken(host, fills if side == "bid" else fills[::-1], ANY.ticker, side)
    ordered = fills if side == "bid" else fills[::-1]
    assert fees == expected(ordered, "0.07", precision, side)


async def test_accumulator_is_kept_when_a_taker_becomes_maker() -> None:
    async with hosting(precision_micros=CUSTOMER) as host:
        await host.bob.placed("ask", "0.1000", "1.00", ticker=MAKER.ticker)
        await host.ann.placed("bid", "0.1000", "3.00", ticker=MAKER.ticker)
        for _ in range(2):
            await host.bob.placed("ask", "0.1000", "1.00", ticker=MAKER.ticker)
        rows = (await host.ann.get("/portfolio/fills"))["fills"][::-1]
    assert [row["is_taker"] for row in rows] == [True, False, False]
    # 0.0063 and 0.0037; 0.001575 and 0.008425, together more than a cent; then 0.008425 again
    assert [row["fee_cost"] for row in rows] == ["0.010000", "0.000000", "0.000000"]


async def test_maker_pays_nothing_in_a_quadratic_series(host: Host) -> None:
    await taken(host, [("0.5000", "4.00")], ANY.ticker)
    (row,) = (await host.bob.get("/portfolio/fills"))["fills"]
    assert (row["is_taker"], row["fee_cost"]) == (False, "0.000000")


async def test_maker_pays_a_quarter_in_a_series_with_maker_fees(host: Host) -> None:
    fees = await taken(host, [("0.5000", "4.00")], MAKER.ticker)
    (row,) = (await host.bob.get("/portfolio/fills"))["fills"]
    assert fees == ["0.070000"]
    assert row["fee_cost"] == expected([("0.5", "4")], "0.0175", DIRECT, "ask")[0] == "0.017500"
    series = (await host.ann.get("/series/KXMAKER"))["series"]
    assert (series["fee_type"], series["fee_multiplier"]) == ("quadratic_with_maker_fees", 1)


@pytest.mark.parametrize(
    ("ticker", "series", "multiplier", "rate"),
    [(FREE.ticker, "KXFREE", 0, "0"), (HALF.ticker, "KXHALF", 0.5, "0.035")],
)
async def test_multiplier(
    host: Host, ticker: str, series: str, multiplier: float, rate: str
) -> None:
    fills = [("0.5200", "3.00")]
    assert await taken(host, fills, ticker) == expected(fills, rate, DIRECT)
    assert (await host.ann.get(f"/series/{series}"))["series"]["fee_multiplier"] == multiplier


async def test_no_fee_on_placing_and_canceling(host: Host) -> None:
    order_id = (await host.ann.placed("bid", "0.5000", "10.00"))["order_id"]
    await host.ann.cancel(order_id)
    assert (await host.ann.get("/portfolio/balance"))["balance_dollars"] == "1000.0000"


async def test_order_sums_up_the_fees_of_its_fills(host: Host) -> None:
    await host.bob.placed("ask", "0.5000", "2.00")
    reply = await host.ann.placed("bid", "0.5000", "2.00")
    order = await host.ann.order(reply["order_id"])
    assert (order["taker_fees_dollars"], order["maker_fees_dollars"]) == ("0.035000", "0.000000")
    assert reply["average_fee_paid"] == "0.0175"


async def test_fees_of_an_event_beat_those_of_its_series(host: Host) -> None:
    fills = [("0.5000", "4.00")]
    await host.change_fees(
        event_ticker=ANY.event_ticker, fee_type="quadratic_with_maker_fees", fee_multiplier="0.5"
    )
    await host.pass_time(1_000)
    assert await taken(host, fills, ANY.ticker) == expected(fills, "0.035", DIRECT)
    (row,) = (await host.bob.get("/portfolio/fills"))["fills"]
    assert row["fee_cost"] == expected(fills, "0.00875", DIRECT, "ask")[0]
    series = (await host.ann.get(f"/series/{ANY.series_ticker}"))["series"]
    assert (series["fee_type"], series["fee_multiplier"]) == ("quadratic", 1)
