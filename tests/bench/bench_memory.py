"""Memory of the console while stream time passes: its level, and its slope once warm.

The slope is that of the private part: resident pages of library files come and go as the system
likes, by tens of MiB.
"""

import argparse
import os
from statistics import linear_regression

from console_process import SAMPLE_SECONDS, TRADING, ConsoleHome, ConsoleRun
from medians import medians

from core.errors import JobError

_WARM_UP_SHARE = 0.4
_SECONDS_PER_MINUTE = 60


def measure(args: argparse.Namespace) -> dict[str, object]:
    """Return the peak and the warm part in MiB, and its slope per hour of stream time.

    Raises:
        JobError: too short a run, or a speed without a ratio to stream time.
    """
    if args.speed == "max":
        raise JobError("bench memory needs a speed that is a number: stream time is its measure")
    seconds = args.minutes * _SECONDS_PER_MINUTE
    arguments = ["--smoke", str(seconds), "--speed", args.speed]
    if args.session is not None:
        arguments += ["--session", str(args.session.resolve())]
    with ConsoleHome() as home:
        runs = [home.run(arguments) for _ in range(args.runs)]
    return {
        "source": runs[0].summary["source"],
        "runs": args.runs,
        "stream_hours": round(seconds * float(args.speed) / 3600, 2),
        "load_average": round(os.getloadavg()[0], 2),
        **medians([_figures(run, seconds, float(args.speed)) for run in runs]),
    }


def _figures(run: ConsoleRun, seconds: float, speed: float) -> dict[str, float | None]:
    began = round(run.logged_ms(TRADING) / 1000 / SAMPLE_SECONDS)
    trading = run.private_mib[began : began + round(seconds / SAMPLE_SECONDS)]
    warm = trading[round(len(trading) * _WARM_UP_SHARE) :]
    if len(warm) < 2:
        raise JobError("the run was too short for a slope: use more --minutes")
    hours = [index * SAMPLE_SECONDS * speed / 3600 for index in range(len(warm))]
    return {
        "deltas": run.summary["deltas"],
        "rss_mib_max": max(run.rss_mib),
        "rss_mib_end": run.rss_mib[-1],
        "private_mib_warm": warm[0],
        "private_mib_end": warm[-1],
        "slope_mib_per_stream_hour": linear_regression(hours, warm).slope,
    }
