"""Fixtures that every test may use: Qt offscreen, recordings where they are."""

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from core.storage.processes import serving
from core.storage.server_account import current_server_account

ROOT = Path(__file__).resolve().parent.parent
DATA_VARIABLE = "KALSHIFLOW_TEST_DATA"

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# No deadline: a busy machine is not a failed test. Few examples keep ./check short.
settings.register_profile(
    "kalshiflow", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("kalshiflow")


@pytest.fixture(scope="session")
def recordings() -> Path:
    """Return the folder of recorded sessions, or skip where this machine has none."""
    folder = Path(os.environ.get(DATA_VARIABLE, ROOT.parent / "shared" / "data" / "kalshi"))
    if not folder.is_dir():
        pytest.skip(f"no recordings at {folder}; {DATA_VARIABLE} names their folder")
    return folder


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
