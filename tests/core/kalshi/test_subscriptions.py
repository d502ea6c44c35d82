"""Commands, sids and sequences of one connection."""

import json

from core.kalshi.subscriptions import Arrival, Purpose, Stream, Subscriptions
from core.kalshi.wire import ChannelBody, SubscribedFrame, UnknownFrame


def confirmed() -> Subscriptions:
    subscriptions = Subscriptions()
    subscriptions.open("orderbook_delta", {"A"}, 0)
    body = ChannelBody(channel="orderbook_delta", sid=3)
    subscriptions.confirm(SubscribedFrame(id=1, msg=body), 0)
    return subscriptions


def arrive(subscriptions: Subscriptions, sid: int, seq: int) -> Arrival:
    return subscriptions.check(UnknownFrame("x", sid, seq), "")


def test_sequence_of_one_stream() -> None:
    stream = Stream(1, "trade", set())
    assert [stream.check(seq) for seq in (1, 2, 2, 5, 4, 6)] == [
        Arrival.NEXT, Arrival.NEXT, Arrival.DUPLICATE, Arrival.GAP, Arrival.DUPLICATE, Arrival.NEXT,
    ]  # fmt: skip
    assert stream.check(1) is Arrival.RESTART
    assert stream.check(2) is Arrival.NEXT


def test_sids_are_independent_and_closed_ones_foreign() -> None:
    subscriptions = confirmed()
    assert arrive(subscriptions, 3, 1) is Arrival.NEXT
    assert arrive(subscriptions, 4, 1) is Arrival.FOREIGN
    assert arrive(subscriptions, 0, 0) is Arrival.NEXT
    assert arrive(subscriptions, 3, 0) is Arrival.NEXT
    subscriptions.close("orderbook_delta", 0)
    assert arrive(subscriptions, 3, 2) is Arrival.FOREIGN


def test_commands_carry_ascending_ids_and_are_handed_out_once() -> None:
    subscriptions = confirmed()
    stream = subscriptions.stream("orderbook_delta")
    assert stream is not None
    subscriptions.update(stream, "add_markets", {"B"}, Purpose.CHANGE, 0)
    subscriptions.update(stream, "delete_markets", {"A"}, Purpose.CHANGE, 0)
    commands = [json.loads(data) for data in subscriptions.take_output()]
    assert [command["id"] for command in commands] == [1, 2, 3]
    assert stream.tickers == {"B"}
    assert subscriptions.take_output() == []


def test_answers_tell_what_they_answer() -> None:
    subscriptions = Subscriptions()
    subscriptions.open("fill", set(), 100)
    assert subscriptions.overdue_channel(1_100, 1_000) == "fill"
    command = subscriptions.answered(1)
    assert command is not None
    assert (command.purpose, command.channel) == (Purpose.SUBSCRIBE, "fill")
    assert subscriptions.answered(1) is None
    assert not subscriptions.is_opening("fill")
    assert subscriptions.overdue_channel(1_100, 1_000) == ""


def test_outstanding_commands_are_bounded() -> None:
    subscriptions = confirmed()
    stream = subscriptions.stream("orderbook_delta")
    assert stream is not None
    for _ in range(300):
        subscriptions.update(stream, "get_snapshot", {"A"}, Purpose.REPAIR, 0)
    assert subscriptions.answered(10) is None
    assert subscriptions.answered(301) is not None
