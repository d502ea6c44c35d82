"""Query strings: limits, cursors, filters. Pages are cut here for every list."""

import base64
import binascii
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TypeVar

from core.sandbox.errors import invalid_query

MAX_TS = 2**53
"""Greatest time a filter takes, in seconds."""

Query = Mapping[str, str]
_T = TypeVar("_T")


def integer(query: Query, name: str, default: int, operation: str, bounds: tuple[int, int]) -> int:
    """An integer parameter inside its bounds.

    Raises:
        ApiError: 400 in the query shape; a limit is never clamped.
    """
    text = query.get(name)
    if text is None or text == "":
        return default
    field = _field(name)
    try:
        value = int(text)
    except ValueError as error:
        raise invalid_query(operation, field, "number") from error
    if value < bounds[0]:
        raise invalid_query(operation, field, "gte")
    if value > bounds[1]:
        raise invalid_query(operation, field, "lte")
    return value


def required(query: Query, name: str, operation: str) -> int:
    """An integer parameter that must be there.

    Raises:
        ApiError: 400 in the query shape.
    """
    if not query.get(name):
        raise invalid_query(operation, _field(name), "required")
    return integer(query, name, 0, operation, (0, MAX_TS))


def flag(query: Query, name: str, operation: str) -> bool | None:
    """A true or false parameter, None where absent.

    Raises:
        ApiError: 400 in the query shape for another word.
    """
    text = query.get(name, "")
    if text not in ("", "true", "false"):
        raise invalid_query(operation, _field(name), "boolean")
    return text == "true" if text else None


def words(query: Query, name: str) -> frozenset[str]:
    """A comma list; empty means no filter."""
    return frozenset(word for word in query.get(name, "").split(",") if word)


def listed(query: Query, name: str, operation: str, most: int) -> list[str]:
    """A comma list of at most so many words, each once, in order.

    Raises:
        ApiError: 400 in the query shape.
    """
    found = list(dict.fromkeys(word for word in query.get(name, "").split(",") if word))
    if len(found) > most:
        raise invalid_query(operation, _field(name), "max")
    return found


def one_of(query: Query, name: str, operation: str, choices: Collection[str]) -> str:
    """A word out of a set, "" where absent.

    Raises:
        ApiError: 400 in the query shape.
    """
    word = query.get(name, "")
    if word and word not in choices:
        raise invalid_query(operation, _field(name), "oneof")
    return word


def time_filter(query: Query, operation: str, name: str = "ts") -> Callable[[int], bool]:
    """Test of a time in milliseconds against `min_` and `max_` of a name, both in seconds."""
    low = integer(query, f"min_{name}", 0, operation, (0, MAX_TS)) * 1000
    high = integer(query, f"max_{name}", MAX_TS, operation, (0, MAX_TS)) * 1000 + 999
    return lambda ms: low <= ms <= high


def page(
    items: Iterable[_T], key: Callable[[_T], int], query: Query, limit: int
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


def _field(name: str) -> str:
    return name.title().replace("_", "")


def _cursor(key: int) -> str:
    return base64.urlsafe_b64encode(str(key).encode()).decode()


def _read_cursor(text: str) -> int | None:
    try:
        return int(base64.urlsafe_b64decode(text)) if text else None
    except (ValueError, binascii.Error):
        return None
