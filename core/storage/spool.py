"""An append-only file that takes rows while the database cannot, and gives them back in order.

Frames of (length, checksum, row count, rows). What was appended survives the end of this program;
after a power cut the last seconds may be missing. One program at a time holds a file.
"""

import errno
import os
import struct
import sys
import zlib
from collections.abc import Sequence
from io import FileIO
from pathlib import Path

import msgspec

from core.errors import StorageError
from core.storage.rows import QueuedRow

_HEAD = struct.Struct("<III")
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[QueuedRow]).decode
_LOCK_BYTE = 1 << 40


class Spool:
    """Rows waiting on disk. The file appears with the first row and goes with the last.

    Attributes:
        rows: rows waiting.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: FileIO | None = None
        self._start = 0
        self._end = 0
        self._is_damaged = False
        self.rows = 0

    @classmethod
    def left_over(cls, path: Path) -> "Spool | None":
        """Take over a file that an earlier program left; None if a running one holds it.

        A frame that was being written when that program ended is not part of it.
        """
        spool = cls(path)
        try:
            spool._file = FileIO(path, "r+")
        except FileNotFoundError:
            return None
        if not _try_lock(spool._file):
            spool._file.close()
            return None
        spool._measure(spool._file)
        return spool

    def append(self, rows: Sequence[QueuedRow]) -> None:
        """Add a frame at the end; the file is as before if that fails.

        Raises:
            StorageError: the disk is full or the folder cannot be written.
        """
        body = _encode(rows)
        try:
            file = self._opened()
            file.seek(self._end)
            frame = _HEAD.pack(len(body), zlib.crc32(body), len(rows)) + body
            if file.write(frame) != len(frame):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            raise StorageError(
                f"Rows cannot be kept in {self._path.parent}: {error.strerror}. "
                f"Free disk space now; rows are lost once memory is full."
            ) from error
        self._end += _HEAD.size + len(body)
        self.rows += len(rows)

    def oldest(self) -> list[QueuedRow]:
        """Rows of the first frame, [] where none waits."""
        if self._file is None or self._start == self._end:
            return []
        frame = _read_frame(self._file, self._start)
        if frame is None:
            raise StorageError(f"{self._path} was changed while it was in use.")
        return frame[0]

    def forget_oldest(self) -> None:
        """Drop the first frame: its rows are in the database."""
        if self._file is None:
            return
        self._file.seek(self._start)
        length, _, count = _HEAD.unpack(self._file.read(_HEAD.size))
        self._start += _HEAD.size + length
        self.rows -= count
        if self._start == self._end and not self._is_damaged:
            self._start = self._end = 0
            self._file.truncate(0)

    def set_aside(self, rows: Sequence[QueuedRow]) -> None:
        """Keep rows the database refuses in a text file beside, one a line, for a person to see.

        Raises:
            StorageError: the folder cannot be written.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.with_suffix(".refused.jsonl").open("ab") as file:
                file.writelines(msgspec.json.encode(row) + b"\n" for row in rows)
        except OSError as error:
            raise StorageError(f"Refused rows cannot be kept: {error.strerror}.") from error

    def close(self) -> None:
        """Let go of the file, and remove it if no row waits in it."""
        file, self._file = self._file, None
        if file is None:
            return
        if self.rows:
            os.fsync(file.fileno())
        file.close()
        if self.rows == 0 and self._is_damaged:
            self._path.rename(self._path.with_suffix(".damaged"))
        elif self.rows == 0:
            self._path.unlink(missing_ok=True)

    @property
    def is_damaged(self) -> bool:
        """True if something behind the last whole frame could not be read."""
        return self._is_damaged

    def _opened(self) -> FileIO:
        if self._file is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = FileIO(self._path, "w+")
            _try_lock(self._file)
        return self._file

    def _measure(self, file: FileIO) -> None:
        """Find the end of the last whole frame, and count."""
        while (frame := _read_frame(file, self._end)) is not None:
            rows, self._end = frame
            self.rows += len(rows)
        self._is_damaged = os.fstat(file.fileno()).st_size > self._end


def _read_frame(file: FileIO, at: int) -> tuple[list[QueuedRow], int] | None:
    """Rows of the frame that starts there and where it ends; None if it is not whole."""
    file.seek(at)
    head = file.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    length, checksum, _ = _HEAD.unpack(head)
    body = file.read(length)
    if len(body) < length or zlib.crc32(body) != checksum:
        return None
    try:
        return _decode(body), at + _HEAD.size + length
    except msgspec.DecodeError:
        return None


def _try_lock(file: FileIO) -> bool:
    """Claim the file for this program; freed by the system when the program ends."""
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(_LOCK_BYTE)  # far behind the rows: a lock forbids reading what it covers
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
