import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.storage.embedded import EmbeddedPostgres
from core.storage.processes import serves, serving
from core.storage.server_account import current_server_account

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


async def test_running_server_is_found(home: Path) -> None:
    async with EmbeddedPostgres(home) as server:
        data = current_server_account().server_folder(home) / "data"
        assert serves(server.pid, data)


@linux_only
async def test_server_of_another_folder_is_not_ours(home: Path, tmp_path: Path) -> None:
    async with EmbeddedPostgres(home) as server:
        assert not serves(server.pid, tmp_path)
        assert serving(tmp_path) == []


def test_other_programs_and_missing_processes_are_not_servers(tmp_path: Path) -> None:
    assert not serves(os.getpid(), tmp_path)
    assert not serves(2**22 + 1, tmp_path)


@linux_only
def test_zombie_is_not_running(tmp_path: Path) -> None:
    named_so = tmp_path / "postgres"
    named_so.symlink_to("/bin/sleep")
    with subprocess.Popen([named_so, "60"], cwd=tmp_path) as process:
        assert process.pid in serving(tmp_path)
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # ended, not reaped: a zombie
        assert not serves(process.pid, tmp_path)
        assert serving(tmp_path) == []
