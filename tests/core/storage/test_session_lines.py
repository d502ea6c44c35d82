"""Lines out of plain, packed and damaged files."""

import gzip
from pathlib import Path

import pytest

from core.errors import DecodeError, StorageError
from core.storage.session_lines import read_lines

LINES = [f"line {number} {number**7}".encode() for number in range(60_000)]


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("ending", [b"", b"\n", b"\n\n \n"])
def test_all_lines_across_chunks(tmp_path: Path, packed: bool, ending: bytes) -> None:
    content = b"\n".join(LINES) + ending
    path = tmp_path / "lines"
    path.write_bytes(gzip.compress(content) if packed else content)
    assert list(read_lines(path)) == LINES


def test_gzip_members_and_padding(tmp_path: Path) -> None:
    path = tmp_path / "lines.gz"
    path.write_bytes(gzip.compress(b"a\n") + gzip.compress(b"b\n") + b"\0" * 9)
    assert list(read_lines(path)) == [b"a", b"b"]


@pytest.mark.parametrize("damage", ["cut", "overwritten"])
def test_damaged_gzip_yields_its_beginning(tmp_path: Path, damage: str) -> None:
    packed = bytearray(gzip.compress(b"\n".join(LINES)))
    middle = len(packed) // 2
    if damage == "cut":
        del packed[middle:]
    else:
        packed[middle : middle + 2_000] = b"\xff" * 2_000
    path = tmp_path / "lines.gz"
    path.write_bytes(packed)
    taken: list[bytes] = []
    with pytest.raises(DecodeError, match="compressed data"):
        taken.extend(read_lines(path))
    # Damaged data may inflate to some rubbish before it is noticed.
    assert taken[:20_000] == LINES[:20_000]
    assert len(taken) < len(LINES)


def test_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be read"):
        list(read_lines(tmp_path / "nowhere"))
