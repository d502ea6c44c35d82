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
