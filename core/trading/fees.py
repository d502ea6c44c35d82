"""The venue's fee rule (protocol section 6.6), once, for live accounting and simulation.

Coefficients are integers in units of 1e-5 with the series multiplier included: 0.07 is 7 000.
Exact in int64 up to a billion contracts a fill.
"""

from core.kernels import kernel
from core.units import MICROS_PER_CENT

_RATE_SCALE = 1_000_000_000
# rate 1e-5 x lots 1e-2 x pips 1e-4 x pips 1e-4, in micros: 1e-15 / 1e-6


@kernel
def model_fee(rate: int, quantity_lots: int, price_pips: int) -> int:
    """Rate x contracts x P x (1 - P), rounded up to a micro-dollar. Returns micros."""
    variance = quantity_lots * price_pips * (10_000 - price_pips)
    whole = variance // _RATE_SCALE  # apart, so that times the rate it stays inside 64 bits
    rest = variance - whole * _RATE_SCALE
    return whole * rate + (rest * rate + _RATE_SCALE - 1) // _RATE_SCALE


@kernel
def fill_fee(
    rate: int,
    quantity_lots: int,
    price_pips: int,
    revenue_micros: int,
    precision_micros: int,
    accumulated_micros: int,
) -> tuple[int, int]:
    """Net fee of one fill under the present rounding rule.

    Args:
        rate: fee coefficient in 1e-5.
        quantity_lots: filled quantity.
        price_pips: YES price of the fill.
        revenue_micros: cash change before the fee, negative for a buyer.
        precision_micros: balance precision of the account (100 or 10 000).
        accumulated_micros: rounding fees this order has paid and not had back.

    Returns:
        (net fee in micros, the order's new accumulator in micros).
    """
    trade_fee = model_fee(rate, quantity_lots, price_pips)
    change = revenue_micros - trade_fee
    aligned = (change // precision_micros) * precision_micros
    rounding_fee = change - aligned
    accumulated = accumulated_micros + rounding_fee
    rebate = 0
    if accumulated > precision_micros:
        rebate = (accumulated // precision_micros) * precision_micros
        accumulated -= rebate
    return max(0, trade_fee + rounding_fee - rebate), accumulated


@kernel
def fee_ceiling(rate: int, quantity_lots: int, price_pips: int) -> int:
    """Upper bound of the fee of a whole order: the model fee rounded up to a cent. Micros."""
    fee = model_fee(rate, quantity_lots, price_pips)
    return (fee + MICROS_PER_CENT - 1) // MICROS_PER_CENT * MICROS_PER_CENT
