"""The vendor's own clients, blocking and asynchronous, against the exchange as a process.

They need Python 3.13 or newer and live in an environment of their own. Where that cannot be had
these tests skip, unless KALSHIFLOW_SDK_REQUIRED is set.
"""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from plain_client import PlainClient
from sdk_environment import environment_or_skip

ROOT = Path(__file__).resolve().parents[2]
SCENARIO = Path(__file__).parent / "official_sdk" / "sdk_scenario.py"
START = datetime(2026, 11, 18, 17, tzinfo=UTC)
START_MS = round(START.timestamp()) * 1000
EVENT = "KXSDK-26NOV18"
OPEN, ENDING = f"{EVENT}-OPEN", f"{EVENT}-ENDING"
SPEED = 200
DETERMINED_MS = 100_000
LIVE_DATA_MS = 600_000
END_MS = 20_000_000
BOUND_S = 120.0
MANNERS = ("sync", "async")

METHODS = (
    "get_exchange_status",
    "get_exchange_schedule",
    "get_user_data_timestamp",
    "get_series_fee_changes",
    "get_markets",
    "get_market",
    "get_market_orderbook",
    "get_market_orderbooks",
    "get_trades",
    "get_series",
    "get_series_list",
    "get_market_candlesticks",
    "batch_get_market_candlesticks",
    "get_events",
    "get_event",
    "get_event_metadata",
    "get_event_fee_changes",
    "get_market_candlesticks_by_event",
    "create_order_v2",
    "cancel_order_v2",
    "amend_order_v2",
    "decrease_order_v2",
    "batch_create_orders_v2",
    "batch_cancel_orders_v2",
    "cancel_all_orders",
    "get_order",
    "get_orders",
    "get_order_queue_position",
    "get_order_queue_positions",
    "create_order_group",
    "get_order_group",
    "get_order_groups",
    "reset_order_group",
    "trigger_order_group",
    "update_order_group_limit",
    "delete_order_group",
    "get_balance",
    "get_positions",
    "get_fills",
    "get_settlements",
    "get_portfolio_resting_order_total_value",
    "create_subaccount",
    "get_subaccount_balances",
    "apply_subaccount_transfer",
    "get_subaccount_transfers",
    "get_subaccount_netting",
    "update_subaccount_netting",
    "intra_exchange_instance_transfer",
    "get_intra_exchange_instance_transfer",
    "get_intra_exchange_instance_transfers",
    "get_account_api_limits",
    "get_account_endpoint_costs",
    "upgrade_account_api_usage_level",
    "get_api_keys",
    "create_api_key",
    "generate_api_key",
    "delete_api_key",
    "get_historical_cutoff",
    "get_historical_markets",
    "get_trades_historical",
    "get_fills_historical",
    "get_historical_orders",
    "get_historical_positions",
)


class Run(NamedTuple):
    """What one scenario told: errors by method, how it ended, how the exchange ended."""

    errors: dict[str, list[str]]
    trouble: str
    exchange_status: int


def lines() -> list[dict[str, Any]]:
    """A recorded session of two markets with nothing but far quotes; one ends."""
    far = {"yes_dollars_fp": [["0.0100", "1000.00"]], "no_dollars_fp": [["0.0100", "1000.00"]]}
    stamped = {"ts": START.isoformat().replace("+00:00", "Z"), "ts_ms": START_MS}
    notes = [
        {
            "type": "recorder.market",
            "msg": {"ticker": ticker, "event_ticker": EVENT, "title": ticker, "result": result},
        }
        for ticker, result in ((OPEN, ""), (ENDING, "yes"))
    ]
    books = [
        {
            "type": "orderbook_snapshot",
            "sid": 1,
            "seq": seq,
            "sending_ts_ms": START_MS,
            "msg": {"market_ticker": ticker, "market_id": ticker, **far},
        }
        for seq, ticker in enumerate((OPEN, ENDING), start=1)
    ]
    deltas = [
        {
            "type": "orderbook_delta",
            "sid": 1,
            "seq": seq,
            "msg": {
                "market_ticker": OPEN,
                "market_id": OPEN,
                "price_dollars": "0.0200",
                "delta_fp": "1.00",
                "side": "yes",
                **stamped,
                "ts_ms": START_MS + after_ms,
            },
        }
        for seq, after_ms in ((3, 0), (4, DETERMINED_MS), (5, END_MS))
    ]
    outcome = {
        "type": "market_lifecycle_v2",
        "sid": 2,
        "seq": 1,
        "msg": {
            "market_ticker": ENDING,
            "event_type": "determined",
            "result": "yes",
            "settlement_value": "1.0000",
            "determination_ts": (START_MS + DETERMINED_MS) // 1000,
        },
    }
    return [*notes, *books, *deltas[:2], outcome, deltas[2]]


