"""`kalshiflow-rl sandbox`: run the local exchange until told to stop."""

import argparse
import asyncio
import gc
import json
import logging
import os
import signal
import sys
import threading
from pathlib import Path

from core.clock import SystemClock, WallClock
from core.errors import ConfigError
from core.sandbox.auth import PrivateKey, make_key, private_pem
from core.sandbox.flow import GeneratedFlow
from core.sandbox.generated_source import GeneratedSource
from core.sandbox.recorded_source import RecordedSource
from core.sandbox.rule_settings import describe_rules, parse_rules
from core.sandbox.server import Sandbox, SandboxSettings
from core.sandbox.sources import Source
from core.storage.importing import read_session
from core.storage.recorded_session import RecordedSession
from core.units import MICROS_PER_DOLLAR

_EXAMPLE = """example:
  kalshiflow-rl sandbox --port 8899 --source session.jsonl.gz --speed 10 --json
  kalshiflow-rl sandbox --set tier=advanced --set read_lag_ms=300-1000

settings (--set NAME=VALUE):
"""
_GENERATED = "generated"
_LONGEST_PAUSE_MS = 3_600_000
_log = logging.getLogger(__name__)


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
    parser.add_argument(
        "--source",
        nargs="+",
        default=[_GENERATED],
        metavar="SOURCE",
        help="'generated' (default) or recorded session files, played in order of time",
    )
    parser.add_argument("--seed", type=int, default=1, help="of the generated flow and of ids")
    parser.add_argument("--markets", type=_positive, default=8, help="generated markets an event")
    parser.add_argument(
        "--speed", type=_speed, default=1.0, metavar="N|max", help="venue seconds per second"
    )
    parser.add_argument(
        "--accounts",
        type=_positive,
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
    parser.add_argument("--home", type=Path, help="folder for the key file")
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
    sandbox = Sandbox(settings, _source(args, clock), clock)
    others = [_open_account(sandbox) for _ in range(args.accounts - 1)]
    stopping = _stop_event(args.child)
    async with sandbox.running():
        _spare_the_collector()
        print(json.dumps(_line(sandbox, others, args)), flush=True)
        await stopping.wait()
    return 0


def _spare_the_collector() -> None:
    """Keep what was loaded out of garbage collection for good: a full one took 70 ms of orders."""
    gc.collect()
    gc.freeze()


def _source(args: argparse.Namespace, clock: WallClock) -> Source:
    if args.source == [_GENERATED]:
        start_ms = clock.now_ms()
        return GeneratedSource(GeneratedFlow(args.seed, args.markets, start_ms), start_ms)
    sessions = [read_session(Path(name)) for name in args.source]
    for session in sessions:
        if session.report.damaged:
            _log.warning(
                "session %s is damaged (%s): it is played up to there",
                session.name,
                session.report.damaged,
            )
    _refuse_long_pauses(sessions)
    return RecordedSource(sessions)


def _refuse_long_pauses(sessions: list[RecordedSession]) -> None:
    """Sessions play in their own time, so days between them would be days of nothing.

    Raises:
        ConfigError: two neighbours lie more than an hour apart.
    """
    played = sorted(sessions, key=lambda session: session.start_ms)
    end_ms = played[0].end_ms
    for session in played[1:]:
        if session.start_ms - end_ms > _LONGEST_PAUSE_MS:
            hours = (session.start_ms - end_ms) / 3_600_000
            raise ConfigError(
                f"session {session.name} begins {hours:.1f} hours after the one before it ends; "
                "replay them one by one"
            )
        end_ms = max(end_ms, session.end_ms)


def _line(
    sandbox: Sandbox, others: list[tuple[str, PrivateKey]], args: argparse.Namespace
) -> dict[str, object]:
    line: dict[str, object] = {"base_url": sandbox.base_url, "ws_url": sandbox.ws_url}
    line |= _access(sandbox.api_key_id, sandbox.private_key, args)
    if others:
        line["other_accounts"] = [_access(key_id, key, args) for key_id, key in others]
    return line


def _open_account(sandbox: Sandbox) -> tuple[str, PrivateKey]:
    key = make_key()
    return sandbox.add_account(key.public_key()), key


def _access(key_id: str, key: PrivateKey, args: argparse.Namespace) -> dict[str, str]:
    """What a client needs to speak for one account."""
    pem = private_pem(key)
    if args.child:
        return {"api_key_id": key_id, "private_key_pem": pem}
    path = _write_key(_home(args), key_id, pem)
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
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
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


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _speed(text: str) -> float:
    speed = 0.0 if text == "max" else float(text)
    if text != "max" and not 0 < speed <= 1e6:
        raise argparse.ArgumentTypeError("a positive number, or max")
    return speed


def _dollars(text: str) -> float:
    amount = float(text)
    if not 0 <= amount <= 1e9:
        raise argparse.ArgumentTypeError("between 0 and a billion")
    return amount
