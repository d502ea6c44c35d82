"""A home for a whole run, and nothing of it left behind, whatever the run did."""

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from core.storage.processes import serving
from core.storage.server_account import current_server_account


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A home folder; its database server is ended and its data, kept elsewhere for root, go."""
    folder = tmp_path / "home"
    yield folder
    server_folder = current_server_account().server_folder(folder)
    for pid in serving(server_folder / "data"):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    shutil.rmtree(server_folder, ignore_errors=True)
