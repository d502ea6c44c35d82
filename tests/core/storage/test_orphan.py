"""A server left by a killed console is ended by the last console that used it."""

import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from core.storage.embedded import EmbeddedPostgres
from core.storage.orphan import is_orphan
from core.storage.processes import serving
from core.storage.server_account import current_server_account


def dead_pid() -> int:
    """Number of a process that has just ended."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid


def owner_file(home: Path) -> Path:
    return current_server_account().server_folder(home) / "owner.pid"


async def test_a_server_whose_starter_died_is_stopped_by_who_adopted_it(home: Path) -> None:
    first, second = EmbeddedPostgres(home), EmbeddedPostgres(home)
    await first.start()
    await second.start()
    owner_file(home).write_text(str(dead_pid()))
    await second.stop()
    assert serving(owner_file(home).parent / "data") == []
    await first.stop()


async def test_it_stays_while_somebody_else_uses_it_or_its_starter_lives(home: Path) -> None:
    async with EmbeddedPostgres(home) as first:
        second = EmbeddedPostgres(home)
        await second.start()
        await second.stop()
        assert first.pid in serving(owner_file(home).parent / "data")
        owner_file(home).write_text(str(dead_pid()))
        user = await asyncpg.connect(first.dsn)
        try:
            await second.start()
            await second.stop()
            assert first.pid in serving(owner_file(home).parent / "data")
        finally:
            await user.close()


@pytest.mark.parametrize("text", ["", "nobody"])
async def test_an_unknown_starter_is_never_an_orphan(home: Path, text: str) -> None:
    async with EmbeddedPostgres(home) as server:
        owner_file(home).write_text(text)
        assert not await is_orphan(server._files, server.dsn)
