"""The form of JSON: which members with what kinds of values, but not which values."""

import re
from collections import defaultdict
from typing import Any

_TEXTS = (
    ("time", re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")),
    ("4 decimals", re.compile(r"-?\d+\.\d{4}")),
    ("6 decimals", re.compile(r"-?\d+\.\d{6}")),
    ("2 decimals", re.compile(r"-?\d+\.\d{2}")),
    ("uuid", re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")),
)

Forms = dict[str, set[str]]
"""Kinds of values by place; a place is the members from the top, joined by dots."""


def forms(*values: object) -> Forms:
    """Form of one or more values of the same meaning; items of a list share one place."""
    found: Forms = defaultdict(set)
    for value in values:
        _gather(value, "", found)
    return dict(found)


def _gather(value: object, place: str, found: Forms) -> None:
    if isinstance(value, dict):
        found[place].add("object")
        for name, member in value.items():
            _gather(member, f"{place}.{name}".lstrip("."), found)
    elif isinstance(value, list):
        found[place].add("list")
        for item in value:
            _gather(item, f"{place}[]", found)
    else:
        found[place].add(_kind(value))


def _kind(value: Any) -> str:  # noqa: ANN401  (JSON)
    if isinstance(value, str):
        return next((name for name, pattern in _TEXTS if pattern.fullmatch(value)), "text")
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "number"
    return "null"


def clashes(ours: Forms, theirs: Forms) -> list[str]:
    """Places that both have, at which our kinds of values are not among theirs."""
    return sorted(
        f"{place}: {sorted(ours[place])} instead of {sorted(theirs[place])}"
        for place in ours.keys() & theirs.keys()
        if not ours[place] <= theirs[place] and theirs[place] - {"null"}
    )
