import pytest

from core.market.market import Market
from core.market.ticks import PriceRange
from core.sandbox.tick_views import ranges_view, structure_name

WHOLE = PriceRange(0, 10_000, 100)
DECI = PriceRange(0, 10_000, 10)
TAPERED = (
    PriceRange(0, 1_000, 10),
    PriceRange(1_000, 9_000, 100),
    PriceRange(9_000, 10_000, 10),
)


def market(*ranges: PriceRange) -> Market:
    return Market("T", "E", title="t", price_ranges=ranges)


@pytest.mark.parametrize(
    ("ranges", "name"),
    [
        ((), "linear_cent"),
        ((WHOLE,), "linear_cent"),
        ((DECI,), "deci_cent"),
        (TAPERED, "tapered_deci_cent"),
        ((PriceRange(0, 10_000, 1),), ""),
    ],
)
def test_bands_have_the_venues_name(ranges: tuple[PriceRange, ...], name: str) -> None:
    assert structure_name(market(*ranges)) == name


def test_bands_are_told_in_dollars() -> None:
    assert ranges_view(market(*TAPERED)) == [
        {"start": "0.0000", "end": "0.1000", "step": "0.0010"},
        {"start": "0.1000", "end": "0.9000", "step": "0.0100"},
        {"start": "0.9000", "end": "1.0000", "step": "0.0010"},
    ]
    assert ranges_view(market()) == [{"start": "0.0000", "end": "1.0000", "step": "0.0100"}]
