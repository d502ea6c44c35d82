"""The published table of feed session cases and the tests of them are the same list."""

import re
from pathlib import Path

HERE = Path(__file__).parent
TABLE = HERE.parents[2] / "ARCHITECTURE.md"


def test_every_case_has_one_row_and_one_test() -> None:
    sources = sorted(HERE.glob("test_*.py"))
    tested = [case for path in sources for case in _found(r"^def test_(f\d+)_", path)]
    listed = _found(r"^\| (f\d+) \| [^|]+ \| [^|]+ \|$", TABLE)
    assert sorted(tested) == listed
    assert listed == [f"f{number:02}" for number in range(1, len(listed) + 1)]


def _found(pattern: str, path: Path) -> list[str]:
    return re.findall(pattern, path.read_text(encoding="utf-8"), re.MULTILINE)
