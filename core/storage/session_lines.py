"""Lines of a session file, plain or gzip, as far as the file can be read."""

import zlib
from collections.abc import Iterator
from pathlib import Path

from core.errors import DecodeError, StorageError

_CHUNK_BYTES = 1 << 18
_GZIP_MAGIC = b"\x1f\x8b"


def read_lines(path: Path) -> Iterator[bytes]:
    """Yield the lines that are not blank.

    Raises:
        StorageError: the file cannot be opened.
        DecodeError: the file breaks off or is damaged; all readable lines came before.
    """
    rest = b""
    for chunk in _chunks(path):
        lines = (rest + chunk).split(b"\n")
        rest = lines.pop()
        yield from (line for line in lines if line.strip())
    if rest.strip():
        yield rest


def _chunks(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            raw = iter(lambda: file.read(_CHUNK_BYTES), b"")
            first = next(raw, b"")
            if not first.startswith(_GZIP_MAGIC):
                yield first
                yield from raw
                return
            yield from _inflated(first, raw)
    except OSError as error:
        raise StorageError(
            f"Session file {path} cannot be read ({error.strerror}); check the path."
        ) from error


def _inflated(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    """Unpack gzip members one after another; a recorder may append a member at each start."""
    inflater = zlib.decompressobj(wbits=31)
    data = first
    while data:
        try:
            yield inflater.decompress(data)
        except zlib.error as error:
            raise DecodeError(f"compressed data damaged ({error})") from error
        data = inflater.unused_data or next(rest, b"")
        if inflater.eof and data.strip(b"\0"):
            inflater = zlib.decompressobj(wbits=31)
        elif inflater.eof:
            return
    if not inflater.eof:
        raise DecodeError("compressed data breaks off")
