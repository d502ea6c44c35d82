"""`bench exchange` for a second: that nothing is lost and every order is answered."""

import json

import pytest
from exchange_client import ORDERS_PER_S

from core.cli.__main__ import main


def test_one_second_of_feed_and_orders(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "exchange", "--runs", "1", "--seconds", "1", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert (figures["runs"], figures["seconds"], figures["markets"]) == (1, 1.0, 1_000)
    assert figures["orders"] == round(0.9 * ORDERS_PER_S)
    assert (figures["lost"], figures["messages"] > 0) == (0, True)
    assert figures["ack_ms_p50"] <= figures["ack_ms_p99"] <= figures["ack_ms_max"]
    assert figures["age_ms_p50"] <= figures["age_ms_p99"] <= figures["age_ms_max"]
    assert figures["exchange_core_share"] > 0
    assert figures["exchange_rss_mib"] > 0
