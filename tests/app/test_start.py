"""What the console's own process imports, from its start to its end."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import json, sys
from app.__main__ import main
code = main()
print(json.dumps({"code": code, "modules": sorted(sys.modules)}))
"""
SECONDS = 180


def test_console_never_imports_what_only_training_needs(tmp_path: Path) -> None:
    demo = ROOT / "resources" / "demo" / "demo-session.jsonl.gz"
    arguments = ["--smoke", "1", "--session", str(demo), "--speed", "10"]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments, "--home", str(tmp_path)],
        cwd=ROOT,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    lines = done.stdout.splitlines()
    assert len(lines) == 2, done.stderr
    summary, seen = json.loads(lines[0]), json.loads(lines[1])
    assert summary["books_live"] > 0, done.stderr
    assert "app.main_window" in seen["modules"]
    heavy = {"torch", "stable_baselines3", "gymnasium", "pandas", "matplotlib"}
    assert not heavy.intersection(seen["modules"])
