"""A fast replay under the console: nothing lost, frames in time, decisions at once."""

import argparse
import os

from console_process import ConsoleHome, ConsoleRun
from medians import medians

_COUNTED = (
    "deltas",
    "decisions",
    "orders",
    "rows_recorded",
    "dropped",
    "late",
    "gaps",
    "frame_ms_p50",
    "frame_ms_p99",
    "frame_ms_max",
    "frame_gap_ms_p99",
    "frame_gap_ms_max",
    "decision_ms_p50",
    "decision_ms_p99",
)


def measure(args: argparse.Namespace) -> dict[str, object]:
    """Return medians of the smoke summaries; a first run warms caches and does not count."""
    arguments = ["--smoke", str(args.seconds), "--session", str(args.session.resolve())]
    arguments += ["--speed", args.speed, *(["--headless"] if args.headless else [])]
    with ConsoleHome() as home:
        home.run([*arguments, "--smoke", "1"])
        runs = [home.run(arguments) for _ in range(args.runs)]
    figures = medians([_figures(run, args.seconds) for run in runs])
    return {
        "session": args.session.name,
        "speed": args.speed,
        "headless": args.headless,
        "runs": args.runs,
        "load_average": round(os.getloadavg()[0], 2),
        **figures,
    }


def _figures(run: ConsoleRun, seconds: float) -> dict[str, float | None]:
    return {
        **{name: run.summary[name] for name in _COUNTED},
        "deltas_per_s": run.summary["deltas"] / seconds,
        "rss_mib": max(run.rss_mib, default=None),
    }
