"""The Qt application and its asyncio loop: made once, closed in order."""

import asyncio
import logging
import sys
from types import TracebackType
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QApplication

from app.arguments import Options
from app.bootstrap import Console
from app.console_loop import ConsoleLoop
from app.journal import LogJournal

if TYPE_CHECKING:
    from core.runtime.smoke import SmokeResult

_log = logging.getLogger(__name__)


def run_on_qt(options: Options) -> "int | SmokeResult":
    """Run the console, or its smoke run, on the Qt loop."""
    log = LogJournal()
    logging.getLogger().addHandler(log)
    app = QApplication(sys.argv[:1])
    app.setApplicationName("Kalshi Flow")
    app.setQuitOnLastWindowClosed(False)  # else closing any window ends the loop with work pending
    sys.excepthook = _log_uncaught
    loop = ConsoleLoop(app)
    asyncio.set_event_loop(loop)
    loop.set_exception_handler(_log_lost)
    with loop:
        return loop.run_until_complete(_run(app, options, log))


async def _run(app: QApplication, options: Options, log: LogJournal) -> "int | SmokeResult":
    console = Console(app, options, log)
    if options.smoke_seconds is not None:
        return await console.run_smoke(options.smoke_seconds)
    return await console.run()


def _log_uncaught(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    _log.error("uncaught error", exc_info=(kind, error, trace))


def _log_lost(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    error = context.get("exception")
    _log.error("%s", context.get("message"), exc_info=error if error else None)
