"""The loop: callbacks in their order, several in a turn, and Qt between the turns."""

import asyncio
from collections.abc import Callable, Iterator
from contextvars import ContextVar, copy_context
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QObject, QTimer
from PySide6.QtWidgets import QApplication

from app.console_loop import ConsoleLoop

LIMIT_SECONDS = 30.0
VALUE: ContextVar[str] = ContextVar("VALUE", default="default")


class Lost(list[dict[str, Any]]):
    """Errors that reached nobody."""


@pytest.fixture
def lost() -> Lost:
    return Lost()


@pytest.fixture
def loop(qapp: QApplication, lost: Lost) -> Iterator[ConsoleLoop]:
    made = ConsoleLoop(qapp)
    asyncio.set_event_loop(made)
    made.set_exception_handler(lambda _, context: lost.append(context))
    yield made
    made.close()
    asyncio.set_event_loop(None)


class Canvas(QObject):
    """Takes ordinary Qt events, as a widget takes the one to paint itself."""

    def __init__(self, paint: Callable[[], None]) -> None:
        super().__init__()
        self._paint = paint

    def event(self, event: QEvent) -> bool:
        self._paint()
        return True

    def update(self) -> None:
        QCoreApplication.postEvent(self, QEvent(QEvent.Type.User))


def chain(order: list[str], *names: str) -> Callable[[], None]:
    """A callback that calls the next one soon."""

    def run() -> None:
        order.append(names[0])
        if names[1:]:
            asyncio.get_running_loop().call_soon(chain(order, *names[1:]))

    return run


def test_what_follows_from_a_callback_runs_before_qt_paints(loop: ConsoleLoop) -> None:
    order: list[str] = []
    painted = asyncio.Event()

    def paint() -> None:
        order.append("paint")
        painted.set()

    canvas = Canvas(paint)

    async def main() -> None:
        canvas.update()
        asyncio.get_running_loop().call_soon(chain(order, "read", "decide", "send"))
        async with asyncio.timeout(LIMIT_SECONDS):
            await painted.wait()

    loop.run_until_complete(main())
    assert order == ["read", "decide", "send", "paint"]


def test_callbacks_keep_their_order(loop: ConsoleLoop) -> None:
    order: list[str] = []
    loop.call_soon(chain(order, "a", "c"))
    loop.call_soon(chain(order, "b", "d"))
    loop.run_until_complete(asyncio.sleep(0.001))
    assert order == ["a", "b", "c", "d"]


def test_callbacks_without_end_leave_qt_its_time(loop: ConsoleLoop) -> None:
    fired: list[str] = []

    async def main() -> None:
        QTimer.singleShot(5, lambda: fired.append("timer"))
        async with asyncio.timeout(LIMIT_SECONDS):
            while not fired:  # noqa: ASYNC110  (keeps the loop busy)
                await asyncio.sleep(0)

    loop.run_until_complete(main())
    assert fired == ["timer"]


def test_a_cancelled_callback_does_not_run_and_the_next_one_does(loop: ConsoleLoop) -> None:
    order: list[str] = []
    loop.call_soon(order.append, "cancelled").cancel()
    loop.call_soon(order.append, "kept")
    loop.run_until_complete(asyncio.sleep(0))
    assert order == ["kept"]


def test_an_error_is_told_and_stops_nothing(loop: ConsoleLoop, lost: Lost) -> None:
    order: list[str] = []
    loop.call_soon(int, "no number")
    loop.call_soon(order.append, "after it")
    loop.run_until_complete(asyncio.sleep(0))
    assert order == ["after it"]
    (context,) = lost
    assert isinstance(context["exception"], ValueError)


def test_callbacks_run_in_a_loop_that_a_callback_opened(loop: ConsoleLoop) -> None:
    order: list[str] = []

    def ask() -> None:
        dialog = QEventLoop()
        loop.call_soon(order.append, "inside")
        loop.call_soon(dialog.quit)
        dialog.exec()
        order.append("after it")

    loop.call_soon(ask)
    loop.run_until_complete(asyncio.sleep(0.001))
    assert order == ["inside", "after it"]


def test_callbacks_from_another_thread_arrive(loop: ConsoleLoop) -> None:
    async def main() -> str:
        running = asyncio.get_running_loop()
        told: asyncio.Future[str] = running.create_future()
        await asyncio.to_thread(running.call_soon_threadsafe, told.set_result, "threaded")
        async with asyncio.timeout(LIMIT_SECONDS):
            return await told

    assert loop.run_until_complete(main()) == "threaded"
    loop.run_until_complete(loop.shutdown_default_executor())


def test_a_callback_runs_in_the_context_it_was_given(loop: ConsoleLoop) -> None:
    seen: list[str] = []
    context = copy_context()
    context.run(VALUE.set, "given")
    loop.call_soon(lambda: seen.append(VALUE.get()), context=context)
    loop.call_soon(lambda: seen.append(VALUE.get()))
    loop.run_until_complete(asyncio.sleep(0))
    assert seen == ["given", "default"]


def test_a_closed_loop_takes_nothing_more(qapp: QApplication) -> None:
    order: list[str] = []
    made = ConsoleLoop(qapp)
    made.call_soon(order.append, "dropped")
    made.close()
    with pytest.raises(RuntimeError, match="closed"):
        made.call_soon(order.append, "refused")
    qapp.processEvents()
    assert order == []
