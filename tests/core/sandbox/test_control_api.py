import json
from typing import Any

import aiohttp
import pytest

Serve = Any  # the fixture's type stands in conftest.py, which no test can import
Client = Any  # likewise
TICKER = "KXT-26MAY11-A"


def url(client: Client) -> str:
    return str(client.sandbox.base_url.removesuffix("/trade-api/v2")) + "/sandbox/faults"


async def ask(client: Client, method: str, body: object = None) -> tuple[int, Any]:
    data = None if body is None else json.dumps(body)
    headers = {"Content-Type": "application/json"}
    async with (
        aiohttp.ClientSession() as http,
        http.request(method, url(client), data=data, headers=headers) as reply,
    ):
        return reply.status, await reply.json()


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ([1], "Expected `object`"),
        ({}, "missing required field `kind`"),
        ({"kind": "earthquake"}, "Invalid value 'earthquake'"),
        ({"kind": "drop", "channel": "fill"}, "Invalid enum value 'fill' - at `$.channel`"),
        ({"kind": "drop", "sid": 4}, "unknown field `sid`"),
        ({"kind": "http_503", "of": "read"}, "Invalid enum value 'read' - at `$.of`"),
        ({"schedule": {"seed": 1, "scope": "none"}}, "Invalid enum value 'none'"),
        ({"kind": "clock_step"}, "missing required field `step_ms`"),
        ({"kind": "http_429", "requests": 0}, ">= 1"),
        ({"kind": "balance", "change_micros": 10**19}, "<= "),
        ({"schedule": {"seed": 1, "every_ms": 10**400}}, "<= "),
        ({"kind": "read_lag", "least_ms": 9, "most_ms": 8}, "`least_ms` is above `most_ms`"),
        ({"schedule": {"seed": 1, "kinds": ["rain"]}}, "Invalid enum value 'rain'"),
        ({"schedule": {"seed": 1, "kinds": []}}, "length >= 1"),
        ({"schedule": {"seed": 1}, "kind": "drop"}, "unknown field `kind`"),
    ],
)
async def test_wrong_input_is_400_that_says_what_is_wrong(
    serve: Serve, body: object, says: str
) -> None:
    async with serve() as client:
        status, answer = await ask(client, "POST", body)
        assert status == 400
        assert says in answer["error"]["message"]
        assert (await ask(client, "GET"))[1]["done"] == []


async def test_other_content_types_are_refused(serve: Serve) -> None:
    async with (
        serve() as client,
        aiohttp.ClientSession() as http,
        http.post(url(client), data='{"kind":"disconnect"}') as reply,
    ):
        assert reply.status == 400
        assert "content type" in (await reply.json())["error"]["message"]


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "disconnect"},
        {"kind": "half_open", "connection": 3},
        {"kind": "drop"},
        {"kind": "close_market", "ticker": "KXNONE"},
        {"kind": "balance", "account": 9, "change_micros": 1},
    ],
)
async def test_a_fault_without_a_target_is_409_and_listed_as_missed(
    serve: Serve, fault: dict[str, object]
) -> None:
    async with serve() as client:
        status, answer = await ask(client, "POST", fault)
        assert status == 409
        _, listed = await ask(client, "GET")
        (done,) = listed["done"]
        assert done["missed"] == answer["error"]["message"]
        assert listed["counts"] == {"missed": 1}


async def test_lists_what_was_done_what_lasts_and_who_listens(serve: Serve) -> None:
    async with serve() as client, client.socket():
        fault = {"kind": "clock_step", "step_ms": 5_000}
        status, done = await ask(client, "POST", fault)
        assert (status, done["missed"], done["fault"]["step_ms"]) == (200, "", 5_000)
        await ask(client, "POST", {"kind": "http_429", "requests": 3})
        _, listed = await ask(client, "GET")
        assert [fault["kind"] for fault in listed["active"]] == ["clock_step", "http_429"]
        assert listed["connections"] == [{"number": 1, "account": 1, "unread_bytes": 0}]
        assert listed["counts"] == {"clock_step": 1, "http_429": 1}
        assert (await ask(client, "DELETE"))[1] == {"active": []}
        assert (await client.call("GET", "/portfolio/balance"))[0] == 200


async def test_a_schedule_is_followed_and_forgotten(serve: Serve) -> None:
    async with serve() as client:
        plan = {"seed": 1, "every_ms": 1, "kinds": ["balance"], "time": "wall", "count": 20}
        assert (await ask(client, "POST", {"schedule": plan}))[0] == 200
        while (await ask(client, "GET"))[1]["schedule"]:
            continue
        _, listed = await ask(client, "GET")
        assert listed["counts"] == {"balance": 20}
        await ask(client, "POST", {"schedule": {"seed": 1, "every_ms": 86_400_000}})
        assert (await ask(client, "GET"))[1]["schedule"]["every_ms"] == 86_400_000
        await ask(client, "DELETE")
        assert (await ask(client, "GET"))[1]["schedule"] is None


@pytest.mark.parametrize("text", [b"[" * 100_000, b'{"kind":' + b"[" * 100_000, b'{"kind":"\xff"}'])
async def test_no_text_is_too_strange(serve: Serve, text: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    async with (
        serve() as client,
        aiohttp.ClientSession() as http,
        http.post(url(client), data=text, headers=headers) as reply,
    ):
        assert (reply.status, (await reply.json())["error"]["code"]) == (400, "bad_fault")
