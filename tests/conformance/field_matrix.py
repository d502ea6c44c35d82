"""Checks JSON against the required-field matrix, strict about types, forms and unknown members."""

import re
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_MATRIX = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
OBJECTS: dict[str, dict[str, dict[str, str]]] = _MATRIX["rest"]
REQUESTS: dict[str, dict[str, dict[str, str]]] = _MATRIX["request"]
MESSAGES: dict[str, dict[str, dict[str, str]]] = _MATRIX["message"]
SEQUENCED = frozenset(_MATRIX["socket"]["sequenced"])
UNSEQUENCED = frozenset(_MATRIX["socket"]["unsequenced"])

_KINDS = OBJECTS | REQUESTS
_ENUMS: dict[str, str] = _MATRIX["enums"]
_YEAR_2020, _YEAR_2100 = 1_577_836_800, 4_102_444_800


def _text(pattern: str) -> Callable[[object], bool]:
    compiled = re.compile(pattern)
    return lambda value: isinstance(value, str) and compiled.fullmatch(value) is not None


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_seconds(value: object) -> bool:
    return isinstance(value, int) and _YEAR_2020 < value < _YEAR_2100


def _is_ms(value: object) -> bool:
    return isinstance(value, int) and _YEAR_2020 < value / 1000 < _YEAR_2100


def _is_time(value: object) -> bool:
    if not (isinstance(value, str) and value.endswith("Z")):
        return False
    try:
        return datetime.fromisoformat(value).tzinfo == UTC
    except ValueError:
        return False


_FORMS: dict[str, Callable[[object], bool]] = {
    "str": lambda value: isinstance(value, str),
    "bool": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "int": _is_int,
    "number": lambda value: _is_int(value) or isinstance(value, float),
    "seconds": _is_seconds,
    "ms": _is_ms,
    "dt": _is_time,
    "price": _text(r"0\.\d{4}|1\.0000"),
    "money": _text(r"-?\d+\.(\d{4}|\d{6})"),
    "usd": _text(r"[01]\.\d{2,4}"),
    "contracts": _text(r"\d+(\.\d{1,2})?"),
    "count": _text(r"\d+\.\d{2}"),
    "signed": _text(r"-?\d+\.\d{2}"),
    "uuid": _text(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"),
}


def faults(value: object, form: str, place: str = "") -> Iterator[str]:
    """What is wrong with a value of this form, each as "place: what"."""
    if form.endswith("?"):
        if value is not None:
            yield from faults(value, form[:-1], place)
    elif form.startswith("list["):
        yield from _list_faults(value, form[5:-1], place)
    elif form == "level":
        yield from _level_faults(value, place)
    elif form in _KINDS:
        yield from member_faults(value, _KINDS[form], place)
    elif form in _ENUMS or "{" in form:
        words = _ENUMS.get(form) or form[form.index("{") + 1 : -1]
        if value not in words.split("|"):
            yield f"{place}: {value!r} is not one of {words}"
    elif not _FORMS[form](value):
        yield f"{place}: {value!r} is no {form}"


def member_faults(value: object, members: dict[str, dict[str, str]], place: str) -> Iterator[str]:
    """What is wrong with the members of an object."""
    if not isinstance(value, dict):
        yield f"{place}: {value!r} is no object"
        return
    required, optional = members.get("required", {}), members.get("optional", {})
    yield from (f"{place}.{name}: missing" for name in required if name not in value)
    for name, member in value.items():
        form = required.get(name) or optional.get(name)
        if form is None:
            yield f"{place}.{name}: not in the matrix"
        else:
            yield from faults(member, form, f"{place}.{name}")


def frame_faults(frame: dict[str, Any]) -> Iterator[str]:
    """What is wrong with a WebSocket frame that carries a `msg` object."""
    kind = frame["type"]
    yield from member_faults(frame["msg"], MESSAGES[kind], kind)
    if (kind in SEQUENCED) != ("seq" in frame) and kind != "error":
        yield f"{kind}: seq {'missing' if kind in SEQUENCED else 'where none belongs'}"
    for name in ("sid", "seq", "id"):
        if name in frame and not (_is_int(frame[name]) and frame[name] > 0):
            yield f"{kind}: {name} is {frame[name]!r}"
    unknown = frame.keys() - {"type", "sid", "seq", "id", "msg", "sending_ts_ms"}
    yield from (f"{kind}: {name} is not in the envelope" for name in unknown)


def _list_faults(value: object, form: str, place: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{place}: {value!r} is no list"
        return
    for index, item in enumerate(value):
        yield from faults(item, form, f"{place}[{index}]")


def _level_faults(value: object, place: str) -> Iterator[str]:
    if not (isinstance(value, list) and len(value) == 2):
        yield f"{place}: {value!r} is no pair"
        return
    yield from faults(value[0], "price", f"{place}[0]")
    yield from faults(value[1], "count", f"{place}[1]")
