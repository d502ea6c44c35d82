"""Keys and usage level, by a script over a real local exchange."""

import random
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from scripted_http import SIGNER, serving

from core.clock import SystemClock
from core.errors import RejectedError, UnreachableError
from core.kalshi.endpoints import DataEndpoint, OrderEndpoint
from core.kalshi.key_rest import GeneratedKey, KeyType
from core.kalshi.order_rest import OrderRest
from core.kalshi.requests import CreateOrder
from core.kalshi.rest import KalshiRest
from core.kalshi.signing import Signer

# The fixture's type stands in conftest.py, which no test can import.
ScriptUser = Any


def public_pem(key: Ed25519PrivateKey) -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()


def reader_of(user: ScriptUser, signer: Signer) -> KalshiRest:
    data = DataEndpoint(user.sandbox.base_url, user.sandbox.ws_url)
    return KalshiRest(data, signer, SystemClock(), random.Random(1))


async def test_an_own_key_opens_the_account_until_it_is_deleted(user: ScriptUser) -> None:
    key = Ed25519PrivateKey.generate()
    key_id = await user.orders.create_key("mine", public_pem(key), scopes=("read",))
    (made,) = [each for each in await user.rest.api_keys() if each.api_key_id == key_id]
    assert (made.name, made.scopes, made.subaccount) == ("mine", ("read",), None)
    assert await user.rest.key_scopes(key_id) == ("read",)
    reader = reader_of(user, Signer(key_id, key))
    assert await reader.cash() == await user.rest.cash()
    await user.orders.delete_key(key_id)
    with pytest.raises(RejectedError) as caught:
        await reader.cash()
    assert caught.value.status == 401
    with pytest.raises(RejectedError, match="404"):
        await user.orders.delete_key(key_id)
    await reader.close()


@pytest.mark.parametrize("key_type", ["rsa", "ed25519"])
async def test_a_generated_key_opens_one_account_and_shows_its_secret_to_nobody(
    user: ScriptUser, key_type: KeyType
) -> None:
    number = user.open_subaccount(7_000_000)
    made = await user.orders.generate_key("theirs", key_type, subaccount=number)
    assert made.key_type == key_type
    secret = made.private_key.splitlines()[1]
    assert secret not in repr(made) + str(made)
    reader = reader_of(user, Signer(made.api_key_id, made.private_key))
    assert (await reader.cash()).available_micros == 7_000_000
    (own,) = [each for each in await reader.api_keys() if each.api_key_id == made.api_key_id]
    assert own.subaccount == number
    with pytest.raises(RejectedError, match="403"):
        await reader.cash(0)
    await reader.close()


async def test_a_key_that_may_only_read_writes_nothing(user: ScriptUser) -> None:
    made = await user.orders.generate_key("reader", scopes=("read",))
    signer = Signer(made.api_key_id, made.private_key)
    endpoint = OrderEndpoint.sandbox(user.sandbox.base_url)
    client = OrderRest(endpoint, signer, SystemClock())
    with pytest.raises(RejectedError) as caught:
        await client.create_order(CreateOrder("c", user.ticker, 0, 3_000, 100))
    assert caught.value.status == 403
    assert await user.rest.orders() == []
    await client.close()


async def test_the_next_usage_level_is_for_who_has_placed_an_order(basic: ScriptUser) -> None:
    with pytest.raises(RejectedError) as caught:
        await basic.orders.upgrade_usage_level()
    assert caught.value.status == 403
    await basic.place(0, 3_000, 100)
    await basic.orders.upgrade_usage_level()
    limits = await basic.rest.account_limits()
    (grant,) = limits.grants
    assert (limits.usage_tier, grant.level) == ("advanced", "advanced")
    assert (grant.exchange_instance, grant.expires_ts) == ("event_contract", None)
    assert basic.rest.budget.write_tokens == limits.write.bucket_capacity == 600


async def test_a_key_is_made_once_whatever_happens() -> None:
    async with serving() as exchange:
        client = OrderRest(OrderEndpoint.sandbox(exchange.rest_url), SIGNER, SystemClock())
        exchange.answer({"code": "service_unavailable"}, status=503)
        with pytest.raises(UnreachableError):
            await client.generate_key("once")
        assert [request[:2] for request in exchange.requests] == [("POST", "/api_keys/generate")]
        await client.close()


def test_the_private_half_is_no_member_that_is_shown() -> None:
    assert repr(GeneratedKey("id-1", "-----secret-----", "rsa")) == (
        "GeneratedKey(api_key_id='id-1', key_type='rsa', warning='')"
    )
