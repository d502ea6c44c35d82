"""What an operator of the exchange can do to one market on purpose, as values, and doing it."""

from typing import Annotated, Final, Literal, TypeAlias

import msgspec

from core.errors import DecodeError
from core.market.ticks import TAPERED_DECI_CENT_RANGES, PriceRange
from core.sandbox.market_life import PAYOUT_PIPS, MarketLife
from core.sandbox.wire_text import LAST_SECOND
from core.units import PIPS_PER_CENT, PIPS_PER_DOLLAR, parse_price

Result = Literal["yes", "no", "scalar"]
_GRIDS: Final = {
    "linear_cent": (),
    "deci_cent": (PriceRange(0, PIPS_PER_DOLLAR, PIPS_PER_CENT // 10),),
    "tapered_deci_cent": TAPERED_DECI_CENT_RANGES,
}


class _Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="step"):
    ticker: str


class Deactivate(_Step, frozen=True, tag="deactivate"):
    """Pause the market; its orders rest on."""


class Activate(_Step, frozen=True, tag="activate"):
    """End that pause; all that rests is canceled."""


class Close(_Step, frozen=True, tag="close"):
    """Close it now, whatever time was told."""


class MoveClose(_Step, frozen=True, tag="move_close"):
    """Let it close at another second; a closed one may open again."""

    close_ts: Annotated[int, msgspec.Meta(ge=1, le=LAST_SECOND)]


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
        try:
            return parse_price(self.settlement_value)
        except DecodeError as error:
            raise ValueError(f"settlement_value: {error}") from error


class Determine(_Decision, frozen=True, tag="determine"):
    """Set the result, closing the market where it is not; the payout follows after its time."""


class Dispute(_Step, frozen=True, tag="dispute"):
    """Hold the payout of a determined market back."""


class Amend(_Decision, frozen=True, tag="amend"):
    """Decide a dispute."""


class ChangePriceLevels(_Step, frozen=True, tag="price_levels"):
    """Give it another price grid."""

    price_level_structure: Literal["linear_cent", "deci_cent", "tapered_deci_cent"]


class ChangeMetadata(_Step, frozen=True, tag="metadata"):
    """Change what it asks about: the subtitle, the strike, or both."""

    yes_sub_title: str | None = None
    floor_strike: int | float | None = None

    def __post_init__(self) -> None:
        if self.yes_sub_title is None and self.floor_strike is None:
            raise ValueError("name a yes_sub_title or a floor_strike")


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
)


def take_step(life: MarketLife, step: MarketStep) -> bool:
    """Do it; False where the market is not in a state for it."""
    match step:
        case Deactivate(ticker=ticker):
            return life.deactivate(ticker)
        case Activate(ticker=ticker):
            return life.activate(ticker)
        case Close(ticker=ticker):
            return life.close_early(ticker)
        case MoveClose(ticker=ticker, close_ts=close_s):
            return life.move_close(ticker, close_s * 1000)
        case Determine(ticker=ticker, result=result):
            return life.decide(ticker, result, step.value_pips)
        case Dispute(ticker=ticker):
            return life.dispute(ticker)
        case Amend(ticker=ticker, result=result):
            return life.amend(ticker, result, step.value_pips)
        case ChangePriceLevels(ticker=ticker, price_level_structure=name):
            return life.change_ticks(ticker, _GRIDS[name])
        case ChangeMetadata(ticker=ticker):
            return life.change_metadata(ticker, step.yes_sub_title, step.floor_strike)
