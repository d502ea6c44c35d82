import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from core.sandbox.auth import KEY_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER, make_key

Client = Any  # the classes stand in conftest.py, which no test can import
Serve = Any
Maker = Any
ROOT = "/trade-api/v2"
BALANCE, ORDERS = "/portfolio/balance", "/portfolio/events/orders"


def public_pem(
    key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey,
) -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()


def ed_headers(client: Client, pem: str, key_id: str, method: str, path: str) -> dict[str, str]:
    key = serialization.load_pem_private_key(pem.encode(), None)
    assert isinstance(key, ed25519.Ed25519PrivateKey)
    stamp = str(client.clock.now_ms())
    signature = key.sign(f"{stamp}{method}{ROOT}{path}".encode())
    return {
        KEY_HEADER: key_id,
        TIMESTAMP_HEADER: stamp,
        SIGNATURE_HEADER: base64.b64encode(signature).decode(),
    }


async def generate(client: Client, **fields: object) -> tuple[Any, str]:
    """A generated RSA key and its id."""
    status, body = await client.call("POST", "/api_keys/generate", {"name": "desk"} | fields)
    assert status == 201
    key = serialization.load_pem_private_key(body["private_key"].encode(), None)
    return key, body["api_key_id"]


async def test_a_generated_rsa_key_works_until_it_is_removed(serve: Serve) -> None:
    async with serve() as client:
        key, key_id = await generate(client)
        assert (await client.call("GET", BALANCE, key=key, key_id=key_id))[0] == 200
        _, listed = await client.call("GET", "/api_keys")
        assert [each["name"] for each in listed["api_keys"]] == ["local", "desk"]
        assert listed["api_keys"][1] == {
            "api_key_id": key_id,
            "name": "desk",
            "scopes": ["read", "write"],
        }
        assert "PRIVATE" not in str(listed)
        assert await client.empty("DELETE", f"/api_keys/{key_id}") == 204
        status, body = await client.call("GET", BALANCE, key=key, key_id=key_id)
        assert (status, body["error"]["details"]) == (401, "NOT_FOUND")
        assert (await client.call("DELETE", f"/api_keys/{key_id}"))[0] == 404


async def test_a_generated_ed25519_key_signs(serve: Serve) -> None:
    async with serve() as client:
        asked = {"name": "ed", "key_type": "ed25519"}
        status, made = await client.call("POST", "/api_keys/generate", asked)
        assert (status, made["key_type"]) == (201, "ed25519")
        pem, key_id = made["private_key"], made["api_key_id"]
        signed = ed_headers(client, pem, key_id, "GET", BALANCE)
        assert (await client.send("GET", BALANCE, signed))[0] == 200
        status, body = await client.send("GET", "/portfolio/fills", signed)
        assert (status, body["error"]["details"]) == (401, "INCORRECT_API_KEY_SIGNATURE")


@pytest.mark.parametrize("make", [make_key, ed25519.Ed25519PrivateKey.generate])
async def test_a_public_key_can_be_brought(serve: Serve, make: Maker) -> None:
    async with serve() as client:
        key = make()
        body = {"name": "mine", "public_key": public_pem(key), "scopes": ["read"]}
        status, created = await client.call("POST", "/api_keys", body)
        assert (status, set(created)) == (201, {"api_key_id"})
        if isinstance(key, rsa.RSAPrivateKey):
            status, _ = await client.call("GET", BALANCE, key=key, key_id=created["api_key_id"])
            assert status == 200


async def test_scopes_are_enforced(serve: Serve) -> None:
    async with serve() as client:
        reader, reader_id = await generate(client, scopes=["read"])
        trader, trader_id = await generate(client, scopes=["write::trade"])
        order = client.order(price="0.3900")
        status, body = await client.call("POST", ORDERS, order, key=reader, key_id=reader_id)
        assert (status, body["error"]["code"]) == (403, "forbidden")
        status, _ = await client.call("POST", ORDERS, order, key=trader, key_id=trader_id)
        assert status == 201
        status, _ = await client.call("GET", BALANCE, key=trader, key_id=trader_id)
        assert status == 403
        status, _ = await client.call("GET", "/markets", key=trader, key_id=trader_id)
        assert status == 200


async def test_a_key_is_locked_to_its_subaccount(serve: Serve) -> None:
    async with serve() as client:
        for number in (1, 2, 3):
            opened = await client.call("POST", "/portfolio/subaccounts")
            assert opened == (201, {"subaccount_number": number})
        transfer = {"from_subaccount": 0, "to_subaccount": 3, "amount_cents": 1_000}
        transfer["client_transfer_id"] = "3b1c5a0e-9d34-4a3c-8ad4-8f1b6f8b0c11"
        assert await client.call("POST", "/portfolio/subaccounts/transfer", transfer) == (200, {})
        key, key_id = await generate(client, subaccount=3)
        signer = {"key": key, "key_id": key_id}
        order = client.order(price="0.3900")
        assert (await client.call("POST", ORDERS, order, **signer))[0] == 201
        assert (await client.call("POST", ORDERS, order | {"subaccount": 3}, **signer))[0] == 201
        assert (await client.call("POST", ORDERS, order | {"subaccount": 0}, **signer))[0] == 403
        assert (await client.call("GET", f"{BALANCE}?subaccount=3", **signer))[0] == 200
        assert (await client.call("GET", f"{BALANCE}?subaccount=4", **signer))[0] == 403
        batch = {"orders": [order | {"subaccount": 4}]}
        assert (await client.call("POST", f"{ORDERS}/batched", batch, **signer))[0] == 403
        _, listed = await client.call("GET", "/api_keys")
        assert listed["api_keys"][1]["subaccount"] == 3


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api_keys", {"name": "x"}),
        ("/api_keys", {"name": "x", "public_key": "no key"}),
        (
            "/api_keys",
            {"name": "x", "public_key": public_pem(ec.generate_private_key(ec.SECP256R1()))},
        ),
        (
            "/api_keys",
            {"name": "x", "public_key": public_pem(rsa.generate_private_key(65537, 1024))},
        ),
        ("/api_keys/generate", {}),
        ("/api_keys/generate", {"name": "x", "key_type": "dsa"}),
        ("/api_keys/generate", {"name": "x", "scopes": ["write"]}),
        ("/api_keys/generate", {"name": "x", "subaccount": 64}),
        ("/api_keys/generate", {"name": 5}),
    ],
)
async def test_unusable_keys_are_refused(serve: Serve, path: str, body: object) -> None:
    async with serve() as client:
        assert (await client.call("POST", path, body))[0] == 400
        _, listed = await client.call("GET", "/api_keys")
        assert len(listed["api_keys"]) == 1


async def test_keys_of_others_are_out_of_reach(serve: Serve) -> None:
    async with serve() as client:
        other = make_key()
        other_id = client.sandbox.add_account(other.public_key())
        status, _ = await client.call("DELETE", f"/api_keys/{other_id}")
        assert status == 404
        assert (await client.call("GET", BALANCE, key=other, key_id=other_id))[0] == 200
        assert (await client.send("GET", "/api_keys", {}))[0] == 401
