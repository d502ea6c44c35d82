"""The steps of a market as values: what a body may say, and what is refused before it is done."""

import json

import msgspec
import pytest

from core.sandbox.market_steps import (
    Amend,
    ChangeMetadata,
    ChangeTerms,
    Close,
    Determine,
    MarketStep,
    MoveClose,
)


def step(**body: object) -> MarketStep:
    return msgspec.json.decode(json.dumps({"ticker": "T"} | body), type=MarketStep)


@pytest.mark.parametrize(
    ("body", "read"),
    [
        ({"step": "close"}, Close("T")),
        ({"step": "move_close", "close_ts": 1_778_477_863}, MoveClose("T", 1_778_477_863)),
        ({"step": "determine", "result": "yes"}, Determine("T", "yes")),
        (
            {"step": "amend", "result": "scalar", "settlement_value": "0.3750"},
            Amend("T", "scalar", "0.3750"),
        ),
        ({"step": "metadata", "floor_strike": 95_000}, ChangeMetadata("T", None, 95_000)),
        (
            {"step": "terms", "market_type": "scalar", "settlement_floor": "0.2"},
            ChangeTerms("T", "scalar", "0.2"),
        ),
    ],
)
def test_a_body_is_read_as_its_step(body: dict[str, object], read: MarketStep) -> None:
    assert step(**body) == read


def test_what_a_result_pays() -> None:
    assert Determine("T", "yes").value_pips == 10_000
    assert Determine("T", "no").value_pips == 0
    assert Determine("T", "scalar", "0.3755").value_pips == 3_755
    assert ChangeTerms("T", "scalar", "0.2000").floor_pips == 2_000
    assert ChangeTerms("T").floor_pips == -1


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"step": "determine", "result": "yes", "settlement_value": "0.5"}, "only a scalar result"),
        ({"step": "determine", "result": "scalar"}, "settlement_value: "),
        ({"step": "amend", "result": "scalar", "settlement_value": "1.01"}, "between 0 and 1"),
        ({"step": "amend", "result": "scalar", "settlement_value": "half"}, "settlement_value: "),
        ({"step": "determine", "result": "maybe"}, "maybe"),
        ({"step": "move_close", "close_ts": 0}, ">= 1"),
        ({"step": "metadata"}, "yes_sub_title or a floor_strike"),
        ({"step": "terms", "settlement_floor": "1.5"}, "between 0 and 1"),
        ({"step": "terms", "market_type": "triple"}, "triple"),
        ({"step": "price_levels", "price_level_structure": "cubic"}, "cubic"),
        ({"step": "explode"}, "explode"),
        ({"step": "close", "now": True}, "unknown field"),
    ],
)
def test_a_body_that_makes_no_sense_says_why(body: dict[str, object], why: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=why):
        step(**body)
