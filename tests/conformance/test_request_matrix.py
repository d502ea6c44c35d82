"""Bodies of requests against the required-field matrix (section 12).

The exchange takes every member that the matrix names, misses those that it requires and refuses
what is of another type; and our own client writes nothing that is not in the matrix.
"""

import json
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import pytest
from exchange_host import Host
from field_matrix import REQUESTS, faults
from plain_client import ANY_TICKER, ORDERS, PlainClient, Reply

from core.kalshi import order_wire
from core.kalshi.key_rest import key_body
from core.kalshi.requests import AmendOrder, CancelOrder, CreateOrder, DecreaseOrder

Body = dict[str, Any]
GROUPS = "/portfolio/order_groups"


class Asked(NamedTuple):
    """A request that would be carried out as it stands."""

    method: str
    path: str
    body: Body


async def create(host: Host) -> Asked:
    body = {
        "ticker": ANY_TICKER,
        "side": "bid",
        "count": "1.00",
        "price": "0.1000",
        "time_in_force": "good_till_canceled",
        "self_trade_prevention_type": "maker",
        "client_order_id": "matrix-1",
        "expiration_time": host.now_ms // 1000 + 3_600,
        "post_only": True,
        "cancel_order_on_pause": True,
        "reduce_only": False,
        "subaccount": 0,
        "order_group_id": await _group(host),
        "exchange_index": -1,
    }
    return Asked("POST", ORDERS, body)


async def amend(host: Host) -> Asked:
    placed = await host.ann.placed("bid", "0.1000", "2.00", client_order_id="matrix-2")
    body = {
        "ticker": ANY_TICKER,
        "side": "bid",
        "price": "0.1100",
        "count": "3",
        "client_order_id": "matrix-2",
        "updated_client_order_id": "matrix-3",
        "expiration_time": host.now_ms // 1000 + 3_600,
        "exchange_index": 0,
    }
    return Asked("POST", f"{ORDERS}/{placed['order_id']}/amend", body)


async def decrease(host: Host) -> Asked:
    return await _decrease(host, reduce_to="1.00")


async def decrease_by(host: Host) -> Asked:
    return await _decrease(host, reduce_by="1.00")


async def _decrease(host: Host, **count: str) -> Asked:
    placed = await host.ann.placed("bid", "0.1000", "2.00")
    body = count | {"exchange_index": 0, "market_ticker": ANY_TICKER}
    return Asked("POST", f"{ORDERS}/{placed['order_id']}/decrease", body)


async def batch_cancel(host: Host) -> Asked:
    placed = await host.ann.placed("bid", "0.1000", "2.00")
    item = {
        "order_id": placed["order_id"],
        "subaccount": 0,
        "exchange_index": 0,
        "market_ticker": ANY_TICKER,
    }
    return Asked("DELETE", f"{ORDERS}/batched", {"orders": [item]})


async def create_group(_host: Host) -> Asked:
    body = {
        "subaccount": 0,
        "contracts_limit": 7,
        "contracts_limit_fp": "7.00",
        "exchange_index": 0,
    }
    return Asked("POST", f"{GROUPS}/create", body)


async def limit_group(host: Host) -> Asked:
    body = {"contracts_limit": 9, "contracts_limit_fp": "9.00"}
    return Asked("PUT", f"{GROUPS}/{await _group(host)}/limit", body)


async def create_key(_host: Host) -> Asked:
    key = {"name": "matrix", "public_key": PlainClient.public_pem()}
    return Asked("POST", "/api_keys", key | _LOCKED)


async def generate_key(_host: Host) -> Asked:
    return Asked("POST", "/api_keys/generate", {"name": "matrix", "key_type": "ed25519"} | _LOCKED)


_LOCKED = {"scopes": ["read", "write::trade"], "subaccount": 0, "fcm_subtrader_id": "none"}


async def _group(host: Host) -> str:
    made = await host.ann.call("POST", f"{GROUPS}/create", {"contracts_limit": 5})
    return str(made.body["order_group_id"])


