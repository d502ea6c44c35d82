from typing import Any

Serve = Any  # the class stands in conftest.py, which no test can import
SERIES, EVENT = "KXT", "KXT-26MAY11"


async def test_changes_are_listed_and_shown(serve: Serve) -> None:
    async with serve() as client:
        exchange, changes = client.sandbox.exchange, client.sandbox.fee_changes
        past = changes.change_series(SERIES, "quadratic", 500, exchange.now_ms)
        later = changes.change_series(
            SERIES, "quadratic_with_maker_fees", 1_000, exchange.now_ms + 60_000
        )
        _, body = await client.send("GET", "/series/fee_changes", {})
        assert body == {
            "series_fee_change_arr": [
                {
                    "id": later.change_id,
                    "series_ticker": SERIES,
                    "fee_type": "quadratic_with_maker_fees",
                    "fee_multiplier": 1.0,
                    "scheduled_ts": "2026-05-11T05:38:43.000000Z",
                }
            ]
        }
        _, body = await client.send("GET", "/series/fee_changes?show_historical=true", {})
        found = [change["id"] for change in body["series_fee_change_arr"]]
        assert found == [past.change_id, later.change_id]
        path = "/series/fee_changes?show_historical=true&series_ticker=KXU"
        assert (await client.send("GET", path, {}))[1] == {"series_fee_change_arr": []}
        _, body = await client.send("GET", f"/series/{SERIES}", {})
        assert (body["series"]["fee_type"], body["series"]["fee_multiplier"]) == ("quadratic", 0.5)


async def test_event_changes_page_and_show_in_the_event(serve: Serve) -> None:
    async with serve() as client:
        changes = client.sandbox.fee_changes
        set_to = changes.change_event(EVENT, "quadratic", 500, 0)
        _, body = await client.send("GET", f"/events/{EVENT}", {})
        event = body["event"]
        assert (event["fee_type_override"], event["fee_multiplier_override"]) == ("quadratic", 0.5)
        cleared = changes.change_event(EVENT, None, 0, 0)
        _, body = await client.send("GET", f"/events/{EVENT}", {})
        assert "fee_type_override" not in body["event"]
        _, first = await client.send("GET", "/events/fee_changes?limit=1", {})
        assert [change["id"] for change in first["event_fee_changes"]] == [cleared.change_id]
        path = f"/events/fee_changes?limit=1&cursor={first['cursor']}"
        _, last = await client.send("GET", path, {})
        (change,) = last["event_fee_changes"]
        assert last["cursor"] == ""
        assert (change["id"], change["series_ticker"]) == (set_to.change_id, SERIES)
        assert change["fee_multiplier_override"] == 0.5
        _, none = await client.send("GET", "/events/fee_changes?event_ticker=KXNO", {})
        assert none == {"event_fee_changes": [], "cursor": ""}
