from typing import Any
from uuid import UUID

import pytest

Serve = Any  # the fixture's type stands in conftest.py, which no test can import
Client = Any  # likewise

SUBACCOUNTS = "/portfolio/subaccounts"
WIDE = "/portfolio/intra_exchange_instance_transfer"


def body(cents: int, source: int = 0, destination: int = 1, number: int = 1) -> dict[str, Any]:
    """Body of a transfer with an id made from a number."""
    return {
        "client_transfer_id": str(UUID(int=number)),
        "from_subaccount": source,
        "to_subaccount": destination,
        "amount_cents": cents,
    }


def wide(amount: int, **fields: object) -> dict[str, Any]:
    """Body of the wider call."""
    own = {"source": "event_contract", "destination": "event_contract", "amount": amount}
    return own | {"destination_subaccount": 1} | fields


async def balances(client: Client) -> list[str]:
    _, told = await client.call("GET", f"{SUBACCOUNTS}/balances")
    return [row["balance"] for row in told["subaccount_balances"]]


async def test_transfers_are_made_once_and_listed(serve: Serve) -> None:
    async with serve() as client:
        await client.call("POST", SUBACCOUNTS)
        path = f"{SUBACCOUNTS}/transfer"
        for _ in range(2):
            assert await client.call("POST", path, body(12_345)) == (200, {})
        assert await client.call("POST", path, body(45, 1, 0, number=2)) == (200, {})
        assert await balances(client) == ["877.0000", "123.0000"]
        _, told = await client.call("GET", f"{SUBACCOUNTS}/transfers?limit=1")
        (last,) = told["transfers"]
        assert last["transfer_id"] == str(UUID(int=2))
        assert (last["from_subaccount"], last["to_subaccount"]) == (1, 0)
        assert (last["amount_cents"], last["exchange_index"]) == (45, 0)
        assert last["created_ts"] == client.sandbox.exchange.now_ms // 1000
        _, told = await client.call("GET", f"{SUBACCOUNTS}/transfers?cursor={told['cursor']}")
        assert [row["amount_cents"] for row in told["transfers"]] == [12_345]
        assert told["cursor"] == ""


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        (body(1, destination=2), "bad_request"),
        (body(1, destination=64), "bad_request"),
        (body(1, source=-1), "bad_request"),
        (body(1, destination=0), "bad_request"),
        (body(0), "bad_request"),
        (body(100_001), "insufficient_balance"),
        (body(1) | {"exchange_index": 2}, "bad_request"),
        ({"from_subaccount": 0, "to_subaccount": 1}, "missing_parameters"),
        (body(1) | {"client_transfer_id": "mine"}, None),
        (body(1) | {"amount_cents": "1"}, None),
    ],
    ids=str,
)
async def test_what_cannot_be_moved(serve: Serve, wish: dict[str, Any], code: str | None) -> None:
    async with serve() as client:
        await client.call("POST", SUBACCOUNTS)
        status, told = await client.call("POST", f"{SUBACCOUNTS}/transfer", wish)
        assert status == 400
        assert told["error"]["code"] == code if code else told["code"] == "bad_request"
        assert await balances(client) == ["1000.0000", "0.0000"]


async def test_the_wider_call_moves_between_subaccounts(serve: Serve) -> None:
    async with serve() as client:
        await client.call("POST", SUBACCOUNTS)
        status, made = await client.call("POST", WIDE, wide(10_100))
        assert status == 200
        assert await balances(client) == ["998.9900", "1.0100"]
        _, told = await client.call("GET", f"{SUBACCOUNTS}/transfers")
        (row,) = told["transfers"]
        assert (row["transfer_id"], row["amount_cents"]) == (made["transfer_id"], 101)
        assert await client.call("GET", f"{WIDE}s") == (200, {"transfers": []})
        assert (await client.call("GET", f"{WIDE}s/{made['transfer_id']}"))[0] == 404
        assert (await client.call("GET", f"{WIDE}s?limit=501"))[0] == 400


@pytest.mark.parametrize(
    "wish",
    [
        wide(100, destination="margined"),
        wide(100, destination="elsewhere"),
        wide(100, destination_exchange_shard=1),
        wide(100, destination_subaccount=0),
        wide(100, destination_subaccount=5),
        wide(101),
        wide(100, client_transfer_id=str(UUID(int=1))),
        {"amount": 100},
    ],
    ids=str,
)
async def test_where_the_wider_call_cannot_go(serve: Serve, wish: dict[str, Any]) -> None:
    async with serve() as client:
        await client.call("POST", SUBACCOUNTS)
        assert (await client.call("POST", WIDE, wish))[0] == 400
        assert await balances(client) == ["1000.0000", "0.0000"]
