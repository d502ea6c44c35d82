from hypothesis import given
from hypothesis import strategies as st

from core.market.ticks import LINEAR_CENT, TAPERED_DECI_CENT_RANGES, PriceRange, TickTable


def test_linear_cent_has_every_cent_and_both_ends() -> None:
    assert LINEAR_CENT.prices == tuple(range(0, 10_001, 100))
    assert LINEAR_CENT.is_tradable(100)
    assert not LINEAR_CENT.is_tradable(0)
    assert not LINEAR_CENT.is_tradable(10_000)
    assert not LINEAR_CENT.is_tradable(4_250)


def test_tapered_bands_change_step_at_ten_and_ninety_cents() -> None:
    table = TickTable.from_ranges(TAPERED_DECI_CENT_RANGES)
    assert table.is_tradable(990)
    assert not table.is_tradable(1_010)
    assert table.is_tradable(1_100)
    assert table.is_tradable(9_010)
    assert len(table.prices) == 281


@given(
    st.lists(
        st.builds(
            PriceRange,
            st.integers(0, 9_999),
            st.integers(0, 10_000),
            st.sampled_from([1, 10, 20, 50, 100]),
        ),
        max_size=4,
    )
)
def test_every_grid_is_ascending_and_mirrors_itself(ranges: list[PriceRange]) -> None:
    prices = TickTable.from_ranges(ranges).prices
    assert list(prices) == sorted(set(prices))
    assert prices[0] == 0
    assert prices[-1] == 10_000
    assert {10_000 - price for price in prices} == set(prices)


def test_widening_keeps_every_old_price() -> None:
    wide = LINEAR_CENT.widened(4_255)
    assert set(LINEAR_CENT.prices) | {4_255, 5_745} == set(wide.prices)
