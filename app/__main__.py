"""Entry point of `kalshiflow`: arguments, the way without a window, and the Qt loop.

Child roles are dispatched before Qt is imported, because a frozen program starts itself for them.
"""

import asyncio
import json
import logging
import logging.handlers
import multiprocessing
import os
import sys
from pathlib import Path

from app.arguments import Options, parse
from core.errors import ConfigError, ConsoleError, RefusedError
from core.settings import environment

EXIT_FAILED, EXIT_USAGE, EXIT_REFUSED = 1, 2, 3
CHILD_ROLES = ("sandbox",)
_log = logging.getLogger("app")


def main() -> int:
    """Run the console; returns the exit code."""
    multiprocessing.freeze_support()
    arguments = sys.argv[1:]
    if arguments and arguments[0] in CHILD_ROLES:
        from core.cli.__main__ import main as run_command

        return run_command(arguments)
    try:
        return _run(parse(arguments))
    except RefusedError as error:
        return _say(error, EXIT_REFUSED)
    except ConfigError as error:
        return _say(error, EXIT_USAGE)
    except ConsoleError as error:
        return _say(error, EXIT_FAILED)
    except (KeyboardInterrupt, asyncio.CancelledError):
        return EXIT_FAILED


def _say(error: ConsoleError, code: int) -> int:
    print(f"kalshiflow: {error}", file=sys.stderr)
    return code


def _run(options: Options) -> int:
    from core.runtime.venue import venue_of

    venue_of(options.settings)
    _check_sessions(options)
    _open_home(options.settings.home)
    os.environ["KALSHIFLOW_HOME"] = str(options.settings.home)
    is_windowless = options.is_headless or not _has_display(options)
    if options.smoke_seconds is not None:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        if not options.is_headless:
            return _run_window(options)
    if is_windowless:
        return _run_headless(options)
    return _run_window(options)


def _check_sessions(options: Options) -> None:
    for path in options.settings.sessions:
        if not path.is_file():
            raise ConsoleError(f"session file {path} does not exist: check the path")


def _open_home(home: Path) -> None:
    """Make the folder of all state and begin the log file.

    Raises:
        ConsoleError: it cannot be written.
    """
    try:
        (home / "logs").mkdir(parents=True, exist_ok=True)
        handler = logging.handlers.RotatingFileHandler(
            home / "logs" / "console.log", maxBytes=5_000_000, backupCount=3, encoding="utf-8"
        )
    except OSError as error:
        raise ConsoleError(
            f"the folder {home} cannot be used ({error.strerror}): choose another with --home"
        ) from error
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    root.addHandler(handler)
    stderr = logging.StreamHandler()
    stderr.setLevel(logging.WARNING)
    stderr.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    root.addHandler(stderr)


def _has_display(options: Options) -> bool:
    variables = environment()
    if not sys.platform.startswith("linux") or "QT_QPA_PLATFORM" in variables:
        return True
    return bool(variables.get("DISPLAY") or variables.get("WAYLAND_DISPLAY"))


def _run_headless(options: Options) -> int:
    from core.runtime.headless import run_headless
    from core.runtime.runtime import Runtime
    from core.runtime.smoke import run_smoke

    if options.smoke_seconds is not None:
        runtime = Runtime(options.settings)
        result = asyncio.run(run_smoke(runtime, options.smoke_seconds))
        return _report(result.summary, result.failures)
    if not options.is_headless:
        print("kalshiflow: no display, running without a window; Ctrl-C stops.", file=sys.stderr)
    if not options.is_strategy_named:
        print("kalshiflow: collecting only; add --strategy hardcoded to trade.", file=sys.stderr)
    return asyncio.run(run_headless(options.settings, options.is_strategy_named))


def _report(summary: dict[str, str | int | float | None], failures: tuple[str, ...]) -> int:
    for failure in failures:
        print(f"kalshiflow: {failure}", file=sys.stderr)
    print(json.dumps(summary), flush=True)
    return EXIT_FAILED if failures else 0


def _run_window(options: Options) -> int:
    from app.qt_loop import run_on_qt

    outcome = run_on_qt(options)
    if isinstance(outcome, int):
        return outcome
    return _report(outcome.summary, outcome.failures)


if __name__ == "__main__":
    sys.exit(main())
