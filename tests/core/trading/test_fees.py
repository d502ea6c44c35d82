from decimal import ROUND_CEILING, Decimal

from hypothesis import given
from hypothesis import strategies as st

from core.trading.fees import fee_ceiling, fill_fee, model_fee

rates = st.sampled_from([0, 1_750, 3_500, 7_000, 70_000])
lots = st.integers(1, 100_000_000_000)
prices = st.integers(1, 9_999)


@given(rates, lots, prices)
def test_model_fee_is_the_formula_rounded_up_to_a_micro(rate: int, lots: int, price: int) -> None:
    dollars = Decimal(price) / 10_000
    exact = Decimal(rate) / 100_000 * Decimal(lots) / 100 * dollars * (1 - dollars)
    micros = (exact * 1_000_000).to_integral_value(ROUND_CEILING)
    assert model_fee(rate, lots, price) == int(micros)


def test_published_examples() -> None:
    assert fill_fee(7_000, 100, 550, -55_000, 10_000, 0)[0] == 5_000
    assert fill_fee(7_000, 100, 5_200, -520_000, 100, 0)[0] == 17_500
    assert fill_fee(7_000, 100, 9_900, -990_000, 100, 0)[0] == 700
    assert fill_fee(7_000, 552, 1_700, -938_400, 100, 0)[0] == 54_600
    assert fill_fee(7_000, 116, 1_600, -185_600, 100, 0)[0] == 11_000


@given(lots, prices, st.sampled_from([100, 10_000]), st.integers(0, 9_999))
def test_cash_after_a_fill_is_aligned_to_the_accounts_precision(
    lots: int, price: int, precision: int, accumulated: int
) -> None:
    revenue = -price * lots
    fee, _ = fill_fee(7_000, lots, price, revenue, precision, accumulated % precision)
    assert fee >= 0
    if fee:
        assert (revenue - fee) % precision == 0


@given(st.lists(st.tuples(st.integers(1, 500), prices), min_size=1, max_size=40))
def test_rounding_costs_an_order_at_most_one_unit_of_precision(
    fills: list[tuple[int, int]],
) -> None:
    accumulated = paid = model = 0
    is_clipped = False
    for lots, price in fills:
        fee, accumulated = fill_fee(7_000, lots, price, -price * lots, 10_000, accumulated)
        paid += fee
        model += model_fee(7_000, lots, price)
        is_clipped |= fee == 0  # a fee is never negative, so part of a rebate may be lost
    assert 0 <= accumulated <= 10_000
    assert is_clipped or paid - model == accumulated


@given(rates, lots, prices)
def test_the_ceiling_bounds_the_fee_and_is_whole_cents(rate: int, lots: int, price: int) -> None:
    ceiling = fee_ceiling(rate, lots, price)
    assert ceiling % 10_000 == 0
    assert 0 <= ceiling - model_fee(rate, lots, price) < 10_000
