"""Real PostgreSQL for every test: one embedded server, a fresh database each."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from itertools import count
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from core.storage.database import Database
from core.storage.embedded import EmbeddedPostgres
from core.storage.server_account import current_server_account

_numbers = count()
Until = Callable[[Callable[[], bool]], Awaitable[None]]


def remove_server_folder(home: Path) -> None:
    shutil.rmtree(current_server_account().server_folder(home), ignore_errors=True)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "home"
    yield folder
    remove_server_folder(folder)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedPostgres]:
    folder = tmp_path_factory.mktemp("database") / "home"
    async with EmbeddedPostgres(folder) as running:
        yield running
    remove_server_folder(folder)


@pytest.fixture
async def dsn(server: EmbeddedPostgres) -> AsyncIterator[str]:
    name = f"test_{next(_numbers)}"
    admin = await asyncpg.connect(server.dsn)
    await admin.execute(f"create database {name}")
    yield server.dsn.rpartition("/")[0] + f"/{name}"
    await admin.execute(f"drop database {name} with (force)")
    await admin.close()


@pytest.fixture
async def database(dsn: str) -> AsyncIterator[Database]:
    opened = Database(dsn)
    await opened.open()
    await opened.migrate()
    yield opened
    await opened.close()


@pytest.fixture
def until() -> Until:
    async def wait(is_true: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            while True:
                if is_true():
                    return
                await asyncio.sleep(0.005)

    return wait
