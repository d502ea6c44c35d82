import asyncio

import pytest

from core.runtime.tasks import Tasks


class Failures(list[tuple[str, str]]):
    def note(self, name: str, error: BaseException) -> None:
        self.append((name, str(error)))


@pytest.fixture
def failures() -> Failures:
    return Failures()


@pytest.fixture
def tasks(failures: Failures) -> Tasks:
    return Tasks(failures.note)


async def fail() -> None:
    raise ValueError("no such thing")


async def wait_for_ever(begun: asyncio.Event, ended: list[str]) -> None:
    task = asyncio.current_task()
    assert task is not None
    begun.set()
    try:
        await asyncio.Event().wait()
    finally:
        await asyncio.sleep(0)  # cleaning up takes a turn of the loop
        ended.append(task.get_name())


async def test_a_failure_is_told_once_by_name_and_logged(
    tasks: Tasks, failures: Failures, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ValueError, match="no such thing"):
        await tasks.start("reader", fail())
    await tasks.close()
    assert failures == [("reader", "no such thing")]
    assert [record.message for record in caplog.records] == ["task reader failed"]


async def test_one_that_ends_well_is_not_told(tasks: Tasks, failures: Failures) -> None:
    async def work() -> None:
        await asyncio.sleep(0)

    task = tasks.start("worker", work())
    assert task.get_name() == "worker"
    await task
    await tasks.close()
    assert failures == []


async def test_close_cancels_the_newest_first_and_waits_for_all(
    tasks: Tasks, failures: Failures
) -> None:
    ended: list[str] = []
    started = []
    for name in ("first", "second", "third"):
        begun = asyncio.Event()
        started.append(tasks.start(name, wait_for_ever(begun, ended)))
        await begun.wait()
    await tasks.close()
    assert ended == ["third", "second", "first"]
    assert all(task.cancelled() for task in started)
    assert failures == []


async def test_closing_without_tasks_and_twice_tells_no_failure(
    tasks: Tasks, failures: Failures
) -> None:
    await tasks.close()
    await tasks.close()
    assert failures == []


async def test_an_error_while_closing_is_told(tasks: Tasks, failures: Failures) -> None:
    begun = asyncio.Event()

    async def break_on_exit() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            raise OSError("disk full")

    tasks.start("writer", break_on_exit())
    await begun.wait()
    await tasks.close()
    assert failures == [("writer", "disk full")]


class Deaf:
    """Work that loses so many cancellations before it ends."""

    def __init__(self, losses: int) -> None:
        self._losses = losses
        self.begun = asyncio.Event()
        self.allowed = asyncio.Event()

    async def run(self) -> None:
        self.begun.set()
        while self._losses:
            try:
                await self.allowed.wait()
            except asyncio.CancelledError:
                self._losses -= 1
            else:
                return
        await self.allowed.wait()


async def test_one_that_loses_a_cancellation_is_cancelled_again(tasks: Tasks) -> None:
    deaf = Deaf(losses=1)
    task = tasks.start("deaf", deaf.run())
    await deaf.begun.wait()
    await tasks.close(patience_s=0.01)
    assert task.cancelled()


async def test_one_that_never_ends_is_named_and_left(
    tasks: Tasks, caplog: pytest.LogCaptureFixture
) -> None:
    deaf = Deaf(losses=10)
    task = tasks.start("deaf", deaf.run())
    await deaf.begun.wait()
    await tasks.close(patience_s=0.01)
    assert [record.message for record in caplog.records] == ["tasks that do not end: deaf"]
    deaf.allowed.set()
    await task


async def test_finish_lets_what_ends_by_itself_end_and_cancels_the_rest(
    tasks: Tasks, failures: Failures
) -> None:
    ended: list[str] = []
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        await go_on.wait()
        ended.append("worker")

    worker, endless = (
        tasks.start("worker", work()),
        tasks.start("endless", wait_for_ever(begun, ended)),
    )
    await begun.wait()
    asyncio.get_running_loop().call_soon(go_on.set)
    await tasks.finish(0.2)
    assert ended == ["worker", "endless"]
    assert not worker.cancelled()
    assert endless.cancelled()
    assert failures == []