@asynccontextmanager
async def process(*command: object) -> AsyncIterator[asyncio.subprocess.Process]:
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(
        *map(str, command), cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe
    )
    try:
        yield child
    finally:
        if child.returncode is None:
            child.kill()
        await child.communicate()


async def scenario(manner: str, python: Path, folder: Path) -> Run:
    """Run the scenario of one package against an exchange of its own."""
    session = folder / "session.jsonl"
    session.write_text("".join(json.dumps(line) + "\n" for line in lines()))
    command = [sys.executable, "-m", "core.cli", "sandbox", "--source", session, "--home", folder]
    options = ["--speed", SPEED, "--accounts", 2, "--set", f"live_data_ms={LIVE_DATA_MS}"]
    async with process(*command, *options) as exchange:
        access = json.loads(await exchange.stdout.readline())
        errors, trouble = await drive(manner, python, access)
        exchange.send_signal(signal.SIGTERM)
        return Run(errors, trouble, await exchange.wait())


async def drive(
    manner: str, python: Path, access: dict[str, Any]
) -> tuple[dict[str, list[str]], str]:
    accounts = [
        {"api_key_id": a["api_key_id"], "pem": pem_of(a)}
        for a in (access, *access["other_accounts"])
    ]
    facts = {
        "base_url": access["base_url"],
        "accounts": accounts,
        "series": "KXSDK",
        "event": EVENT,
        "open": OPEN,
        "ending": ENDING,
        "start_ms": START_MS,
    }
    errors: dict[str, list[str]] = {}
    async with process(python, SCENARIO, manner) as child, AsyncExitStack() as stack:
        child.stdin.write(json.dumps(facts).encode() + b"\n")
        async for text in child.stdout:
            line = json.loads(text)
            if "let_time_pass" in line:
                await let_time_pass(stack, access, accounts[0]["pem"])
            else:
                errors[line["method"]] = line["errors"]
        return errors, (await child.stderr.read()).decode()


def pem_of(account: dict[str, str]) -> str:
    return Path(account["private_key_file"]).read_text()


async def let_time_pass(stack: AsyncExitStack, access: dict[str, Any], pem: str) -> None:
    """Subscribe to a book: a recording begins with its first subscriber."""
    http = await stack.enter_async_context(aiohttp.ClientSession())
    key = load_pem_private_key(pem.encode(), None)
    client = PlainClient(access["base_url"], access["ws_url"], access["api_key_id"], key, http)
    socket = await stack.enter_async_context(client.socket())
    await socket.subscribe("orderbook_delta", market_ticker=OPEN)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    """Both scenarios, side by side."""
    python = environment_or_skip()

    async def both() -> list[Run]:
        folders = [tmp_path_factory.mktemp(manner) for manner in MANNERS]
        pairs = zip(MANNERS, folders, strict=True)
        async with asyncio.timeout(BOUND_S):
            return await asyncio.gather(*(scenario(m, python, f) for m, f in pairs))

    return dict(zip(MANNERS, asyncio.run(both()), strict=True))


@pytest.mark.parametrize("manner", MANNERS)
def test_scenario_ends_by_itself(runs: dict[str, Run], manner: str) -> None:
    assert runs[manner].trouble == ""
    assert set(runs[manner].errors) == set(METHODS)


@pytest.mark.parametrize("manner", MANNERS)
def test_exchange_ends_on_sigterm(runs: dict[str, Run], manner: str) -> None:
    assert runs[manner].exchange_status == 0


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("manner", MANNERS)
def test_method_means_what_it_says(runs: dict[str, Run], manner: str, method: str) -> None:
    assert method in runs[manner].errors, "the scenario never came to it"
    assert "\n".join(runs[manner].errors[method]) == ""


async def test_first_steps_on_a_generated_exchange(tmp_path: Path) -> None:
    python = environment_or_skip()
    command = [sys.executable, "-m", "core.cli", "sandbox", "--home", tmp_path]
    async with asyncio.timeout(BOUND_S), process(*command) as exchange:
        access = await exchange.stdout.readline()
        async with process(python, SCENARIO.with_name("sdk_smoke.py")) as child:
            out, error = await child.communicate(access)
    assert error.decode().splitlines()[-6:] == []
    told = {"balance": "1000.0000", "markets": 5, "status": "resting", "reduced_by": "1.00"}
    assert json.loads(out) == told
