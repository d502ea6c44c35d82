from collections import Counter

from core.agent.actions import Action
from core.agent.policies import POLICIES, HardcodedPolicy, HoldPolicy

OPEN = (True, True, True, True, True)


def test_three_quarters_hold_the_rest_spread_evenly() -> None:
    policy = HardcodedPolicy(seed=7)
    drawn = Counter(policy.choose("T", OPEN).action for _ in range(20_000))
    assert abs(drawn[Action.HOLD] / 20_000 - 0.75) < 0.02
    for action in list(Action)[1:]:
        assert abs(drawn[action] / 20_000 - 0.0625) < 0.01


def test_a_masked_action_is_never_chosen_and_its_share_goes_to_the_open_ones() -> None:
    policy = HardcodedPolicy(seed=7)
    masks = (True, True, False, False, False)
    choices = [policy.choose("T", masks) for _ in range(4_000)]
    drawn = Counter(choice.action for choice in choices)
    assert set(drawn) == {Action.HOLD, Action.BUY_YES}
    assert abs(drawn[Action.BUY_YES] / 4_000 - 0.25) < 0.03
    assert {choice.probability for choice in choices} == {0.75, 0.25}


def test_with_nothing_open_it_holds_and_says_so() -> None:
    choice = HardcodedPolicy(seed=1).choose("T", (True, False, False, False, False))
    assert (choice.action, choice.reason) in (
        (Action.HOLD, "no trade is open"),
        (Action.HOLD, "policy drew hold"),
    )


def test_one_seed_gives_one_sequence_a_market_whatever_other_markets_do() -> None:
    first, second = HardcodedPolicy(seed=3), HardcodedPolicy(seed=3)
    for _ in range(50):
        second.choose("OTHER", OPEN)
    sequence = [first.choose("T", OPEN).action for _ in range(200)]
    assert sequence == [second.choose("T", OPEN).action for _ in range(200)]
    assert sequence != [HardcodedPolicy(seed=4).choose("T", OPEN).action for _ in range(200)]


def test_hold_only_watches() -> None:
    assert HoldPolicy().choose("T", OPEN).action is Action.HOLD


def test_every_named_policy_can_be_made_and_knows_its_name() -> None:
    assert {name: POLICIES[name](1).name for name in POLICIES} == {n: n for n in POLICIES}


def test_a_forgotten_market_begins_its_sequence_anew() -> None:
    policy = HardcodedPolicy(seed=5)
    first = [policy.choose("T", OPEN).action for _ in range(100)]
    assert first != [policy.choose("T", OPEN).action for _ in range(100)]
    policy.forget("T")
    assert first == [policy.choose("T", OPEN).action for _ in range(100)]
