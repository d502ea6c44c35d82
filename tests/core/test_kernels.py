import os
import subprocess
import sys
from pathlib import Path

from core.kernels import cache_folder, sources_hash


def test_an_edit_in_any_kernel_source_changes_the_cache_folder(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("@kernel\ndef f(): return 1\n")
    (tmp_path / "b.py").write_text("x = 1\n")
    before = sources_hash(tmp_path)
    (tmp_path / "b.py").write_text("x = 2\n")
    assert sources_hash(tmp_path) == before
    (tmp_path / "a.py").write_text("@kernel\ndef f(): return 2\n")
    assert sources_hash(tmp_path) != before


def test_the_cache_lives_in_the_home(tmp_path: Path) -> None:
    assert cache_folder(tmp_path).is_relative_to(tmp_path)


def test_kernels_give_the_same_without_the_compiler() -> None:
    program = (
        "from core.trading.planner import Desk, plan, masks\n"
        "from core.trading.ledger import fold_fill\n"
        "from core.trading.fees import fill_fee\n"
        "d = Desk(2800, 3000, -500, 2700, 300, -1, 0, 90_000_000, 1000, 20000, 7000)\n"
        "print([tuple(map(int, plan(d, a))) for a in range(5)], list(map(bool, masks(d))),\n"
        "      fold_fill(500, 2500000, 1, 4000, 800), fill_fee(7000, 137, 5501, -753637, 100, 55))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "NUMBA_DISABLE_JIT": flag},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for flag in ("0", "1")
    }
    assert len(outputs) == 1
    assert outputs.pop().strip()
