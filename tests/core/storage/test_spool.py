import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import StorageError
from core.storage.rows import QueuedRow
from core.storage.spool import Spool

values = st.tuples(
    st.integers(-(2**63), 2**63 - 1), st.text(), st.sampled_from([b"y", b"n"]), st.none(),
    st.booleans(), st.lists(st.integers(0, 10_000)),
)  # fmt: skip
rows = st.lists(
    st.tuples(st.integers(0, 6), st.integers(1, 2**31 - 1), st.text(), values), min_size=1
)


def drain(spool: Spool) -> list[QueuedRow]:
    taken: list[QueuedRow] = []
    while frame := spool.oldest():
        taken += frame
        spool.forget_oldest()
    return taken


def row(number: int) -> QueuedRow:
    return (0, number, "M", (number,))


@given(batches=st.lists(rows, min_size=1, max_size=5))
def test_rows_come_back_in_order_even_to_another_program(batches: list[list[QueuedRow]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "1-2.spool"
        spool = Spool(path)
        for batch in batches:
            spool.append(batch)
        spool.close()
        again = Spool.left_over(path)
        assert again is not None
        assert again.rows == sum(len(batch) for batch in batches)
        # Tuples come back as lists, which COPY takes as well.
        expected = [(*head, tuple(last)) for batch in batches for *head, last in batch]
        assert drain(again) == expected
        again.close()
        assert not path.exists()


def test_appending_goes_on_while_it_is_drained(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool" / "1-2.spool")
    spool.append([row(1)])
    spool.append([row(2), row(3)])
    assert spool.oldest() == [row(1)]
    spool.forget_oldest()
    spool.append([row(4)])
    assert spool.rows == 3
    assert drain(spool) == [row(2), row(3), row(4)]
    spool.append([row(5)])
    assert drain(spool) == [row(5)]
    spool.close()
    assert list((tmp_path / "spool").iterdir()) == []


def test_unused_spool_makes_no_file(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "1-2.spool")
    assert spool.oldest() == []
    spool.forget_oldest()
    spool.close()
    assert list(tmp_path.iterdir()) == []
    assert Spool.left_over(tmp_path / "1-2.spool") is None


def test_file_in_use_is_left_alone(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "1-2.spool")
    spool.append([row(1)])
    assert Spool.left_over(tmp_path / "1-2.spool") is None
    spool.close()


@pytest.mark.parametrize("cut", [1, 5, 13])
def test_unfinished_frame_is_left_out_and_kept_for_inspection(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "1-2.spool"
    spool = Spool(path)
    spool.append([row(1)])
    spool.append([row(2)])
    spool.close()
    os.truncate(path, path.stat().st_size - cut)
    again = Spool.left_over(path)
    assert again is not None
    assert again.is_damaged
    assert drain(again) == [row(1)]
    again.close()
    assert [found.name for found in tmp_path.iterdir()] == ["1-2.damaged"]


def test_changed_byte_ends_what_is_believed(tmp_path: Path) -> None:
    path = tmp_path / "1-2.spool"
    spool = Spool(path)
    spool.append([row(1)])
    first_frame = path.stat().st_size
    spool.append([row(2)])
    spool.append([row(3)])
    spool.close()
    content = bytearray(path.read_bytes())
    content[first_frame + 14] ^= 1
    path.write_bytes(content)
    again = Spool.left_over(path)
    assert again is not None
    assert drain(again) == [row(1)]
    again.close()


def test_unusable_folder_is_told_and_nothing_counted(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    spool = Spool(tmp_path / "file" / "1-2.spool")
    with pytest.raises(StorageError, match="Free disk space"):
        spool.append([row(1)])
    assert spool.rows == 0
    spool.close()


def test_refused_rows_are_readable(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool" / "1-2.spool")
    spool.set_aside([row(1)])
    spool.set_aside([row(2)])
    text = (tmp_path / "spool" / "1-2.refused.jsonl").read_text()
    assert text == '[0,1,"M",[1]]\n[0,2,"M",[2]]\n'


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_full_disk_is_told(tmp_path: Path) -> None:
    (tmp_path / "1-2.spool").symlink_to("/dev/full")
    spool = Spool(tmp_path / "1-2.spool")
    with pytest.raises(StorageError, match="No space left"):
        spool.append([row(1)])
    assert spool.rows == 0
    spool.close()
