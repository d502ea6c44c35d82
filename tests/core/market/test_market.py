from core.market.market import Market
from core.market.ticks import PriceRange


def test_series_is_the_event_up_to_its_first_dash() -> None:
    assert Market("KXA-26NOV-T1", "KXA-26NOV", "t").series_ticker == "KXA"


def test_ticks_come_from_the_markets_own_ranges() -> None:
    assert Market("T", "E", "t").ticks().is_tradable(4_200)
    fine = Market("T", "E", "t", price_ranges=(PriceRange(0, 10_000, 10),))
    assert fine.ticks().is_tradable(4_210)
