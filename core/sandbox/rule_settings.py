"""The rules of a local exchange as text: `NAME=VALUE`, one switch each."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

import msgspec

from core.errors import ConfigError
from core.sandbox.faults import KINDS, Schedule
from core.sandbox.limits import TIERS
from core.sandbox.rules import DEFAULT_RULES, ExchangeRules

_MOST_MS = 60_000
_DAY_MS = 86_400_000


class _Setting(NamedTuple):
    """What a switch may be set to, in words, and how its text is read.

    `parse` raises ValueError or KeyError for anything else.
    """

    allowed: str
    parse: Callable[[str], object]


def parse_rules(settings: Iterable[str]) -> ExchangeRules:
    """Rules with these switches set; the last of two settings of one switch counts.

    Raises:
        ConfigError: an unknown name or value; the sentence lists what there is.
    """
    changes: dict[str, object] = {}
    for text in settings:
        name, _, value = text.partition("=")
        setting = _SETTINGS.get(name)
        if setting is None:
            raise ConfigError(
                f"the local exchange has no setting '{name}'; write NAME=VALUE with one of:\n"
                + describe_rules()
            )
        try:
            changes[name] = setting.parse(value)
        except (ValueError, KeyError) as error:
            why = f" ({error})" if isinstance(error, msgspec.ValidationError) else ""
            raise ConfigError(
                f"{name} cannot be '{value}'{why}; allowed: {setting.allowed}."
            ) from error
    return replace(DEFAULT_RULES, **changes)  # type: ignore[arg-type]


def describe_rules() -> str:
    """One line for each switch: its name, what it may be set to, and its default."""
    width = max(map(len, _SETTINGS))
    return "\n".join(
        f"  {name:<{width}}  {setting.allowed} (default {_text(getattr(DEFAULT_RULES, name))})"
        for name, setting in _SETTINGS.items()
    )


def _text(value: object) -> str:
    if value is None or isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return "-".join(map(str, dict.fromkeys(value)))
    return str(value)


def _number(least: int, greatest: int) -> _Setting:
    def parse(text: str) -> int:
        number = int(text)
        if not least <= number <= greatest:
            raise ValueError(text)
        return number

    return _Setting(f"{least} to {greatest}", parse)


def _range(greatest: int) -> _Setting:
    def parse(text: str) -> tuple[int, int]:
        low, _, high = text.partition("-")
        ends = int(low), int(high or low)
        if not 0 <= ends[0] <= ends[1] <= greatest:
            raise ValueError(text)
        return ends

    return _Setting(f"a number up to {greatest}, or LEAST-GREATEST", parse)


def _choice(values: Mapping[str, object]) -> _Setting:
    return _Setting(" or ".join(values), values.__getitem__)


def _words(*words: str) -> _Setting:
    return _choice({word: word for word in words})


def _schedule(text: str) -> Schedule | None:
    """A schedule of faults: its seed, then its other members by name."""
    if text == "off":
        return None
    seed, *members = text.split(",")
    named: dict[str, object] = {"seed": seed}
    for member in members:
        name, _, value = member.partition("=")
        named[name] = value.split("+") if name == "kinds" else value
    return msgspec.convert(named, Schedule, strict=False)


_FAULTS = _Setting(
    "off, or SEED[,every_ms=N][,kinds=A+B][,scope=books|all][,time=venue|wall][,count=N], "
    f"kinds out of {', '.join(KINDS)}",
    _schedule,
)
_SWITCH = _choice({"on": True, "off": False})
_SETTINGS = {
    "timestamp_window_ms": _number(0, 3_600_000),
    "post_only_cross": _words("refuse", "cancel"),
    "precision_micros": _choice({"100": 100, "10000": 10_000}),
    "reserves_resting": _SWITCH,
    "read_lag_ms": _range(_MOST_MS),
    "event_order": _words("shuffled", "fixed"),
    "use_yes_price": _SWITCH,
    "tier": _words(*TIERS),
    "request_latency_ms": _range(_MOST_MS),
    "read_latency_ms": _range(_MOST_MS),
    "cancel_all_ms": _range(_MOST_MS),
    "feed_latency_ms": _range(_MOST_MS),
    "cancels_ahead": _words("pro_rata", "behind"),
    "weekly_pause": _SWITCH,
    "faults": _FAULTS,
    "live_data_ms": _number(1_000, 36_500 * _DAY_MS),
}
