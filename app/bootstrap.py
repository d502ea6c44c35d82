"""Composition root of the console: settings, window, running core, and the ordered way out.

The window is shown first; the core, with everything it imports, comes after the first frame.
"""

import asyncio
import importlib
import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication, QWidget

from app import follow_settings
from app.arguments import Options
from app.commands import Commands
from app.dialogs.close_question import CANCEL
from app.journal import LogJournal, decision_journal
from app.main_window import MainWindow
from app.panels.decisions import DecisionsPanel
from app.panels.depth import DepthPanel
from app.panels.dock_body import DockBody
from app.panels.ladder import LadderPanel
from app.panels.log import LogPanel
from app.panels.markets import MarketsPanel
from app.panels.orders import OrdersPanel
from app.panels.positions import PositionsPanel
from app.panels.systems import SystemsPanel
from app.selection import Selection
from app.sources import SwitchSource
from app.starting_source import StartingSource
from app.theme_controller import ThemeController
from core.errors import JobError
from core.runtime.commands import Answer, CancelAllOrders, Command, FollowMarkets, StopTrading
from core.runtime.signals import on_stop_signal
from core.runtime.venue import venue_of
from core.settings import Settings

if TYPE_CHECKING:
    from core.runtime.runtime import Runtime
    from core.runtime.smoke import SmokeResult

_log = logging.getLogger(__name__)
PICTURE_SIZE = (1600, 900)
PANELS: dict[str, type[DockBody]] = {
    "markets": MarketsPanel,
    "ladder": LadderPanel,
    "depth": DepthPanel,
    "decisions": DecisionsPanel,
    "orders": OrdersPanel,
    "positions": PositionsPanel,
    "systems": SystemsPanel,
    "log": LogPanel,
}


class Console:
    """The window and whichever core runs behind it.

    Attributes:
        window: the main window.
        source: what its panels read, whichever core runs.
        commands: what its widgets do.
    """

    def __init__(self, app: QApplication, options: Options, log: LogJournal) -> None:
        self._options = options
        self._log = log
        self._decisions = decision_journal()
        self._runtime: Runtime | None = None
        self._opening = asyncio.Lock()
        self._is_closing = False
        self._close: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        settings = options.settings
        self._ini = ini = QSettings(str(settings.home / "console.ini"), QSettings.Format.IniFormat)
        if options.is_following_named:
            follow_settings.keep(ini, follow_settings.of(settings))
        elif options.smoke_seconds is None:
            kept = follow_settings.kept(ini)
            asked = follow_settings.without_names(kept) if settings.sessions else kept
            settings = follow_settings.applied(asked, settings)
        self._settings = settings
        venue = venue_of(settings)
        self.source = SwitchSource(StartingSource(venue.word, venue.description, log))
        self.commands = Commands(self._execute, self._reopen, settings.strategy)
        selection = Selection()
        themes = ThemeController(app, ini)
        panels: dict[str, QWidget] = {
            key: panel(self.source, selection, themes.theme, self.commands)
            for key, panel in PANELS.items()
        }
        self.window = MainWindow(self.source, self.commands, selection, themes, ini, panels)
        self.window.frames.began.connect(self.source.hold)
        self.window.frames.ended.connect(self.source.release)
        self.window.close_requested.connect(self._on_close_requested)

    # --- running -----------------------------------------------------------------------------

    async def run(self) -> int:
        """Show the window and run until it is closed. Returns the exit code."""
        await self._show()
        on_stop_signal(lambda: self._on_close_requested(CANCEL))
        first = asyncio.get_running_loop().create_task(
            self._open(self._settings), name="first core"
        )
        try:
            await asyncio.wait([first, self._close], return_when=asyncio.FIRST_COMPLETED)
            if first.done():
                first.result()
            choice = await self._close
            if choice == CANCEL and first.done():
                await self._quiet()
        finally:
            first.cancel()
            await asyncio.wait([first])
            await self._shut_down()
        return 0

    async def _quiet(self) -> None:
        if self._runtime is not None:
            await self._execute(StopTrading())
            await self._execute(CancelAllOrders())
            await self._runtime.quiet()

    async def run_smoke(self, seconds: float) -> "SmokeResult":
        """Do the main job once behind the window, take the picture, shut down."""
        self.window.resize(*PICTURE_SIZE)
        await self._show()
        smoke = await asyncio.to_thread(importlib.import_module, "core.runtime.smoke")
        runtime = await self._make(self._settings)
        self._runtime = None  # the run stops it itself
        try:
            result: SmokeResult = await smoke.run_smoke(
                runtime, seconds, self.window.frames, self._take_picture
            )
        finally:
            await self._shut_down()
        return result

    async def _show(self) -> None:
        self.window.show()
        _log.info("window shown")
        await asyncio.sleep(0)  # let the first frame be painted before the core is imported

    async def _take_picture(self) -> None:
        path = self._options.screenshot
        if path is not None and not self.window.grab().save(str(path), "PNG"):
            raise JobError(f"the picture could not be written to {path}: check the folder")

    # --- the core behind the window ----------------------------------------------------------

    async def _make(self, settings: Settings) -> "Runtime":
        module = await asyncio.to_thread(importlib.import_module, "app.live_source")
        runtime: Runtime = module.Runtime(settings)
        source = module.LiveSource(runtime, self._log, self._decisions, self.window.frame_times_ms)
        self.source.switch(source)
        self.window.source_changed()
        self._runtime = runtime
        return runtime

    async def _open(self, settings: Settings) -> bool:
        """Close the running core and start another, unless the console closes first.

        A core that still starts when another is opened, or the console closes, ends at once.

        Returns:
            Whether this is the core that runs now.
        """
        async with self._opening:
            if self._runtime is not None:
                await self._runtime.stop()
            if self._is_closing:
                return False
            runtime = await self._make(settings)
        await runtime.start()
        return self._runtime is runtime and not self._is_closing

    async def _reopen(self, sessions: tuple[Path, ...], speed: float) -> Answer:
        """Close the running core and open another on these sessions."""
        missing = [path for path in sessions if not path.is_file()]
        if missing:
            return Answer(False, f"{missing[0]} is not a file: choose a recorded session.")
        mode = "replay" if sessions else "sandbox"
        asked = follow_settings.kept(self._ini)
        settings = follow_settings.applied(asked, self._settings)
        settings = replace(settings, mode=mode, sessions=sessions, speed=speed)
        if not await self._open(settings):
            return Answer(False, "Given up: the console closes, or another market was opened.")
        names = ", ".join(path.name for path in sessions)
        if not names:
            return Answer(True, "Sandbox opened.")
        is_other = await self._follow_all_if_none(asked)
        scope = " with all its markets: none is among those you follow" if is_other else ""
        return Answer(True, f"Replaying {names}{scope}.")

    async def _follow_all_if_none(self, asked: FollowMarkets) -> bool:
        """Follow a session's own markets where it has none of those that were kept."""
        anything = follow_settings.without_names(asked)
        if self._runtime is None or self._runtime.markets or asked == anything:
            return False
        return (await self._runtime.execute(anything)).accepted

    async def _execute(self, command: Command) -> Answer:
        if self._runtime is None:
            return Answer(False, "The core is still starting; try again in a moment.")
        return await self._runtime.execute(command)

    def _on_close_requested(self, choice: str) -> None:
        if not self._close.done():
            self._close.set_result(choice)

    async def _shut_down(self) -> None:
        self._is_closing = True
        self.window.finish()
        async with self._opening:  # a core that is being closed is closed to its end
            if self._runtime is not None:
                await self._runtime.stop()
        await self.commands.close()
        self.window.deleteLater()
