"""The median of each figure over several runs."""

from collections.abc import Mapping, Sequence
from statistics import median

Figures = Mapping[str, float | None]


def medians(runs: Sequence[Figures]) -> dict[str, float | None]:
    """Take the median of each figure; None where no run has it."""
    return {name: _median([run[name] for run in runs]) for name in runs[0]}


def _median(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(median(known), 3) if known else None
