"""Query strings: limits, cursors, filters. Pages are cut here for every list."""

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from core.sandbox.errors import invalid_query

_T = TypeVar("_T")


def integer(
    query: Mapping[str, str], name: str, default: int, operation: str, bounds: tuple[int, int]
) -> int:
    """An integer parameter inside its bounds.

    Raises:
        ApiError: 400 in the query shape; a limit is never clamped.
    """
    text = query.get(name)
    if text is None or text == "":
        return default
    field = name.title().replace("_", "")
    try:
        value = int(text)
    except ValueError as error:
        raise invalid_query(operation, field, "number") from error
    if value < bounds[0]:
        raise invalid_query(operation, field, "gte")
    if value > bounds[1]:
        raise invalid_query(operation, field, "lte")
    return value


def flag(query: Mapping[str, str], name: str, operation: str) -> bool | None:
    """A true or false parameter, None where absent.

    Raises:
        ApiError: 400 in the query shape for another word.
    """
    text = query.get(name, "")
    if text not in ("", "true", "false"):
        raise invalid_query(operation, name.title().replace("_", ""), "boolean")
    return text == "true" if text else None


def words(query: Mapping[str, str], name: str) -> frozenset[str]:
    """A comma list; empty means no filter."""
    return frozenset(word for word in query.get(name, "").split(",") if word)


def time_filter(query: Mapping[str, str], operation: str) -> Callable[[int], bool]:
    """Test of a time in milliseconds against min_ts and max_ts, both in seconds."""
    top = 2**53
    low = integer(query, "min_ts", 0, operation, (0, top)) * 1000
    high = integer(query, "max_ts", top, operation, (0, top)) * 1000 + 999
    return lambda ms: low <= ms <= high


def page(
    items: Iterable[_T], key: Callable[[_T], int], query: Mapping[str, str], limit: int
) -> tuple[list[_T], str]:
    """One page of items whose keys descend, and the cursor of the next, "" on the last.

    A cursor names the last key shown, so that new items do not shift pages. A garbage cursor
    starts again.
    """
    below = _read_cursor(query.get("cursor", ""))
    shown: list[_T] = []
    for item in items:
        if below is not None and key(item) >= below:
            continue
        if len(shown) == limit:
            return shown, _cursor(key(shown[-1])) if shown else ""
        shown.append(item)
    return shown, ""


def _cursor(key: int) -> str:
    return base64.urlsafe_b64encode(str(key).encode()).decode()


def _read_cursor(text: str) -> int | None:
    try:
        return int(base64.urlsafe_b64decode(text)) if text else None
    except (ValueError, binascii.Error):
        return None
