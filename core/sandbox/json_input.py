"""JSON that strangers sent. Whatever is wrong with it is one kind of error."""

from typing import TypeVar

import msgspec

_T = TypeVar("_T")


def decode(text: str | bytes, kind: type[_T]) -> _T:
    """Decode one JSON value.

    Raises:
        msgspec.ValidationError: it is none of this kind.
        msgspec.DecodeError: it is no JSON, no UTF-8, or nested too deeply to be read.
    """
    try:
        return msgspec.json.decode(text, type=kind)
    except RecursionError as error:
        raise msgspec.DecodeError("nested too deeply") from error
    except UnicodeDecodeError as error:
        raise msgspec.DecodeError("not UTF-8") from error
