import pytest

from core.market.market import FeeSchedule, Market
from core.market.ticks import PriceRange


def test_series_is_the_event_up_to_its_first_dash() -> None:
    assert Market("KXA-26NOV-T1", "KXA-26NOV", "t").series_ticker == "KXA"


def test_ticks_come_from_the_markets_own_ranges() -> None:
    assert Market("T", "E", "t").ticks().is_tradable(4_200)
    fine = Market("T", "E", "t", price_ranges=(PriceRange(0, 10_000, 10),))
    assert fine.ticks().is_tradable(4_210)


def test_short_titles_say_the_strike_first() -> None:
    assert Market("T", "E", "t", subtitle="5,012.50 or above").short_title == "≥ 5,012.50"
    assert Market("T", "E", "t", subtitle="2 in or more").short_title == "≥ 2 in"
    assert Market("T", "E", "t", subtitle="10 or below").short_title == "≤ 10"
    assert Market("T", "E", "t", subtitle="74 to 75").short_title == "74 to 75"
    target = Market("T", "E", "t", subtitle="Target price: $79,396.49")
    assert target.short_title == "≥ $79,396.49"
    assert Market("T", "E", "Rain?").short_title == "Rain?"
    assert Market("T", "E", "").short_title == "T"


@pytest.mark.parametrize(
    ("fee_type", "multiplier", "rates"),
    [
        ("quadratic", 1_000_000, (7_000, 0)),
        ("quadratic", 0, (0, 0)),
        ("quadratic_with_maker_fees", 500_000, (3_500, 875)),
        ("quadratic_with_combo_maker_fees", 1_000_000, (7_000, 3_500)),
        ("quadratic_of_tomorrow", 1_000_000, (7_000, 1_750)),
    ],
)
def test_fees_follow_their_type_and_multiplier(
    fee_type: str, multiplier: int, rates: tuple[int, int]
) -> None:
    assert FeeSchedule.of(fee_type, multiplier) == FeeSchedule(*rates)