CALLS: list[tuple[str, Callable[[Host], Awaitable[Asked]]]] = [
    ("CreateOrderV2Request", create),
    ("AmendOrderV2Request", amend),
    ("DecreaseOrderV2Request", decrease),
    ("DecreaseOrderV2Request", decrease_by),
    ("BatchCancelOrdersV2Request", batch_cancel),
    ("CreateOrderGroupRequest", create_group),
    ("UpdateOrderGroupLimitRequest", limit_group),
    ("CreateApiKeyRequest", create_key),
    ("GenerateApiKeyRequest", generate_key),
]
ITEM = "BatchCancelOrdersV2RequestOrdersInner"
# What stands for a value of another type; a word that is none, where one of several is due.
WRONG: dict[str, object] = {"bool": "true", "int": "1"}
# Members that our client never writes, each with the reason.
NEVER_WRITTEN = {
    "AmendOrderV2Request.client_order_id": "the order is named by the exchange's id",
    "DecreaseOrderV2Request.reduce_by": "what shall remain does no more if it is said twice",
    "CreateOrderGroupRequest.contracts_limit": "the exact one is written",
    "UpdateOrderGroupLimitRequest.contracts_limit": "the exact one is written",
    "CreateApiKeyRequest.fcm_subtrader_id": "of intermediaries, whom this program does not serve",
    "GenerateApiKeyRequest.fcm_subtrader_id": "as above",
}


def word(value: object) -> str:
    """A part of a readable test id."""
    return getattr(value, "__name__", str(value))


def members(kind: str) -> dict[str, str]:
    return REQUESTS[kind].get("required", {}) | REQUESTS[kind].get("optional", {})


def wrong(form: str) -> object:
    """A value that cannot be of this form; numbers for text, and text for numbers."""
    if form.startswith("list["):
        return "read"
    return "nonsense" if "{" in form or form == "BookSide" else WRONG.get(form, 1)


async def sent(host: Host, asked: Asked, body: Body) -> Reply:
    return await host.ann.call(asked.method, asked.path, body)


REQUIRED = [
    (kind, call, name) for kind, call in CALLS for name in REQUESTS[kind].get("required", {})
]
EVERY = [(kind, call, name) for kind, call in CALLS for name in members(kind)]


def test_every_request_of_the_matrix_is_made() -> None:
    assert {kind for kind, _ in CALLS} | {ITEM} == REQUESTS.keys()


@pytest.mark.parametrize(("kind", "call"), CALLS, ids=word)
async def test_a_whole_body_is_taken(
    host: Host, kind: str, call: Callable[[Host], Awaitable[Asked]]
) -> None:
    asked = await call(host)
    assert list(faults(asked.body, kind)) == []
    left_out = {"reduce_by", "reduce_to"} if kind.startswith("Decrease") else set()
    assert asked.body.keys() | left_out == members(kind).keys()
    reply = await sent(host, asked, asked.body)
    assert reply.status in (200, 201), reply
    if kind.startswith("BatchCancel"):
        assert "error" not in reply.body["orders"][0]


@pytest.mark.parametrize(("kind", "call"), CALLS, ids=word)
async def test_required_members_alone_are_enough(
    host: Host, kind: str, call: Callable[[Host], Awaitable[Asked]]
) -> None:
    asked = await call(host)
    required = REQUESTS[kind].get("required", {})
    one_of = ("reduce_by", "reduce_to", "contracts_limit")
    body = {name: asked.body[name] for name in asked.body if name in required or name in one_of}
    reply = await sent(host, asked, body)
    assert reply.status in (200, 201), reply


@pytest.mark.parametrize(("kind", "call", "name"), REQUIRED, ids=word)
async def test_a_required_member_is_missed(
    host: Host, kind: str, call: Callable[[Host], Awaitable[Asked]], name: str
) -> None:
    asked = await call(host)
    body = {each: value for each, value in asked.body.items() if each != name}
    assert list(faults(body, kind)) == [f".{name}: missing"]
    reply = await sent(host, asked, body)
    assert (reply.status, reply.body["error"]["code"]) == (400, "missing_parameters")
    assert name in reply.body["error"]["details"]


