import asyncio
import os
import signal
import stat
from pathlib import Path

import asyncpg
import pytest

from core.errors import StorageError
from core.storage.embedded import EmbeddedPostgres
from core.storage.processes import serving
from core.storage.server_account import current_server_account


def data_folder(home: Path) -> Path:
    return current_server_account().server_folder(home) / "data"


async def ask(server: EmbeddedPostgres, query: str) -> object:
    connection = await asyncpg.connect(server.dsn)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_serves_loopback_with_a_password_and_durable_commits(home: Path) -> None:
    async with EmbeddedPostgres(home) as server:
        assert await ask(server, "show listen_addresses") == "127.0.0.1"
        assert await ask(server, "show unix_socket_directories") == ""
        assert await ask(server, "show synchronous_commit") == "on"
        assert await ask(server, "show fsync") == "on"
        without = server.dsn.replace(server.dsn.split(":")[2].split("@")[0], "wrong")
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(without)


async def test_password_file_is_private(home: Path) -> None:
    async with EmbeddedPostgres(home):
        mode = (data_folder(home) / "kalshiflow.password").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


async def test_data_survive_a_restart(home: Path) -> None:
    async with EmbeddedPostgres(home) as server:
        await ask(server, "create table kept as select 7 as seven")
    async with EmbeddedPostgres(home) as server:
        assert await ask(server, "select seven from kept") == 7


async def test_stop_leaves_no_process_and_no_pid_file(home: Path) -> None:
    async with EmbeddedPostgres(home) as server:
        assert server.pid in serving(data_folder(home))
    assert serving(data_folder(home)) == []
    assert not (data_folder(home) / "postmaster.pid").exists()


async def test_second_console_adopts_and_does_not_stop(home: Path) -> None:
    async with EmbeddedPostgres(home) as first:
        async with EmbeddedPostgres(home) as second:
            assert (second.pid, second.dsn) == (first.pid, first.dsn)
            assert first.is_owner
            assert not second.is_owner
        assert await ask(first, "select 1") == 1


async def test_two_consoles_starting_together_share_one_server(home: Path) -> None:
    servers = [EmbeddedPostgres(home), EmbeddedPostgres(home)]
    await asyncio.gather(*(server.start() for server in servers))
    try:
        assert servers[0].dsn == servers[1].dsn
        assert sorted(server.is_owner for server in servers) == [False, True]
    finally:
        await asyncio.gather(*(server.stop() for server in servers))
    assert serving(data_folder(home)) == []


async def test_starts_again_after_kill_on_the_same_address(home: Path) -> None:
    async with EmbeddedPostgres(home) as server:
        await ask(server, "create table kept as select 7 as seven")
        address = server.dsn
        os.kill(server.pid, signal.SIGKILL)
        await server.wait_gone()
        await server.start()
        assert server.dsn == address
        assert await ask(server, "select seven from kept") == 7


async def test_pid_file_of_a_dead_server_does_not_stop_the_next(home: Path) -> None:
    async with EmbeddedPostgres(home) as server:
        text = (data_folder(home) / "postmaster.pid").read_text().splitlines()
    # The number now belongs to a process that is no database server: this one.
    (data_folder(home) / "postmaster.pid").write_text("\n".join([str(os.getpid()), *text[1:]]))
    async with EmbeddedPostgres(home) as server:
        assert server.is_owner
        assert await ask(server, "select 1") == 1


async def test_adopter_notices_that_the_server_is_gone(home: Path) -> None:
    async with EmbeddedPostgres(home) as first, EmbeddedPostgres(home) as second:
        await first.stop()
        async with asyncio.timeout(30):
            await second.wait_gone()
        await second.start()
        assert second.is_owner
        assert await ask(second, "select 1") == 1


async def test_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.write_text("a file, not a folder")
    with pytest.raises(StorageError, match=r"home.*KALSHIFLOW_HOME"):
        await EmbeddedPostgres(home).start()


async def test_log_that_cannot_be_written_is_named(home: Path) -> None:
    (home / "logs" / "postgres.log").mkdir(parents=True)
    with pytest.raises(StorageError, match=r"postgres\.log.*KALSHIFLOW_HOME"):
        await EmbeddedPostgres(home).start()
    assert serving(data_folder(home)) == []


async def test_server_whose_owner_cannot_be_noted_is_not_left_running(home: Path) -> None:
    (data_folder(home).parent / "owner.pid").mkdir(parents=True)
    server = EmbeddedPostgres(home)
    with pytest.raises(StorageError, match=r"owner\.pid.*KALSHIFLOW_HOME"):
        await server.start()
    assert not server.is_owner
    assert serving(data_folder(home)) == []


async def test_broken_cluster_is_told_with_the_log(home: Path) -> None:
    async with EmbeddedPostgres(home):
        pass
    (data_folder(home) / "global" / "pg_control").unlink()
    with pytest.raises(StorageError, match=r"did not start.*pg_control.*postgres\.log"):
        await EmbeddedPostgres(home).start()


async def test_log_is_rotated_when_it_is_long(home: Path) -> None:
    log = home / "logs" / "postgres.log"
    log.parent.mkdir(parents=True)
    log.write_bytes(b"x" * ((1 << 20) + 1))
    async with EmbeddedPostgres(home):
        pass
    assert log.stat().st_size < 1 << 20
    assert log.with_name("postgres.1.log").stat().st_size == (1 << 20) + 1
