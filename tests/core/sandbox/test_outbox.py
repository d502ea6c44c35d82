import random

from hypothesis import given
from hypothesis import strategies as st

from core.sandbox.outbox import Outbox

SENDS = st.lists(st.sampled_from(["book", "trade", "fill"]), max_size=12)


def sent(outbox: Outbox, channels: list[str], is_shuffled: bool) -> list[tuple[str, int]]:
    seen: list[tuple[str, int]] = []
    for number, channel in enumerate(channels):
        outbox.add(channel, seen.append, (channel, number))
    assert seen == []
    outbox.release(is_shuffled)
    outbox.release(is_shuffled)
    return seen


@given(SENDS, st.integers(0, 9))
def test_each_channel_keeps_its_order_and_nothing_is_lost(channels: list[str], seed: int) -> None:
    seen = sent(Outbox(random.Random(seed)), channels, is_shuffled=True)
    assert sorted(seen, key=lambda entry: entry[1]) == list(
        zip(channels, range(len(channels)), strict=True)
    )
    for channel in set(channels):
        numbers = [number for name, number in seen if name == channel]
        assert numbers == sorted(numbers)


def test_the_seed_decides() -> None:
    channels = ["book", "trade", "fill", "order", "position"]
    orders = {
        tuple(sent(Outbox(random.Random(seed)), channels, is_shuffled=True)) for seed in range(40)
    }
    assert len(orders) > 20
    first, second = (sent(Outbox(random.Random(7)), channels, is_shuffled=True) for _ in range(2))
    assert first == second


@given(SENDS)
def test_what_is_not_shuffled_stays_as_added(channels: list[str]) -> None:
    expected = list(zip(channels, range(len(channels)), strict=True))
    assert sent(Outbox(random.Random(1)), channels, is_shuffled=False) == expected
