"""From process start to the window, and to books that live; and what the process imported."""

import argparse
import os

from console_process import BOOKS_LIVE, WINDOW_SHOWN, ConsoleHome, ConsoleRun
from medians import medians

from core.errors import JobError

_HEAVY = ("torch", "stable_baselines3", "pandas", "matplotlib", "gymnasium")
_TELL_IMPORTS = """
import json, sys
from app.__main__ import main
main()
print(json.dumps({"modules": sorted(sys.modules)}))
"""


def measure(args: argparse.Namespace) -> dict[str, object]:
    """Return medians of warm starts.

    Raises:
        JobError: the console's process imported what only training may.
    """
    arguments = ["--smoke", "1", "--session", str(args.session.resolve())]
    with ConsoleHome() as home:
        modules = home.run(arguments, ("-c", _TELL_IMPORTS)).summary["modules"]
        heavy = [name for name in _HEAVY if name in modules]
        if heavy:
            raise JobError(f"the console's process imports {', '.join(heavy)}")
        runs = [home.run(arguments) for _ in range(args.runs)]
    return {
        "runs": args.runs,
        "load_average": round(os.getloadavg()[0], 2),
        **medians([_figures(run) for run in runs]),
        "heavy_imports": heavy,
    }


def _figures(run: ConsoleRun) -> dict[str, float | None]:
    return {
        "window_ms": run.logged_ms(WINDOW_SHOWN),
        "books_live_ms": run.logged_ms(BOOKS_LIVE),
        "rss_mib": max(run.rss_mib, default=None),
    }
