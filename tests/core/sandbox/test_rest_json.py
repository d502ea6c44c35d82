from typing import Any

import aiohttp
import pytest

Serve = Any  # the fixture's type stands in conftest.py, which no test can import

ORDERS = "/portfolio/events/orders"


async def test_wrong_content_type_is_flat(serve: Serve) -> None:
    async with serve() as client:
        signed = client.headers("POST", "/trade-api/v2" + ORDERS)
        wrong = signed | {"Content-Type": "text/plain"}
        status, body = await client.send("POST", ORDERS, wrong, client.order())
        assert (status, body["code"]) == (400, "invalid_content_type")


async def test_undecodable_bodies_are_flat(serve: Serve) -> None:
    async with serve() as client:
        for body in ([], "text", {"count": 1}, {"post_only": "yes"}):
            status, answer = await client.call("POST", ORDERS, body)
            assert (status, answer["code"]) == (400, "bad_request")


@pytest.mark.parametrize(
    "text", [b'{"novelty":' + b"[" * 100_000, b"[" * 100_000, b"\xff", b'"\xff']
)
async def test_no_text_is_too_strange(serve: Serve, text: bytes) -> None:
    async with serve() as client, aiohttp.ClientSession() as http:
        for path in (ORDERS, f"{ORDERS}/batched"):
            signed = client.headers("POST", "/trade-api/v2" + path)
            signed["Content-Type"] = "application/json"
            url = client.sandbox.base_url + path
            async with http.post(url, headers=signed, data=text) as reply:
                assert (reply.status, (await reply.json())["code"]) == (400, "bad_request")


async def test_unknown_fields_are_ignored(serve: Serve) -> None:
    async with serve() as client:
        body = client.order(novelty={"deep": 1})
        assert (await client.call("POST", ORDERS, body))[0] == 201
