import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.agent.actions import Action
from core.trading import planner
from core.trading.planner import Desk, masks, obstacle, plan

EMPTY = Desk(
    best_bid=2_800,
    best_ask=3_000,
    position=0,
    own_bid=-1,
    own_bid_lots=0,
    own_ask=-1,
    own_ask_lots=0,
    cash_micros=100_000_000,
    size_lots=1_000,
    limit_lots=20_000,
    fee_rate=7_000,
)


def of(**changes: int) -> Desk:
    return EMPTY._replace(**changes)


@pytest.mark.parametrize(
    ("action", "desk", "expected"),
    [
        (Action.HOLD, EMPTY, (planner.NOTHING, 0, -1, 0)),
        (Action.BUY_YES, EMPTY, (planner.CREATE, 0, 2_800, 1_000)),
        (Action.BUY_NO, EMPTY, (planner.CREATE, 1, 3_000, 1_000)),
        (Action.SELL_YES, of(position=300), (planner.CREATE, 1, 3_000, 300)),
        (Action.SELL_YES, of(position=5_000), (planner.CREATE, 1, 3_000, 1_000)),
        (Action.SELL_NO, of(position=-250), (planner.CREATE, 0, 2_800, 250)),
        (Action.BUY_YES, of(own_bid=2_800, own_bid_lots=400), (planner.KEEP, 0, 2_800, 400)),
        (Action.BUY_YES, of(own_bid=2_700, own_bid_lots=400), (planner.AMEND, 0, 2_800, 400)),
        (Action.BUY_YES, of(own_ask=3_000, own_ask_lots=400), (planner.CANCEL, 1, 3_000, 400)),
        (Action.BUY_NO, of(own_bid=2_800, own_bid_lots=100), (planner.CANCEL, 0, 2_800, 100)),
        (Action.BUY_NO, of(position=400), (planner.CREATE, 1, 3_000, 1_000)),
    ],
)
def test_one_request_serves_the_intent(
    action: Action, desk: Desk, expected: tuple[int, int, int, int]
) -> None:
    assert tuple(plan(desk, action))[:4] == expected


@pytest.mark.parametrize(
    ("action", "desk", "reason"),
    [
        (Action.BUY_YES, of(best_bid=-1), planner.NO_QUOTE),
        (Action.SELL_YES, EMPTY, planner.NO_POSITION),
        (Action.SELL_YES, of(position=-5), planner.NO_POSITION),
        (Action.SELL_NO, of(position=5), planner.NO_POSITION),
        (Action.BUY_YES, of(cash_micros=2_000_000), planner.NO_CASH),
        (Action.BUY_YES, of(position=19_500), planner.NO_ROOM),
        (Action.BUY_NO, of(position=-19_500), planner.NO_ROOM),
        (
            Action.SELL_YES,
            of(position=300, own_ask=3_000, own_ask_lots=400),
            planner.RESTS_BEYOND,
        ),
    ],
)
def test_what_is_forbidden_says_why(action: Action, desk: Desk, reason: int) -> None:
    blocked = plan(desk, action)
    assert (blocked.operation, blocked.reason) == (planner.BLOCKED, reason)
    assert planner.REASONS[blocked.reason]
    assert not masks(desk)[action]


def test_moving_an_order_needs_only_the_difference_in_cash() -> None:
    held = of(own_bid=2_700, own_bid_lots=1_000, cash_micros=1_200_000)
    assert plan(held, Action.BUY_YES).operation == planner.AMEND
    assert obstacle(held._replace(cash_micros=100_000), Action.BUY_YES) == planner.NO_CASH


prices = st.integers(-1, 9_999)
sizes = st.integers(0, 3_000)
desks = st.builds(
    Desk,
    prices,
    prices,
    st.integers(-25_000, 25_000),
    st.integers(1, 9_999),
    sizes,
    st.integers(1, 9_999),
    sizes,
    st.integers(-50_000_000, 200_000_000),
    st.integers(1, 2_000),
    st.just(20_000),
    st.sampled_from([0, 3_500, 7_000]),
)


@given(desks, st.sampled_from(list(Action)))
def test_masks_and_plan_agree_and_a_sell_never_crosses_zero(desk: Desk, action: Action) -> None:
    made = plan(desk, action)
    assert masks(desk)[action] == (made.operation != planner.BLOCKED)
    if action in (Action.SELL_YES, Action.SELL_NO) and made.operation in (
        planner.CREATE,
        planner.AMEND,
        planner.KEEP,
    ):
        assert 0 < made.lots <= abs(desk.position)
    if made.operation == planner.CREATE:
        assert made.price == (desk.best_bid if made.side == 0 else desk.best_ask)
        assert made.lots <= desk.size_lots
