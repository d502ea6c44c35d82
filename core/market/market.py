"""A market as the console knows it: identity, life, ticks and fees. Frozen values."""

from dataclasses import dataclass, field
from functools import cached_property

from core.market.ticks import PriceRange, TickTable

TAKER_FEE_RATE = 7_000
"""0.07 in units of 1e-5, the venue's quadratic taker coefficient at multiplier 1."""
MAKER_FEE_RATE = 1_750
"""0.0175 in units of 1e-5, where the series has maker fees."""
_MAKER_RATES = {"quadratic": 0, "quadratic_with_combo_maker_fees": TAKER_FEE_RATE // 2}
_WHOLE = 1_000_000


@dataclass(frozen=True)
class FeeSchedule:
    """Fee coefficients in units of 1e-5 of contracts x P x (1 - P), multiplier included."""

    taker_rate: int = TAKER_FEE_RATE
    maker_rate: int = 0

    @classmethod
    def of(cls, fee_type: str, multiplier_millionths: int) -> "FeeSchedule":
        """What a fee type means; one that nobody knows is taken for one with maker fees."""
        maker_rate = _MAKER_RATES.get(fee_type, MAKER_FEE_RATE)
        return cls(
            TAKER_FEE_RATE * multiplier_millionths // _WHOLE,
            maker_rate * multiplier_millionths // _WHOLE,
        )


@dataclass(frozen=True)
class Market:
    """One binary market. Times are venue milliseconds, 0 where unknown.

    Attributes:
        status: initialized, active, inactive, closed, determined, disputed, amended, finalized.
        result: "" until determined, then yes, no or scalar.
        settlement_pips: what a YES contract was paid, -1 until the exchange says.
        expected_ms: when the exchange expects to know the result; may precede the close.
        settle_after_ms: how long a result can be disputed before it is paid.
        volume_24h_lots: traded in the last 24 h, as the list said when it was read.
        category: the series' category, "" where nobody asked for it.
    """

    ticker: str
    event_ticker: str
    title: str
    subtitle: str = ""
    status: str = "active"
    open_ms: int = 0
    close_ms: int = 0
    result: str = ""
    price_ranges: tuple[PriceRange, ...] = ()
    fees: FeeSchedule = field(default_factory=FeeSchedule)
    volume_lots: int = 0
    settlement_pips: int = -1
    volume_24h_lots: int = 0
    expected_ms: int = 0
    settle_after_ms: int = 0
    category: str = ""

    @property
    def series_ticker(self) -> str:
        """Series of the market: the event ticker up to its first dash."""
        return self.event_ticker.split("-", 1)[0]

    @cached_property
    def short_title(self) -> str:
        """What tells the market from its siblings, short enough for a table."""
        name = self.subtitle or self.title or self.ticker
        name = name.replace("Target price: ", "≥ ")
        for words, sign in ((" or above", "≥"), (" or more", "≥"), (" or below", "≤")):
            if name.endswith(words):
                return f"{sign} {name.removesuffix(words)}"
        return name

    def ticks(self) -> TickTable:
        """The price grid of this market."""
        return TickTable.from_ranges(self.price_ranges)
