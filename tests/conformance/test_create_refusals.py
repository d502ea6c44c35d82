"""Protocol 11.3: numeric count, missing time in force, off tick, prices of 0 and 1."""

import pytest
from exchange_host import TAPERED, Host
from plain_client import ORDERS, Reply


def code(reply: Reply) -> str:
    return str(reply.body["error"]["code"])


async def nothing_happened(host: Host) -> bool:
    balance = await host.ann.get("/portfolio/balance")
    orders = await host.ann.get("/portfolio/orders")
    return balance["balance_dollars"] == "1000.0000" and orders["orders"] == []


@pytest.mark.parametrize("fields", [{"count": 10}, {"count": 1.5}, {"price": 0.44}, {"price": 44}])
async def test_number_for_a_string_is_a_flat_400(host: Host, fields: dict[str, object]) -> None:
    reply = await host.ann.place(**({"side": "bid", "price": "0.44", "count": "1.00"} | fields))
    assert reply.status == 400
    assert set(reply.body) == {"code", "message", "details"}
    assert reply.body["code"] == "bad_request"
    assert next(iter(fields)) in reply.body["details"]
    assert await nothing_happened(host)


async def test_broken_json_is_a_flat_400(host: Host) -> None:
    reply = await host.ann.call("POST", ORDERS, '{"ticker": ')
    assert (reply.status, reply.body["code"]) == (400, "bad_request")


async def test_other_content_type_is_a_flat_400(host: Host) -> None:
    headers = host.ann.signed("POST", "/trade-api/v2" + ORDERS) | {"Content-Type": "text/plain"}
    reply = await host.ann.send("POST", ORDERS, "{}", headers)
    assert (reply.status, reply.body["code"]) == (400, "invalid_content_type")


@pytest.mark.parametrize(
    "missing", ["ticker", "side", "count", "price", "time_in_force", "self_trade_prevention_type"]
)
async def test_missing_field_is_400(host: Host, missing: str) -> None:
    reply = await host.ann.place(
        **({"side": "bid", "price": "0.44", "count": "1.00"} | {missing: None})
    )
    assert (reply.status, code(reply)) == (400, "missing_parameters")
    assert missing in reply.body["error"]["details"]
    assert await nothing_happened(host)


@pytest.mark.parametrize("price", ["0.4450", "0.0050", "0.9999", "0.4401"])
async def test_off_tick_is_invalid_price(host: Host, price: str) -> None:
    reply = await host.ann.place("bid", price, "1.00")
    assert (reply.status, code(reply)) == (400, "invalid_price")


@pytest.mark.parametrize("price", ["1.0000", "0.0000", "1", "0", "1.0100", "-0.0100"])
async def test_price_of_0_or_1_or_outside_is_invalid_price(host: Host, price: str) -> None:
    reply = await host.ann.place("bid", price, "1.00")
    assert (reply.status, code(reply)) == (400, "invalid_price")


@pytest.mark.parametrize(
    ("price", "status"),
    [("0.0550", 201), ("0.9010", 201), ("0.1010", 400), ("0.5000", 201), ("0.0555", 400)],
)
async def test_ticks_follow_the_price_ranges(host: Host, price: str, status: int) -> None:
    reply = await host.ann.place("bid", price, "1.00", ticker=TAPERED.ticker)
    assert reply.status == status


@pytest.mark.parametrize("price", ["0.44", "0.440", "0.4400"])
async def test_price_may_have_2_to_4_decimals(host: Host, price: str) -> None:
    order_id = (await host.ann.placed("bid", price, "1"))["order_id"]
    assert (await host.ann.order(order_id))["yes_price_dollars"] == "0.4400"


@pytest.mark.parametrize("price", ["0.4", ".44", "0.44000", "+0.44", " 0.44", "44e-2", "0,44", ""])
async def test_price_in_another_form_is_invalid_price(host: Host, price: str) -> None:
    reply = await host.ann.place("bid", price, "1.00")
    assert (reply.status, code(reply)) == (400, "invalid_price")


@pytest.mark.parametrize("count", ["0", "0.00", "-1.00", "1.005", "ten", "+1", " 1", "1.", "1e2"])
async def test_wrong_count_is_invalid_order_size(host: Host, count: str) -> None:
    reply = await host.ann.place("bid", "0.4400", count)
    assert (reply.status, code(reply)) == (400, "invalid_order_size")


async def test_unknown_market_is_404(host: Host) -> None:
    reply = await host.ann.place("bid", "0.4400", "1.00", ticker="KXNOBODY-1")
    assert (reply.status, code(reply)) == (404, "not_found")


async def test_beyond_the_balance_is_refused(host: Host) -> None:
    reply = await host.ann.place("bid", "0.5000", "2500.00")
    assert (reply.status, code(reply)) == (400, "insufficient_balance")
    assert await nothing_happened(host)


@pytest.mark.parametrize(
    "fields",
    [
        {"side": "yes"},
        {"time_in_force": "gtc"},
        {"self_trade_prevention_type": "none"},
        {"reduce_only": True},
        {"post_only": True, "time_in_force": "immediate_or_cancel"},
        {"post_only": True, "time_in_force": "fill_or_kill"},
        {"expiration_time": 1_000},
        {"client_order_id": "a b"},
        {"client_order_id": "x" * 65},
    ],
    ids=lambda fields: "-".join(f"{name}={value}" for name, value in fields.items())[:50],
)
async def test_wrong_combination_is_400(host: Host, fields: dict[str, object]) -> None:
    reply = await host.ann.place(**({"side": "bid", "price": "0.44", "count": "1.00"} | fields))
    assert (reply.status, code(reply)) == (400, "invalid_order")
    assert await nothing_happened(host)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/portfolio/orders"),
        ("DELETE", "/portfolio/orders/3b1c5a0e-9d34-4a3c-8ad4-8f1b6f8b0c11"),
        ("POST", "/portfolio/orders/3b1c5a0e-9d34-4a3c-8ad4-8f1b6f8b0c11/amend"),
        ("POST", "/portfolio/orders/3b1c5a0e-9d34-4a3c-8ad4-8f1b6f8b0c11/decrease"),
        ("POST", "/portfolio/orders/batched"),
        ("DELETE", "/portfolio/orders/batched"),
    ],
)
async def test_old_order_endpoints_are_gone(host: Host, method: str, path: str) -> None:
    reply = await host.ann.call(method, path, {})
    assert (reply.status, code(reply)) == (410, "deprecated_v1_order_endpoint")