@pytest.mark.parametrize(("kind", "call", "name"), EVERY, ids=word)
async def test_a_member_of_another_type_is_refused(
    host: Host, kind: str, call: Callable[[Host], Awaitable[Asked]], name: str
) -> None:
    asked = await call(host)
    body = asked.body | {name: wrong(members(kind)[name])}
    assert [line.partition(":")[0] for line in faults(body, kind)] == [f".{name}"]
    assert (await sent(host, asked, body)).status == 400


@pytest.mark.parametrize("name", members(ITEM))
async def test_a_member_of_a_batch_item_of_another_type_is_refused(host: Host, name: str) -> None:
    asked = await batch_cancel(host)
    item = asked.body["orders"][0] | {name: wrong(members(ITEM)[name])}
    assert [line.partition(":")[0] for line in faults(item, ITEM)] == [f".{name}"]
    assert (await sent(host, asked, {"orders": [item]})).status == 400
    assert (await host.ann.get("/portfolio/orders"))["orders"][0]["status"] == "resting"


async def test_a_batch_item_without_its_order_is_refused(host: Host) -> None:
    asked = await batch_cancel(host)
    assert list(faults({"market_ticker": "A"}, ITEM)) == [".order_id: missing"]
    assert (await sent(host, asked, {"orders": [{"market_ticker": ANY_TICKER}]})).status == 400


@pytest.mark.parametrize(("kind", "call"), CALLS, ids=word)
async def test_members_that_nobody_knows_are_ignored(
    host: Host, kind: str, call: Callable[[Host], Awaitable[Asked]]
) -> None:
    asked = await call(host)
    body = asked.body | {"novelty": 1}
    assert list(faults(body, kind)) == [".novelty: not in the matrix"]
    assert (await sent(host, asked, body)).status in (200, 201)


def written() -> list[tuple[str, bytes]]:
    """Every body that our client writes, with all that it can carry."""
    routed: dict[str, Any] = {"subaccount": 1, "exchange_index": 0}
    order = CreateOrder(
        "c", "A", 1, 15, 1, "immediate_or_cancel", True, 1, True, True, "g", **routed
    )
    changed = AmendOrder("c", "o", "A", 0, 9_999, 101, 0, "d", **routed)
    locked: dict[str, Any] = {"scopes": ["read"], "subaccount": 1}
    return [
        ("CreateOrderV2Request", order_wire.create_body(order)),
        ("AmendOrderV2Request", order_wire.amend_body(changed)),
        (
            "DecreaseOrderV2Request",
            order_wire.decrease_body(DecreaseOrder("c", "o", "A", 0, **routed)),
        ),
        (
            "BatchCancelOrdersV2Request",
            order_wire.batch_cancel_body([CancelOrder("c", "o", "A", **routed)]),
        ),
        ("CreateOrderGroupRequest", order_wire.group_body(150, 1, 0)),
        ("UpdateOrderGroupLimitRequest", order_wire.limit_body(150)),
        ("CreateApiKeyRequest", key_body(**locked, name="n", public_key="p")),
        ("GenerateApiKeyRequest", key_body(**locked, name="n", key_type="rsa")),
    ]


def test_our_client_writes_what_the_matrix_names_and_nothing_else() -> None:
    found: set[str] = set()
    for kind, data in written():
        body = json.loads(data)
        assert list(faults(body, kind, kind)) == []
        found |= {f"{kind}.{name}" for name in body}
        found |= {f"{ITEM}.{name}" for item in body.get("orders", ()) for name in item}
    every = {f"{kind}.{name}" for kind in REQUESTS for name in members(kind)}
    assert every - found == NEVER_WRITTEN.keys()


def test_several_creates_are_each_one() -> None:
    order = CreateOrder("c", "A", 0, 4_400, 100)
    (item,) = json.loads(order_wire.batch_create_body([order]))["orders"]
    assert list(faults(item, "CreateOrderV2Request")) == []
    assert item == json.loads(order_wire.create_body(order))
