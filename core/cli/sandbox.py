"""`kalshiflow-rl sandbox`: run the local exchange until told to stop."""

import argparse
import asyncio
import gc
import json
import os
import signal
import sys
import threading
from contextlib import ExitStack
from pathlib import Path

from core.cli.sandbox_source import add_arguments, opened_source, positive
from core.clock import SystemClock
from core.errors import ConfigError
from core.sandbox.auth import PrivateKey, make_key, private_pem
from core.sandbox.rule_settings import describe_rules, parse_rules
from core.sandbox.server import Sandbox, SandboxSettings
from core.units import MICROS_PER_DOLLAR

_EXAMPLE = """example:
  kalshiflow-rl sandbox --port 8899 --source session.jsonl.gz --speed 10 --json
  kalshiflow-rl sandbox --set tier=advanced --set read_lag_ms=300-1000
  kalshiflow-rl sandbox --set faults=7,every_ms=500,scope=all
  kalshiflow-rl sandbox --source mirror:production --series KXBTC15M < key.json

settings (--set NAME=VALUE):
"""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add this command."""
    parser = subparsers.add_parser(
        "sandbox",
        help="run the local exchange",
        description="Run the local exchange on a loopback port until SIGTERM. One JSON line on "
        "stdout tells where it serves and with which key.",
        epilog=_EXAMPLE + describe_rules(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=_port, default=0, help="0 for any free port (default)")
    add_arguments(parser)
    parser.add_argument(
        "--accounts",
        type=positive,
        default=1,
        metavar="N",
        help="accounts, each with --cash and a key; the line lists those after the first",
    )
    parser.add_argument("--cash", type=_dollars, default=1_000.0, metavar="DOLLARS")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        dest="settings",
        help="a rule of the exchange, once for each; the names stand below",
    )
    parser.add_argument(
        "--home", type=Path, help="folder for the key file, which is there while the exchange runs"
    )
    parser.add_argument("--json", action="store_true", help="accepted; the line is always JSON")
    parser.add_argument(
        "--child",
        action="store_true",
        help="put the private key into the line instead of a file; exit when stdin closes",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    return asyncio.run(_serve(args))


async def _serve(args: argparse.Namespace) -> int:
    clock = SystemClock()
    settings = SandboxSettings(
        port=args.port,
        speed=args.speed,
        cash_micros=round(args.cash * MICROS_PER_DOLLAR),
        seed=args.seed,
        rules=parse_rules(args.settings),
    )
    async with opened_source(args, clock) as source:
        sandbox = Sandbox(settings, source, clock)
        others = [_open_account(sandbox) for _ in range(args.accounts - 1)]
        stopping = _stop_event(args.child)
        async with sandbox.running():
            _spare_the_collector()
            with ExitStack() as key_files:
                print(json.dumps(_line(sandbox, others, args, key_files)), flush=True)
                await stopping.wait()
    return 0


def _spare_the_collector() -> None:
    """Keep what was loaded out of garbage collection for good: a full one took 70 ms of orders."""
    gc.collect()
    gc.freeze()


def _line(
    sandbox: Sandbox,
    others: list[tuple[str, PrivateKey]],
    args: argparse.Namespace,
    key_files: ExitStack,
) -> dict[str, object]:
    line: dict[str, object] = {"base_url": sandbox.base_url, "ws_url": sandbox.ws_url}
    line |= _access(sandbox.api_key_id, sandbox.private_key, args, key_files)
    if others:
        line["other_accounts"] = [_access(key_id, key, args, key_files) for key_id, key in others]
    return line


def _open_account(sandbox: Sandbox) -> tuple[str, PrivateKey]:
    key = make_key()
    return sandbox.add_account(key.public_key()), key


def _access(
    key_id: str, key: PrivateKey, args: argparse.Namespace, key_files: ExitStack
) -> dict[str, str]:
    """What a client needs to speak for one account; a key file lasts as long as `key_files`."""
    pem = private_pem(key)
    if args.child:
        return {"api_key_id": key_id, "private_key_pem": pem}
    path = _write_key(_home(args), key_id, pem)
    key_files.callback(path.unlink, missing_ok=True)
    return {"api_key_id": key_id, "private_key_file": str(path)}


def _home(args: argparse.Namespace) -> Path:
    if args.home is not None:
        return Path(args.home)
    return Path(os.environ.get("KALSHIFLOW_HOME") or Path.home() / ".kalshiflow")


def _write_key(home: Path, key_id: str, pem: str) -> Path:
    """Write the private key so that only its owner can read it."""
    path = home / "sandbox" / f"{key_id}.pem"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(pem)
    except OSError as error:
        raise ConfigError(
            f"the key file {path} cannot be written ({error.strerror}); name another folder "
            "with --home."
        ) from error
    return path.resolve()


def _stop_event(is_child: bool) -> asyncio.Event:
    """An event set by SIGTERM, SIGINT or, for a child, by the end of stdin."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, stopping.set)
        except NotImplementedError:  # Windows: the default action ends the process
            break
    if is_child:
        watcher = threading.Thread(
            target=_await_end_of_stdin, args=(loop, stopping), name="stdin-watcher", daemon=True
        )
        watcher.start()
    return stopping


def _await_end_of_stdin(loop: asyncio.AbstractEventLoop, stopping: asyncio.Event) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        continue
    loop.call_soon_threadsafe(stopping.set)


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65_535:
        raise argparse.ArgumentTypeError("a port lies between 0 and 65535")
    return port


def _dollars(text: str) -> float:
    amount = float(text)
    if not 0 <= amount <= 1e9:
        raise argparse.ArgumentTypeError("between 0 and a billion")
    return amount
