"""`bench`: what the program's speed and memory are, measured on demand and never in a test.

`replay` works anywhere. The others compare with naive baselines, or watch the console from
outside; their programs lie in `tests/bench` and are loaded from there, so they need a checkout.
"""

import argparse
import importlib
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from core.cli import bench_replay
from core.errors import ConfigError, JobError
from core.sandbox.flow_profiles import PROFILES

Figures = Mapping[str, object]
Measure = Callable[[argparse.Namespace], Figures]

WRONG = "wrong"
"""The figure of a measurement that says what came out wrong, "" for nothing."""
ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = ROOT / "tests" / "bench"
DEMO_SESSION = ROOT / "resources" / "demo" / "demo-session.jsonl.gz"


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `bench` and what it can measure."""
    bench = subparsers.add_parser("bench", help="measure parts of the program")
    kinds = bench.add_subparsers(dest="bench", required=True)
    bench_replay.add_parser(kinds)
    _add(kinds, "decode", "decode, apply and read books, beside the usual design")
    console = _add(kinds, "console", "frames, decisions and losses of a fast replay")
    console.add_argument("--speed", default="100", metavar="N|max", help="default 100")
    console.add_argument("--seconds", type=float, default=9.0, metavar="S", help="default 9")
    console.add_argument("--headless", action="store_true", help="without the window")
    _add(kinds, "start", "process start to window, and to live books")
    memory = _add(kinds, "memory", "resident memory of the console, and its slope")
    memory.add_argument("--speed", default="60", metavar="N", help="default 60")
    memory.add_argument("--minutes", type=float, default=1.0, metavar="M", help="wall time, 1")
    memory.set_defaults(session=None)
    _add_flow_stats(kinds)
    _add_plain(kinds, "engine", "order operations and memory of the matching engine")
    _add_feed_soak(kinds)
    exchange = _add_plain(kinds, "exchange", "a fast feed of a thousand markets, and orders in it")
    exchange.add_argument("--seconds", type=float, default=10.0, metavar="S", help="default 10")


def _add_flow_stats(kinds: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    made = kinds.add_parser("flow-stats", help="generated flow beside the measured markets")
    made.add_argument("--profile", choices=list(PROFILES), default=next(iter(PROFILES)))
    made.add_argument("--minutes", type=float, metavar="M", help="venue time; whole events")
    made.add_argument("--seed", type=int, default=1, metavar="N", help="default 1")
    made.add_argument("--markets", type=int, default=8, metavar="N", help="an event, default 8")
    made.add_argument("--session", type=Path, metavar="FILE", help="a recording to compare too")
    made.add_argument(
        "--spread", type=Path, metavar="FOLDER", help="say how much these recordings differ instead"
    )
    made.add_argument("--json", action="store_true", help="print one JSON object")
    made.set_defaults(run=run, runs=1)


def _add_feed_soak(kinds: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    made = kinds.add_parser("feed-soak", help="the client at a fast exchange that often fails")
    made.add_argument("--minutes", type=float, default=10.0, metavar="M", help="venue time, 10")
    made.add_argument("--rate", type=int, default=20_000, metavar="N", help="messages a second")
    made.add_argument("--seed", type=int, default=1, metavar="N", help="of load and faults, 1")
    made.add_argument(
        "--scope",
        choices=("books", "all"),
        default="books",
        help="faults of book subscriptions and creates, or of all channels and calls; books",
    )
    made.add_argument("--json", action="store_true", help="print one JSON object")
    made.set_defaults(run=run, runs=1)


def _add(
    kinds: "argparse._SubParsersAction[argparse.ArgumentParser]", kind: str, purpose: str
) -> argparse.ArgumentParser:
    made = _add_plain(kinds, kind, purpose)
    made.add_argument(
        "--session",
        type=Path,
        default=DEMO_SESSION,
        metavar="FILE",
        help="session file, the shipped demo session by default",
    )
    return made


def _add_plain(
    kinds: "argparse._SubParsersAction[argparse.ArgumentParser]", kind: str, purpose: str
) -> argparse.ArgumentParser:
    """Add a measurement that plays no session."""
    made = kinds.add_parser(kind, help=purpose)
    made.add_argument("--runs", type=int, default=5, metavar="N", help="default 5")
    made.add_argument("--json", action="store_true", help="print one JSON object")
    made.set_defaults(run=run)
    return made


def run(args: argparse.Namespace) -> int:
    """Measure and print; figures of several runs are medians.

    Raises:
        ConfigError: the numbers make no sense, or this is no checkout.
        JobError: what was measured came out wrong; its figures are printed all the same.
    """
    if args.runs < 1:
        raise ConfigError("--runs needs at least 1")
    figures = _program(args.bench)(args)
    if args.json:
        sys.stdout.write(json.dumps(figures) + "\n")
    else:
        sys.stdout.writelines(f"{name:24} {value}\n" for name, value in figures.items())
    wrong = figures.get(WRONG)
    if wrong:
        raise JobError(f"bench {args.bench}: {wrong}")
    return 0


def _program(kind: str) -> Measure:
    name = f"bench_{kind.replace('-', '_')}"
    if not (PROGRAMS / f"{name}.py").is_file():
        raise ConfigError(
            f"bench {kind} measures with programs of the source tree, which is not here: run it "
            "from a checkout"
        )
    if str(PROGRAMS) not in sys.path:
        sys.path.append(str(PROGRAMS))
    measure: Measure = importlib.import_module(name).measure
    return measure
