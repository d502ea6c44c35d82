"""The real window over the real core: start, trade, stop, open a session, close in order."""

import asyncio
import os
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication, QWidget

from app import follow_settings
from app.arguments import parse
from app.bootstrap import Console
from app.console_loop import ConsoleLoop
from app.dialogs.close_question import CANCEL, CloseQuestion
from app.journal import LogJournal
from core.runtime.commands import FollowMarkets
from core.storage.store import Storage

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "resources" / "demo" / "demo-session.jsonl.gz"
LIMIT_SECONDS = 60.0
QtRun = Callable[[Coroutine[Any, Any, None]], None]


@pytest.fixture
def qt_run(qapp: QApplication) -> Iterator[QtRun]:
    """Run a coroutine on the Qt loop; errors that reach nobody fail the test."""
    loop = ConsoleLoop(qapp)
    asyncio.set_event_loop(loop)
    lost: list[dict[str, Any]] = []
    loop.set_exception_handler(lambda _, context: lost.append(context))
    yield loop.run_until_complete
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()
    asyncio.set_event_loop(None)
    assert lost == []


def start(console: Console) -> "asyncio.Task[int]":
    return asyncio.get_running_loop().create_task(console.run(), name="console")


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(LIMIT_SECONDS):
        while not condition():  # noqa: ASYNC110  (state of other processes)
            await asyncio.sleep(0.02)


async def press(window: QWidget, text: str) -> None:
    """Trigger the window's action of this name, as menu, toolbar and shortcut do."""
    (action,) = [action for action in window.actions() if action.text() == text]
    await until(action.isEnabled)
    action.trigger()


