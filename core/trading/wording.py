"""How orders and counts read to a trader, once, for decisions, orders, answers and logs."""

from core.units import LOTS_PER_CONTRACT, PIPS_PER_CENT


def contracts(lots: int) -> str:
    """Whole contracts where whole, else up to two decimals: 1000 -> "10", 225 -> "2.25"."""
    whole, rest = divmod(abs(lots), LOTS_PER_CONTRACT)
    sign = "−" if lots < 0 else ""
    return f"{sign}{whole}" + (f".{rest:02d}".rstrip("0") if rest else "")


def counted(count: int, noun: str) -> str:
    """A count with its noun, singular for one: "1 book", "1,200 books"."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def cents(pips: int) -> str:
    """A price in cents with one decimal, or two where the price is finer: 3010 -> "30.1¢"."""
    whole, rest = divmod(pips, PIPS_PER_CENT)
    return f"{whole}.{rest // 10}¢" if rest % 10 == 0 else f"{whole}.{rest:02d}¢"


def order_text(side: int, price_pips: int, lots: int) -> str:
    """Side, size and price: "bid 10 @ 31.0¢"."""
    return f"{'bid' if side == 0 else 'ask'} {contracts(lots)} @ {cents(price_pips)}"
