"""WebSocket text frames of a server, put together by hand: many messages, one write. No socket.

Unmasked, and compressed by permessage-deflate (RFC 7692) where the peer asked for it.
"""

import re
import struct
import zlib
from collections.abc import Callable

_TEXT = 0x81
_COMPRESSED_TEXT = 0xC1
_LARGEST_WINDOW_BITS = 15
_LEVEL = 1
"""Fastest: a feed's messages repeat each other, so the window does the work."""
_TAIL = b"\x00\x00\xff\xff"

_MIDDLE_HEAD = struct.Struct("!BBH").pack
"""Nearly every message of a feed has this size."""

MakeFrame = Callable[[bytes], bytes]


def frame_maker(extensions: str) -> MakeFrame:
    """What makes frames on a connection.

    Args:
        extensions: the server's own `Sec-WebSocket-Extensions` answer, "" for none.
    """
    if "permessage-deflate" not in extensions:
        return plain_frame
    bits = re.search(r"server_max_window_bits=(\d+)", extensions)
    window_bits = int(bits.group(1)) if bits else _LARGEST_WINDOW_BITS
    return Deflater(window_bits, "server_no_context_takeover" not in extensions).frame


def plain_frame(payload: bytes) -> bytes:
    """One uncompressed text frame."""
    size = len(payload)
    if 126 <= size < 65_536:
        return _MIDDLE_HEAD(_TEXT, 126, size) + payload
    return _head(_TEXT, size) + payload


class Deflater:
    """Compresses the messages of one connection.

    Args:
        window_bits: base 2 logarithm of the window, 9 to 15.
        takes_over: a message may refer to those before it.
    """

    def __init__(self, window_bits: int, takes_over: bool) -> None:
        self._deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, -window_bits)
        self._flush = zlib.Z_SYNC_FLUSH if takes_over else zlib.Z_FULL_FLUSH

    def frame(self, payload: bytes) -> bytes:
        """One compressed text frame."""
        packed = self._deflate.compress(payload) + self._deflate.flush(self._flush)
        packed = packed.removesuffix(_TAIL)
        return _head(_COMPRESSED_TEXT, len(packed)) + packed


def _head(first: int, size: int) -> bytes:
    if size < 126:
        return struct.pack("!BB", first, size)
    if size < 65_536:
        return _MIDDLE_HEAD(first, 126, size)
    return struct.pack("!BBQ", first, 127, size)
