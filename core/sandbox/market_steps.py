"""What an operator of the exchange can do to one market on purpose, as values, and doing it."""

from typing import Annotated, Final, Literal, TypeAlias

import msgspec

from core.errors import DecodeError
from core.market.ticks import TAPERED_DECI_CENT_RANGES, PriceRange
from core.sandbox.listings import MarketType
from core.sandbox.market_life import PAYOUT_PIPS, MarketLife
from core.sandbox.wire_text import LAST_SECOND
from core.units import PIPS_PER_CENT, PIPS_PER_DOLLAR, parse_price

Result = Literal["yes", "no", "scalar"]
_GRIDS: Final = {
    "linear_cent": (),
    "deci_cent": (PriceRange(0, PIPS_PER_DOLLAR, PIPS_PER_CENT // 10),),
    "tapered_deci_cent": TAPERED_DECI_CENT_RANGES,
}


def _pips(name: str, text: str) -> int:
    """A price of a step.

    Raises:
        ValueError: it is none.
    """
    try:
        return parse_price(text)
    except DecodeError as error:
        raise ValueError(f"{name}: {error}") from error


class _Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="step"):
    ticker: str


class Deactivate(_Step, frozen=True, tag="deactivate"):
    """Pause the market; its orders rest on."""

    def take(self, life: MarketLife) -> bool:
        """Do it; False where the market is not in a state for it."""
        return life.deactivate(self.ticker)


class Activate(_Step, frozen=True, tag="activate"):
    """End that pause; all that rests is canceled."""

    def take(self, life: MarketLife) -> bool:
        """Do it; False where the market is not in a state for it."""
        return life.activate(self.ticker)


class Close(_Step, frozen=True, tag="close"):
    """Close it now, whatever time was told."""

    def take(self, life: MarketLife) -> bool:
        """Do it; False where the market is not in a state for it."""
        return life.close_early(self.ticker)


class MoveClose(_Step, frozen=True, tag="move_close"):
    """Let it close at another second; a closed one may open again."""

    close_ts: Annotated[int, msgspec.Meta(ge=1, le=LAST_SECOND)]

    def take(self, life: MarketLife) -> bool:
        """Do it; False where the market is not in a state for it."""
        return life.move_close(self.ticker, self.close_ts * 1000)


class _Decision(_Step, frozen=True):
    result: Result
    settlement_value: str = ""

    def __post_init__(self) -> None:
        if self.result in PAYOUT_PIPS and self.settlement_value:
            raise ValueError("only a scalar result has a settlement_value of its own")
        if not 0 <= self.value_pips <= PIPS_PER_DOLLAR:
            raise ValueError("a settlement_value lies between 0 and 1 dollar")

    @property
    def value_pips(self) -> int:
        """Payout of a YES contract."""
        if self.result in PAYOUT_PIPS:
            return PAYOUT_PIPS[self.result]
        return _pips("settlement_value", self.settlement_value)


class Determine(_Decision, frozen=True, tag="determine"):
    """Set the result, closing the market where it is not; the payout follows after its time."""

    def take(self, life: MarketLife) -> bool:
        """Do it; False where the market is not in a state for it."""
        return life.decide(self.ticker, self.result, self.value_pips)


class Dispute(_Step, frozen=True, tag="dispute"):
    """Hold the payout of a determined market back."""

    def take(self, life: MarketLife) -> bool:
        """Do it; False where the market is not in a state for it."""
        return life.dispute(self.ticker)


class Amend(_Decision, frozen=True, tag="amend"):
    """Decide a dispute."""

    def take(self, life: MarketLife) -> bool:
        """Do it; False where the market is not in a state for it."""
        return life.amend(self.ticker, self.result, self.value_pips)


class ChangePriceLevels(_Step, frozen=True, tag="price_levels"):
    """Give it another price grid."""

    price_level_structure: Literal["linear_cent", "deci_cent", "tapered_deci_cent"]

    def take(self, life: MarketLife) -> bool:
        """Do it; False where the market is not in a state for it."""
        return life.change_ticks(self.ticker, _GRIDS[self.price_level_structure])


class ChangeMetadata(_Step, frozen=True, tag="metadata"):
    """Change what it asks about: the subtitle, the strike, or both."""

    yes_sub_title: str | None = None
    floor_strike: int | float | None = None

    def __post_init__(self) -> None:
        if self.yes_sub_title is None and self.floor_strike is None:
            raise ValueError("name a yes_sub_title or a floor_strike")

    def take(self, life: MarketLife) -> bool:
        """Do it; False where the market is not in a state for it."""
        return life.change_metadata(self.ticker, self.yes_sub_title, self.floor_strike)


class ChangeTerms(_Step, frozen=True, tag="terms"):
    """Change what it may pay: its type, and the least of a scalar result, "" for no bound."""

    market_type: MarketType = "binary"
    settlement_floor: str = ""

    def __post_init__(self) -> None:
        if self.settlement_floor and not 0 <= self.floor_pips <= PIPS_PER_DOLLAR:
            raise ValueError("a settlement_floor lies between 0 and 1 dollar")

    @property
    def floor_pips(self) -> int:
        """The bound, -1 for none."""
        return _pips("settlement_floor", self.settlement_floor) if self.settlement_floor else -1

    def take(self, life: MarketLife) -> bool:
        """Do it; False where the market is not in a state for it."""
        return life.change_terms(self.ticker, self.market_type, self.floor_pips)


MarketStep: TypeAlias = (
    Deactivate
    | Activate
    | Close
    | MoveClose
    | Determine
    | Dispute
    | Amend
    | ChangePriceLevels
    | ChangeMetadata
    | ChangeTerms
)
