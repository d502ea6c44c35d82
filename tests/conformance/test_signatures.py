"""Protocol 11.3: signature with query included, wrong salt, unknown key, skew, Ed25519."""

import aiohttp
import pytest
from exchange_host import Host
from plain_client import Reply

BALANCE = "/trade-api/v2/portfolio/balance"
EXPIRED = {"code": "header_timestamp_expired", "message": "header timestamp expired"}


def denied(details: str) -> Reply:
    error = {"code": "authentication_error", "message": "authentication_error", "details": details}
    return Reply(401, {"error": error})


async def test_right_signature_is_accepted(host: Host) -> None:
    reply = await host.ann.send(
        "GET", "/portfolio/balance", headers=host.ann.signed("GET", BALANCE)
    )
    assert reply.status == 200


async def test_query_in_the_signed_text_is_incorrect(host: Host) -> None:
    query = "?subaccount=0"
    wrong = host.ann.signed("GET", BALANCE + query)
    right = host.ann.signed("GET", BALANCE)
    path = "/portfolio/balance" + query
    assert await host.ann.send("GET", path, headers=wrong) == denied("INCORRECT_API_KEY_SIGNATURE")
    assert (await host.ann.send("GET", path, headers=right)).status == 200


@pytest.mark.parametrize("salt", [0, 20, 222])
async def test_wrong_salt_is_incorrect(host: Host, salt: int) -> None:
    headers = host.ann.signed("GET", BALANCE, salt=salt)
    reply = await host.ann.send("GET", "/portfolio/balance", headers=headers)
    assert reply == denied("INCORRECT_API_KEY_SIGNATURE")


async def test_other_method_is_incorrect(host: Host) -> None:
    headers = host.ann.signed("POST", BALANCE)
    reply = await host.ann.send("GET", "/portfolio/balance", headers=headers)
    assert reply == denied("INCORRECT_API_KEY_SIGNATURE")


async def test_signature_of_another_account_is_incorrect(host: Host) -> None:
    headers = host.ann.signed("GET", BALANCE, key_id=host.bob.key_id)
    reply = await host.ann.send("GET", "/portfolio/balance", headers=headers)
    assert reply == denied("INCORRECT_API_KEY_SIGNATURE")


async def test_unknown_key_is_not_found(host: Host) -> None:
    headers = host.ann.signed("GET", BALANCE, key_id="00000000-0000-4000-8000-000000000000")
    reply = await host.ann.send("GET", "/portfolio/balance", headers=headers)
    assert reply == denied("NOT_FOUND")


@pytest.mark.parametrize("skew_ms", [-300_000, -30_000, -16_000, 16_000, 30_000, 300_000])
async def test_skew_beyond_15_seconds_is_expired(host: Host, skew_ms: int) -> None:
    headers = host.ann.signed("GET", BALANCE, skew_ms=skew_ms)
    reply = await host.ann.send("GET", "/portfolio/balance", headers=headers)
    assert reply == Reply(401, {"error": EXPIRED})


@pytest.mark.parametrize("skew_ms", [-5_000, 0, 5_000])
async def test_skew_within_5_seconds_is_accepted(host: Host, skew_ms: int) -> None:
    headers = host.ann.signed("GET", BALANCE, skew_ms=skew_ms)
    assert (await host.ann.send("GET", "/portfolio/balance", headers=headers)).status == 200


async def test_time_stamp_in_seconds_is_expired(host: Host) -> None:
    headers = host.ann.signed("GET", BALANCE)
    headers["KALSHI-ACCESS-TIMESTAMP"] = headers["KALSHI-ACCESS-TIMESTAMP"][:-3]
    reply = await host.ann.send("GET", "/portfolio/balance", headers=headers)
    assert reply == Reply(401, {"error": EXPIRED})


async def test_missing_signature_says_so(host: Host) -> None:
    headers = host.ann.signed("GET", BALANCE)
    del headers["KALSHI-ACCESS-SIGNATURE"]
    reply = await host.ann.send("GET", "/portfolio/balance", headers=headers)
    error = {
        "code": "signature_is_missing_from_headers",
        "message": "signature is missing from headers",
    }
    assert reply == Reply(401, {"error": error})


async def test_ed25519_is_accepted_and_verified(host: Host) -> None:
    headers = host.bob.signed("GET", BALANCE)
    assert (await host.bob.send("GET", "/portfolio/balance", headers=headers)).status == 200
    wrong = host.bob.signed("GET", BALANCE + "x")
    reply = await host.bob.send("GET", "/portfolio/balance", headers=wrong)
    assert reply == denied("INCORRECT_API_KEY_SIGNATURE")


async def test_public_reads_need_no_key(host: Host) -> None:
    for path in ("/exchange/status", "/markets", "/events", "/series", "/markets/trades"):
        assert (await host.ann.send("GET", path)).status == 200


async def test_signed_path_is_the_same_through_another_host_name(host: Host) -> None:
    headers = host.ann.signed("GET", BALANCE)
    url = host.sandbox.base_url.replace("127.0.0.1", "localhost") + "/portfolio/balance"
    async with aiohttp.ClientSession() as http, http.get(url, headers=headers) as reply:
        assert reply.status == 200
