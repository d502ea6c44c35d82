"""Protocol 11.1: latency is a switch per call; reads and writes have one each."""

import asyncio
from collections.abc import Sequence

import pytest
from exchange_host import ANY, DEADLINE_S, Host, hosting

from core.sandbox import request_path

WAY_MS = 300
Sent = tuple[str, str, object]
READS: tuple[Sent, ...] = tuple(
    ("GET", path, None)
    for path in (
        "/markets",
        f"/markets/{ANY.ticker}/orderbook",
        "/events",
        "/exchange/status",
        "/account/limits",
        "/api_keys",
        "/portfolio/balance",
        "/portfolio/orders",
        "/portfolio/order_groups",
        "/historical/cutoff",
        "/nowhere",
    )
)
_EVENTS, _GROUPS = "/portfolio/events/orders", "/portfolio/order_groups"
WRITES: tuple[Sent, ...] = (
    ("DELETE", f"{_EVENTS}/unknown", None),
    ("DELETE", _EVENTS, None),
    ("POST", f"{_EVENTS}/batched", {"orders": [{"ticker": "KX-UNKNOWN"}]}),
    ("DELETE", f"{_EVENTS}/batched", {"orders": [{"order_id": "unknown"}]}),
    ("POST", f"{_GROUPS}/create", {"contracts_limit": 1}),
    ("PUT", f"{_GROUPS}/unknown/reset", {}),
    ("DELETE", "/api_keys/unknown", None),
    ("POST", "/api_keys/generate", {"name": "desk", "key_type": "ed25519"}),
    ("PUT", "/portfolio/subaccounts/netting", {"subaccount_number": 0, "enabled": True}),
    ("POST", "/account/api_usage_level/upgrade", None),
)


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time stands here until it is moved; nothing is to act because it stands."""
    monkeypatch.setattr(request_path, "STANDSTILL_S", 60.0)


async def taken_ms(host: Host, sent: Sent) -> int:
    """Venue time that a call takes, whatever it is answered."""
    began_ms = host.now_ms
    await host.ann.call(*sent)
    return host.now_ms - began_ms


@pytest.mark.parametrize(
    ("rule", "slow", "quick"),
    [("read_latency_ms", READS, WRITES), ("request_latency_ms", WRITES, READS)],
)
async def test_every_call_of_a_kind_takes_its_way_and_no_other_does(
    rule: str, slow: Sequence[Sent], quick: Sequence[Sent]
) -> None:
    async with hosting(**{rule: (WAY_MS, WAY_MS)}) as host, asyncio.TaskGroup() as tasks:
        calls = [tasks.create_task(taken_ms(host, sent), name=sent[1]) for sent in slow]
        for sent in quick:
            assert await taken_ms(host, sent) == 0
        assert not any(call.done() for call in calls)
        while not all(call.done() for call in calls):
            await host.pass_time(WAY_MS)
        assert [call.get_name() for call in calls if call.result() < WAY_MS] == []


async def test_neither_sockets_nor_control_calls_take_a_way() -> None:
    async with hosting(read_latency_ms=(WAY_MS, WAY_MS)) as host:
        async with host.ann.socket() as socket:
            assert await socket.until_quiet() == []
        async with asyncio.timeout(DEADLINE_S):
            await host.inject(kind="resume")
            assert await host.done() == ["resume"]
