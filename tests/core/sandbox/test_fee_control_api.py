from typing import Any

import pytest

Client = Any  # the classes stand in conftest.py, which no test can import
Serve = Any
SERIES, EVENT = "KXT", "KXT-26MAY11"


async def control(client: Client, body: dict[str, object]) -> tuple[int, Any]:
    """Call the exchange's own control, outside its protocol."""
    return await client.send("POST", "/../../sandbox/fee_changes", {}, body)


async def test_fees_are_changed_from_outside(serve: Serve) -> None:
    async with serve() as client:
        half = {"series_ticker": SERIES, "fee_type": "quadratic", "fee_multiplier": "0.5"}
        status, change = await control(client, half | {"delay_s": 60})
        assert (status, change["fee_multiplier"]) == (201, 0.5)
        _, body = await client.send("GET", "/series/fee_changes", {})
        assert body["series_fee_change_arr"] == [change]
        status, change = await control(client, {"event_ticker": EVENT, "fee_type": "quadratic"})
        assert (status, change["fee_multiplier_override"]) == (201, 1.0)
        status, change = await control(client, {"event_ticker": EVENT, "fee_type": None})
        assert (status, change["fee_type_override"]) == (201, None)
        _, body = await client.send("GET", "/events/fee_changes", {})
        assert len(body["event_fee_changes"]) == 2


@pytest.mark.parametrize(
    "body",
    [
        {"fee_type": "quadratic"},
        {"series_ticker": SERIES},
        {"series_ticker": SERIES, "fee_type": None},
        {"series_ticker": SERIES, "fee_type": "free"},
        {"series_ticker": SERIES, "fee_type": "quadratic", "fee_multiplier": "-1"},
        {"series_ticker": SERIES, "fee_type": "quadratic", "fee_multiplier": "0.0001"},
        {"series_ticker": SERIES, "fee_type": "quadratic", "fee_multiplier": "10.001"},
        {"series_ticker": SERIES, "fee_type": "quadratic", "fee_multiplier": "9" * 39},
        {"series_ticker": SERIES, "fee_type": "quadratic", "delay_s": 10_000_000_000_000},
        {"series_ticker": SERIES, "fee_type": "quadratic", "delay_s": -1},
        {"series_ticker": SERIES, "event_ticker": EVENT, "fee_type": "quadratic"},
    ],
)
async def test_senseless_changes_are_refused(serve: Serve, body: dict[str, object]) -> None:
    async with serve() as client:
        status, answer = await control(client, body)
        assert (status, answer["code"]) == (400, "bad_request")
        assert client.sandbox.fee_changes.planned == []
