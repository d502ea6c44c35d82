import asyncio
from pathlib import Path

import pytest

from core.errors import StorageError
from core.storage.cluster import Cluster, RunningServer
from core.storage.server_account import ServerAccount, current_server_account


@pytest.fixture
def cluster(home: Path) -> Cluster:
    account = current_server_account()
    return Cluster(account.server_folder(home), account.programs(), account)


async def test_made_once_and_whole(cluster: Cluster) -> None:
    await cluster.ensure()
    password = cluster.password
    await cluster.ensure()
    assert cluster.password == password
    assert (cluster.data / "PG_VERSION").read_text().strip() == "18"
    assert [path.name for path in cluster.folder.iterdir()] == ["data"]


async def test_two_making_it_at_once_share_one(cluster: Cluster) -> None:
    await asyncio.gather(cluster.ensure(), cluster.ensure())
    assert cluster.password
    assert [path.name for path in cluster.folder.iterdir()] == ["data"]


async def test_failed_initdb_leaves_nothing_and_tells_why(cluster: Cluster, home: Path) -> None:
    broken = home / "programs"
    broken.mkdir(parents=True)
    (broken / "initdb").write_text("#!/bin/sh\necho no space for a database\nexit 1\n")
    (broken / "initdb").chmod(0o755)
    with pytest.raises(StorageError, match="no space for a database"):
        await Cluster(home / "postgres", broken, ServerAccount()).ensure()
    assert list((home / "postgres").iterdir()) == []


async def test_slow_initdb_is_told_as_slow_and_leaves_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.storage.cluster._INITDB_TIMEOUT_S", 0.2)
    slow = home / "programs"
    slow.mkdir(parents=True)
    (slow / "initdb").write_text("#!/bin/sh\nexec sleep 600\n")
    (slow / "initdb").chmod(0o755)
    with pytest.raises(StorageError, match=r"took longer than .* s.*Start again"):
        await Cluster(home / "postgres", slow, ServerAccount()).ensure()
    assert list((home / "postgres").iterdir()) == []


async def test_lost_password_file_is_told(cluster: Cluster) -> None:
    await cluster.ensure()
    (cluster.data / "kalshiflow.password").unlink()
    with pytest.raises(StorageError, match="lost its password file"):
        await cluster.ensure()


async def test_pid_file_is_read_and_forgotten_only_if_unchanged(cluster: Cluster) -> None:
    assert cluster.running_server() is None
    cluster.data.mkdir(parents=True)
    pid_file = cluster.data / "postmaster.pid"
    pid_file.write_text("")
    assert cluster.running_server() is None
    pid_file.write_text("4711\n/data\n1700000000\n5433\n")
    assert cluster.running_server() == RunningServer(4711, 5433)
    cluster.forget(RunningServer(1, 5433))
    assert pid_file.exists()
    cluster.forget(RunningServer(4711, 5433))
    assert not pid_file.exists()
    assert cluster.is_at(str(cluster.folder / "." / "data"))
