"""A market's price grid as the exchange tells it, by name and as bands. Pure."""

from core.market.market import Market
from core.units import PIPS_PER_CENT, format_price

_NAMES = {(100,): "linear_cent", (10,): "deci_cent", (10, 100, 10): "tapered_deci_cent"}


def ranges_view(market: Market) -> list[dict[str, str]]:
    """The bands; whole cents where the market names none."""
    if not market.price_ranges:
        return [{"start": "0.0000", "end": "1.0000", "step": format_price(PIPS_PER_CENT)}]
    return [
        {
            "start": format_price(band.start_pips),
            "end": format_price(band.end_pips),
            "step": format_price(band.step_pips),
        }
        for band in market.price_ranges
    ]


def structure_name(market: Market) -> str:
    """The venue's name for these bands, "" where it has none."""
    steps = [band.step_pips for band in market.price_ranges] or [PIPS_PER_CENT]
    return _NAMES.get(tuple(steps), "")
