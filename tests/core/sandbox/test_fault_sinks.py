from typing import Any

import pytest

from core.sandbox.commands import Session
from core.sandbox.fault_sinks import TamperingSink
from core.sandbox.faults import DropMessage, DuplicateMessage, ReorderMessages, Tampering
from core.sandbox.publisher import BOOK, Subscription
from core.units import Side

Floor = Any  # the class stands in conftest.py, which no test can import
Sink = Any  # likewise


def listen(floor: Floor, sink: Sink) -> tuple[Session, Subscription]:
    session = Session(floor.exchange, floor.exchange.publisher, sink, floor.ann.number)
    session.receive(
        '{"id":1,"cmd":"subscribe","params":{"channels":["orderbook_delta"],'
        f'"market_tickers":["{floor.listing.ticker}"]}}}}'
    )
    sink.take()
    return session, floor.exchange.publisher.subscriptions(BOOK)[0]


@pytest.mark.parametrize(
    ("fault", "seqs"),
    [
        (DropMessage(), [3, 4, 5]),
        (DuplicateMessage(), [2, 2, 3, 4, 5]),
        (ReorderMessages(), [3, 2, 4, 5]),
    ],
)
def test_happens_once(floor: Floor, sink: Sink, fault: Tampering, seqs: list[int]) -> None:
    _, sub = listen(floor, sink)
    TamperingSink(sub, fault)
    for number in range(4):
        floor.crowd(Side.BID, 4_000 + 100 * number, 100)
    assert [message["seq"] for message in sink.take()] == seqs
    assert sub.sink is sink


def test_a_repair_is_not_harmed(floor: Floor, sink: Sink) -> None:
    session, sub = listen(floor, sink)
    TamperingSink(sub, DropMessage())
    ask = f'"sid":1,"action":"get_snapshot","market_tickers":["{floor.listing.ticker}"]'
    session.receive(f'{{"id":5,"cmd":"update_subscription","params":{{{ask}}}}}')
    (snapshot,) = sink.take()
    assert (snapshot["id"], snapshot["seq"]) == (5, 2)
    floor.crowd(Side.BID, 4_000, 100)
    assert sink.take() == []
    session.receive(f'{{"id":6,"cmd":"update_subscription","params":{{{ask}}}}}')
    floor.crowd(Side.BID, 4_100, 100)
    assert [message["seq"] for message in sink.take()] == [4, 5]


@pytest.mark.parametrize("fault", [DropMessage(), DuplicateMessage(), ReorderMessages()])
def test_an_overflow_behind_a_fault_is_told_once(
    floor: Floor, sink: Sink, fault: Tampering
) -> None:
    _, sub = listen(floor, sink)
    TamperingSink(sub, fault)
    sink.fills_up = True
    floor.crowd(Side.BID, 4_000, 100)
    assert [message["msg"]["code"] for message in sink.take()] == [25]
    assert sub.is_over