def children() -> set[int]:
    """Child processes of this one that still run."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == os.getpid() and fields[0] != "Z":
            found.add(int(stat.parent.name))
    return found


def make(qapp: QApplication, home: Path, *arguments: str) -> Console:
    home.mkdir(exist_ok=True)
    return Console(qapp, parse(["--home", str(home), *arguments]), LogJournal())


def test_start_trade_stop_and_quit(qapp: QApplication, qt_run: QtRun, home: Path) -> None:
    before = children()

    async def main() -> None:
        console = make(qapp, home, "--session", str(DEMO), "--speed", "10")
        running = start(console)
        window, source = console.window, console.source
        await until(lambda: source.systems().books_live)
        await press(window, "Start trading")
        await until(lambda: source.systems().fills)
        assert source.systems().actor_state == "running"
        assert {row.outcome for row in source.decisions(0)} >= {"hold", "ordered"}
        await press(window, "Stop trading")
        await until(lambda: source.systems().actor_state == "off")
        await until(lambda: source.systems().open_orders == 0)
        window.close()
        assert await running == 0

    qt_run(main())
    assert children() == before


def test_closing_while_trading_asks_first(qapp: QApplication, qt_run: QtRun, home: Path) -> None:
    before = children()

    async def main() -> None:
        console = make(qapp, home, "--session", str(DEMO), "--speed", "5")
        running = start(console)
        window, source = console.window, console.source
        await until(lambda: source.systems().books_live)
        await press(window, "Start trading")
        await until(lambda: source.systems().open_orders)
        window.close()
        assert not running.done()
        (question,) = window.findChildren(CloseQuestion)
        question.chosen.emit(CANCEL)
        assert await running == 0
        assert source.systems().open_orders == 0

    qt_run(main())
    assert children() == before


def test_a_session_is_opened_from_the_running_console(
    qapp: QApplication, qt_run: QtRun, home: Path
) -> None:
    before = children()

    async def main() -> None:
        console = make(qapp, home)
        answers: list[str] = []
        console.commands.answered.connect(lambda text, accepted: answers.append(text))
        running = start(console)
        window, source = console.window, console.source
        await until(lambda: source.systems().books_live)
        assert source.systems().mode == "SANDBOX"
        console.commands.open_session([DEMO], 10.0)
        await until(lambda: source.systems().mode == "REPLAY" and source.systems().books_live)
        await until(lambda: "REPLAY" in window.windowTitle())
        assert {row.ticker.split("-")[0] for row in source.markets()} == {"KXDEMOIDX15M"}
        console.commands.open_session([home / "missing.jsonl"], 1.0)
        await until(lambda: any("is not a file" in text for text in answers))
        assert source.systems().mode == "REPLAY"
        window.close()
        assert await running == 0

    qt_run(main())
    assert children() == before


def test_a_session_opened_while_the_console_starts_leaves_one_core(
    qapp: QApplication, qt_run: QtRun, home: Path
) -> None:
    before = children()

    async def main() -> None:
        console = make(qapp, home)
        running = start(console)
        source = console.source
        await until(lambda: children() - before)
        console.commands.open_session([DEMO], 10.0)
        await until(lambda: source.systems().mode == "REPLAY" and source.systems().books_live)
        assert len(children() - before) == 2  # the exchange and the database
        console.window.close()
        assert await running == 0

    qt_run(main())
    assert children() == before


@pytest.mark.parametrize("has_reopened", [False, True])
def test_closing_ends_a_start_under_way(
    qapp: QApplication, qt_run: QtRun, home: Path, has_reopened: bool
) -> None:
    before = children()

    async def main() -> None:
        console = make(qapp, home)
        running = start(console)
        source = console.source
        if has_reopened:
            await until(lambda: source.systems().books_live)
            console.commands.open_session([DEMO], 1.0)
            await until(lambda: source.systems().mode == "REPLAY")
        await until(lambda: children() - before)
        console.window.close()
        assert await running == 0
        steps = {step.name: step.state for step in source.systems().steps}
        assert steps["Feed"] == "waiting"

    qt_run(main())
    assert children() == before


def test_a_core_that_is_replaced_while_the_console_closes_is_recorded_to_its_end(
    qapp: QApplication, qt_run: QtRun, home: Path
) -> None:
    async def main() -> None:
        console = make(qapp, home)
        running = start(console)
        source = console.source
        await until(lambda: source.systems().rows_recorded)
        console.commands.open_session([DEMO], 1.0)
        async with asyncio.timeout(LIMIT_SECONDS):
            while "write rows" in {task.get_name() for task in asyncio.all_tasks()}:  # noqa: ASYNC110
                await asyncio.sleep(0)  # a turn: what remains is to enter the session's end
        console.window.close()
        assert await running == 0
        storage = await Storage.open(home)
        sessions = await storage.sessions()
        await storage.close()
        assert [session.source for session in sessions] == ["generated"]
        assert sessions[0].ended_wall_ms is not None
        assert sessions[0].snapshots > 0

    qt_run(main())


def keep_series(home: Path, name: str) -> None:
    home.mkdir()
    ini = QSettings(str(home / "console.ini"), QSettings.Format.IniFormat)
    follow_settings.keep(ini, FollowMarkets(limit=3, series=(name,)))
    ini.sync()


def test_kept_names_that_nothing_matches_are_said_and_do_not_empty_a_session(
    qapp: QApplication, qt_run: QtRun, home: Path
) -> None:
    keep_series(home, "KXNONE")

    async def main() -> None:
        console = make(qapp, home)
        answers: list[str] = []
        console.commands.answered.connect(lambda text, accepted: answers.append(text))
        running = start(console)
        source = console.source
        await until(lambda: source.systems().alert)
        assert source.systems().alert == (
            "Markets: no open market of KXNONE: change it with Market ▸ Follow markets (Ctrl+M)"
        )
        assert not source.systems().can_trade
        console.commands.follow_markets(FollowMarkets(limit=2))
        await until(lambda: source.systems().can_trade and len(source.markets()) == 2)
        assert source.systems().alert == ""
        console.commands.open_session([DEMO], 10.0)
        await until(lambda: source.systems().mode == "REPLAY" and source.systems().books_live)
        await until(lambda: "none is among those you follow" in answers[-1])
        console.window.close()
        assert await running == 0

    qt_run(main())


def test_kept_names_leave_a_session_from_the_command_line_alone(
    qapp: QApplication, qt_run: QtRun, home: Path
) -> None:
    keep_series(home, "KXNONE")

    async def main() -> None:
        console = make(qapp, home, "--session", str(DEMO), "--speed", "10")
        running = start(console)
        await until(lambda: console.source.systems().books_live)
        assert console.source.systems().alert == ""
        console.window.close()
        assert await running == 0

    qt_run(main())


def test_kept_names_do_not_change_a_smoke_run(
    qapp: QApplication, qt_run: QtRun, home: Path
) -> None:
    keep_series(home, "KXNONE")

    async def main() -> None:
        console = make(qapp, home, "--smoke", "0.5")
        result = await console.run_smoke(0.5)
        assert result.summary["books_live"] == 6

    qt_run(main())
