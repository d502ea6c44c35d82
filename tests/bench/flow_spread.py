"""How much the recordings differ among themselves: what tolerances of `flow_references` rest on.

Fast: four of the recorded sessions, drawn again and again, against all of them; four last about
as long as a generated run. Slow: one day is recorded, so days are drawn from the hours of its two
strikes nearest the money, and compared in pairs.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from flow_recording import recorded
from flow_references import REFERENCES, Reference
from flow_statistics import figures_of
from flow_tape import MarketTape

from core.errors import ConfigError
from core.market.events import BookDelta, BookSnapshot
from core.sandbox.flow_profile import FlowProfile
from core.storage.importing import read_session

DRAWS = 200
SHARE = 99
"""Percent of the draws that differ by no more than the spread."""
_SESSIONS = 4
_STRIKES = ("INXD-23AUG31-B4512", "INXD-23AUG31-B4487")
_HOUR_MS = 3_600_000

Figures = dict[str, float]
Pair = tuple[Figures, Figures]


def spread(profile: FlowProfile, folder: Path, seed: int) -> dict[str, object]:
    """Return the spread of every statistic that has one, beside its tolerance.

    Raises:
        ConfigError: the folder holds none of the recordings.
    """
    pairs = _PAIRS[profile.name](profile, folder, np.random.default_rng(seed))
    found: dict[str, object] = {}
    for reference in REFERENCES[profile.name]:
        differences = [_difference(reference, *pair) for pair in pairs]
        known = [each for each in differences if each is not None]
        if known:
            widest = float(np.percentile(known, SHARE))
            text = f"{reference.kind} {widest:.3f}  tolerance {reference.tolerance:g}"
            key = f"{reference.point} {reference.name}"
            found[f"{key:36}"] = f"{text} ({reference.basis})"
    return found


def _difference(reference: Reference, one: Figures, other: Figures) -> float | None:
    if reference.name not in one or reference.name not in other:
        return None
    value, against = one[reference.name], other[reference.name]
    if reference.kind != "factor":
        return abs(value - against)
    return max(value / against, against / value) if value > 0 and against > 0 else None


def _session_pairs(
    profile: FlowProfile, folder: Path, generator: np.random.Generator
) -> list[Pair]:
    paths = sorted(folder.glob("kxbtc15m-ws/kxbtc15m-*.jsonl.gz"))
    sessions = [recorded(path) for path in paths]
    if len(sessions) < _SESSIONS:
        raise ConfigError(f"{folder} holds no recordings kxbtc15m-ws/kxbtc15m-*.jsonl.gz")
    every = _figures(profile, [tape for session in sessions for tape in session])
    pairs: list[Pair] = []
    for _ in range(DRAWS):
        drawn = generator.choice(len(sessions), _SESSIONS)
        tapes = [tape for number in drawn for tape in sessions[number]]
        pairs.append((_figures(profile, tapes), every))
    return pairs


def _day_pairs(profile: FlowProfile, folder: Path, generator: np.random.Generator) -> list[Pair]:
    path = folder / "ws-inxd-23aug31.jsonl.gz"
    if not path.is_file():
        raise ConfigError(f"{folder} holds no recording {path.name}")
    strikes = [hours(path, ticker) for ticker in _STRIKES]

    def day() -> Figures:
        tapes = strikes[generator.integers(len(strikes))]
        drawn = generator.choice(len(tapes), len(tapes))
        return _figures(profile, [tapes[number] for number in drawn])

    return [(day(), day()) for _ in range(DRAWS)]


def hours(path: Path, ticker: str) -> list[MarketTape]:
    """Tapes of the hours of one market, each begun with the book as it then was."""
    tapes: list[MarketTape] = []
    sides: tuple[dict[int, int], ...] = ({}, {})
    until_ms = 0
    for event in read_session(path).events:
        if not isinstance(event, BookDelta | BookSnapshot) or event.ticker != ticker:
            continue
        if event.ts_ms >= until_ms:
            until_ms = event.ts_ms + _HOUR_MS
            tapes.append(_begun(ticker, sides, event.ts_ms))
        tapes[-1].take(event)
        _change(sides, event)
    for tape in tapes:
        tape.end()
    return tapes


def _begun(ticker: str, sides: tuple[dict[int, int], ...], ts_ms: int) -> MarketTape:
    bids, asks = (tuple(side.items()) for side in sides)
    tape = MarketTape(ticker)
    tape.take(BookSnapshot(ticker, bids, asks, ts_ms=ts_ms))
    return tape


def _change(sides: tuple[dict[int, int], ...], event: BookDelta | BookSnapshot) -> None:
    if isinstance(event, BookSnapshot):
        for side, levels in zip(sides, (event.bids, event.asks), strict=True):
            side.clear()
            side.update(levels)
        return
    side = sides[event.side]
    side[event.price_pips] = side.get(event.price_pips, 0) + event.delta_lots
    if side[event.price_pips] <= 0:
        del side[event.price_pips]


def _figures(profile: FlowProfile, tapes: Sequence[MarketTape]) -> Figures:
    favourites = [int(contracts) for contracts, _ in profile.favourite_sizes]
    return figures_of(tapes, tapes, favourites, bool(profile.price_ranges))


_PAIRS: Final[dict[str, Callable[[FlowProfile, Path, np.random.Generator], list[Pair]]]] = {
    "fast-crypto": _session_pairs,
    "slow-index": _day_pairs,
}
