"""One exchange on one core: 20 000 book messages a second to a subscriber, and orders meanwhile.

Times are wall times: on a busy Linux machine run it before all others, with `chrt -f 10`.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from exchange_client import ORDERS_PER_S
from exchange_process import MARKETS, MESSAGES_PER_MS, TICKERS
from medians import medians

from core.clock import SystemClock
from core.errors import JobError

_HERE = Path(__file__).parent
_CLOCK = SystemClock()
_PATIENCE_S = 30


def measure(args: argparse.Namespace) -> dict[str, object]:
    """Return medians; `exchange_core_share` is of processor time, whoever else used the machine."""
    runs = [_run(args.seconds) for _ in range(args.runs)]
    return {
        "markets": MARKETS,
        "wanted_messages_per_s": MESSAGES_PER_MS * 1_000,
        "wanted_orders_per_s": ORDERS_PER_S,
        "runs": args.runs,
        "seconds": args.seconds,
        "load_average": round(os.getloadavg()[0], 2),
        **medians(runs),
    }


def _run(seconds: float) -> dict[str, float]:
    with _exchange() as (server, serving):
        subscriber = _client("subscribe", serving, seconds)
        before_s, began_ns = _cpu_s(server), _CLOCK.monotonic_ns()
        trader = _client("trade", serving, seconds * 0.9)
        figures = _figures(trader, seconds) | _figures(subscriber, seconds)
        took_s = (_CLOCK.monotonic_ns() - began_ns) / 1e9
        figures["exchange_core_share"] = (_cpu_s(server) - before_s) / took_s
        figures["exchange_rss_mib"] = psutil.Process(server.pid).memory_info().rss / 2**20
    return figures


@contextmanager
def _exchange() -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    command = [sys.executable, str(_HERE / "exchange_process.py")]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    if server.stdin is None or server.stdout is None:
        raise JobError("the exchange has no pipes")
    try:
        yield server, json.loads(server.stdout.readline())
    finally:
        server.stdin.close()
        server.wait(timeout=_PATIENCE_S)
        server.stdout.close()


def _client(work: str, serving: dict[str, Any], seconds: float) -> subprocess.Popen[str]:
    command = [sys.executable, str(_HERE / "exchange_client.py"), work]
    client = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    if client.stdin is None:
        raise JobError("a client has no pipe")
    told = {"serving": serving, "tickers": TICKERS, "seconds": seconds}
    client.stdin.write(json.dumps(told) + "\n")
    client.stdin.flush()
    return client


def _figures(client: subprocess.Popen[str], seconds: float) -> dict[str, float]:
    told, _ = client.communicate(timeout=seconds + _PATIENCE_S)
    if client.returncode:
        raise JobError(f"a client of the exchange ended with {client.returncode}")
    figures: dict[str, float] = json.loads(told)
    return figures


def _cpu_s(process: subprocess.Popen[str]) -> float:
    times = psutil.Process(process.pid).cpu_times()
    return times.user + times.system
