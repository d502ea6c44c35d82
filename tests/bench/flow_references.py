"""The published figures that generated flow is compared with, and how near it has to come.

Sections are those of the measured market statistics, `reference/market-statistics.md`, from
public recordings of the production exchange. "Recording" names a figure that this program
computes itself from the same public recordings, where the published list has no such line.
"""

from dataclasses import dataclass
from typing import Final, Literal

_FAST = "section 1, KXBTC15M, May 2026"
_FAST_RECORDING = "recording: KXBTC15M, 31 sessions, May 2026"
_SLOW = "section 2, INXD-23AUG31"
_SLOW_RECORDING = "recording: INXD-23AUG31"
_TRADES = "section 4, KXINX / KXINXU, Jan-Feb 2026"

SPREAD: Final = "99 % of draws"
"""The recordings themselves differ by that much, see `flow_spread`."""
NARROWER: Final = "stricter than the draws"
"""Recordings differ by more. Those tolerances were chosen, and stay because they are stricter."""
EXACT: Final = "exact"
"""Nothing random decides it, or the published figure is a limit."""
COUNTED: Final = "69 deltas counted"
"""The quietest market's count, Fano factor 3.66: 99 % lie between 28 and 110."""
SERIES: Final = "six series, 28 .. 95 %"
"""The series of section 5 differ by more than this tolerance."""
STRIKES: Final = "seven strikes, 1 .. 100 %"
"""The strikes of the recording differ by more than this tolerance."""
CLOSES: Final = "32 closes"
"""A Brier score of 0.009 is 3.6 % of closes at a half; 32 of them show up to 12 % at 99 %."""
TWO_SERIES: Final = "0.34 and 0.40"
"""Section 4, and the recordings of section 1 with inferred trades."""
TRADED: Final = "two series, 1,000 trades"
"""KXINX and KXINXU have 18 and 20, 51 and 80, 162 and 200; and 99 % sampling error, factor 1.2."""
SIGNS: Final = "1,000 trades"
"""99 % sampling error of a correlation."""


@dataclass(frozen=True)
class Reference:
    """One published figure.

    Attributes:
        point: 1 to 6, of "What a generator should reproduce first".
        name: of the statistic.
        measured: the published value.
        kind: a generated value may differ by a factor of `tolerance`, by `tolerance` itself, or
            must be at least the measured one less `tolerance`.
        source: where the value was published.
        basis: what the tolerance rests on.
    """

    point: int
    name: str
    measured: float
    kind: Literal["factor", "difference", "least"]
    tolerance: float
    source: str
    basis: str

    def admits(self, value: float) -> bool:
        """True if a generated value is near enough."""
        if self.kind == "factor":
            return self.measured / self.tolerance <= value <= self.measured * self.tolerance
        below = value >= self.measured - self.tolerance
        return below and (self.kind == "least" or value <= self.measured + self.tolerance)


def _factor(
    point: int, name: str, measured: float, tolerance: float, source: str, basis: str
) -> Reference:
    return Reference(point, name, measured, "factor", tolerance, source, basis)


def _within(
    point: int, name: str, measured: float, tolerance: float, source: str, basis: str
) -> Reference:
    return Reference(point, name, measured, "difference", tolerance, source, basis)


def _least(
    point: int, name: str, measured: float, tolerance: float, source: str, basis: str
) -> Reference:
    return Reference(point, name, measured, "least", tolerance, source, basis)


_FAST_CRYPTO: Final = (
    _factor(1, "busiest deltas/s", 84.0, 1.39, _FAST, SPREAD),
    _factor(1, "busiest : quietest", 500.0, 2.5, _SLOW, COUNTED),
    _factor(2, "Fano factor of 1 s counts", 70.0, 1.29, _FAST, SPREAD),
    _within(2, "autocorrelation 1 s", 0.47, 0.115, _FAST, SPREAD),
    _within(2, "autocorrelation 5 s", 0.29, 0.15, _FAST, SPREAD),
    _within(2, "autocorrelation 30 s", 0.18, 0.15, _FAST, NARROWER),
    _factor(2, "deltas in an active s p50", 67.0, 1.5, _FAST, SPREAD),
    _factor(2, "deltas in an active s p90", 190.0, 1.29, _FAST, SPREAD),
    _factor(2, "deltas in an active s p99", 367.0, 1.24, _FAST, SPREAD),
    _within(2, "gaps zero", 0.33, 0.025, _FAST, SPREAD),
    _factor(2, "gap p75 ms", 9.7, 1.25, _FAST, SPREAD),
    _factor(2, "gap p99 ms", 136.0, 1.49, _FAST, SPREAD),
    _factor(2, "gap coefficient of variation", 3.5, 1.6, _FAST, NARROWER),
    _within(2, "time stamps with 1 delta", 0.559, 0.062, _FAST, SPREAD),
    _within(2, "time stamps with 2 deltas", 0.427, 0.06, _FAST, SPREAD),
    _within(2, "second halves of a move", 0.268, 0.032, _FAST, SPREAD),
    _least(3, "removed quantity cancelled", 0.95, 0.0, "point 3", EXACT),
    _within(3, "ticker volume : removed", 0.035, 0.015, _FAST, SPREAD),
    _within(3, "adds", 0.473, 0.008, _FAST, SPREAD),
    _within(3, "new levels", 0.074, 0.03, _FAST, NARROWER),
    _factor(3, "level life ms p10", 10.0, 1.8, _FAST, NARROWER),
    _factor(3, "level life ms p25", 20.0, 1.8, _FAST, SPREAD),
    _factor(3, "level life ms p50", 75.0, 1.8, _FAST, NARROWER),
    _factor(3, "level life ms p75", 560.0, 1.8, _FAST, NARROWER),
    _factor(3, "level life ms p90", 3_600.0, 2.0, _FAST, NARROWER),
    _within(3, "strikes improves", 0.028, 0.01, _FAST, SPREAD),
    _within(3, "strikes at", 0.237, 0.038, _FAST, SPREAD),
    _within(3, "strikes within 3 c", 0.422, 0.072, _FAST, SPREAD),
    _within(3, "strikes within 10 c", 0.198, 0.043, _FAST, SPREAD),
    _within(3, "strikes deeper", 0.116, 0.032, _FAST, SPREAD),
    _within(4, "adds of a favourite size", 0.538, 0.05, _FAST, NARROWER),
    _within(4, "adds whole", 0.897, 0.028, _FAST, SPREAD),
    _factor(4, "add size p10", 2.0, 1.5, _FAST, NARROWER),
    _factor(4, "add size p25", 14.5, 1.5, _FAST, NARROWER),
    _factor(4, "add size p50", 76.0, 1.3, _FAST, NARROWER),
    _factor(4, "add size p75", 400.0, 1.3, _FAST, NARROWER),
    _factor(4, "add size p90", 1_000.0, 1.25, _FAST, SPREAD),
    _factor(4, "add size p99", 6_249.0, 1.25, _FAST, SPREAD),
    _factor(4, "add size mean", 551.0, 1.21, _FAST, SPREAD),
    _within(4, "prices below a cent's step", 1.0, 0.0, _FAST, EXACT),
    _factor(4, "trade size p25", 5.0, 1.33, _FAST, SPREAD),
    _factor(4, "trade size p50", 15.5, 1.26, _FAST, SPREAD),
    _factor(4, "trade size p75", 50.0, 1.28, _FAST, SPREAD),
    _factor(4, "trade size p90", 131.0, 1.28, _FAST, SPREAD),
    _factor(4, "trade size p99", 832.0, 1.23, _FAST, SPREAD),
    _within(5, "spread below 1 c", 0.34, 0.234, _FAST, SPREAD),
    _within(5, "spread 1 c", 0.79, 0.08, f"{_FAST}: 52 of the 66 % at 1 c or wider", NARROWER),
    _within(5, "spread 2 c", 0.148, 0.06, f"{_FAST}: 9.8 of those 66 %", SPREAD),
    _within(5, "spread 3 c", 0.014, 0.02, f"{_FAST}: 0.9 of those 66 %", NARROWER),
    _within(5, "one-sided time", 0.61, 0.2, "section 5, six crypto series, 2026", SERIES),
    _within(5, "empty snapshot at the close", 1.0, 0.0, "point 5", EXACT),
    _within(5, "closes at 0 or 1", 1.0, 0.1, "section 5: Brier 0.009 at the close", CLOSES),
    _factor(6, "mid change 1 s sd c", 1.5, 1.5, _FAST, NARROWER),
    _factor(6, "mid change 10 s sd c", 5.2, 1.5, _FAST, NARROWER),
    _factor(6, "mid change 60 s sd c", 14.0, 1.8, _FAST, NARROWER),
    _factor(6, "mid change 1 s sd c, mid 20..80", 1.9, 1.5, _FAST, NARROWER),
    _factor(6, "mid change 10 s sd c, mid 20..80", 6.6, 1.5, _FAST, NARROWER),
    _factor(6, "mid change 60 s sd c, mid 20..80", 16.8, 1.8, _FAST, NARROWER),
    _factor(6, "mid change 1 s kurtosis", 70.0, 2.5, _FAST, NARROWER),
    _factor(6, "mid change 10 s kurtosis", 18.0, 2.5, _FAST, NARROWER),
    _factor(6, "mid change 60 s kurtosis", 11.0, 3.0, _FAST, NARROWER),
    _within(6, "mid change 1 s c p50", 0.05, 0.1, _FAST, SPREAD),
    _factor(6, "mid change 1 s c p90", 1.5, 1.5, _FAST, SPREAD),
    _factor(6, "mid change 1 s c p99", 6.5, 1.7, _FAST, NARROWER),
    _within(6, "sign of next trade", 0.34, 0.06, _TRADES, TWO_SERIES),
    _within(
        6,
        "new best gone in 47 ms",
        0.215,
        0.063,
        f"{_FAST_RECORDING}; a live taker lost 37 %",
        SPREAD,
    ),
)

_SLOW_INDEX: Final = (
    _factor(1, "busiest deltas/s", 1.535, 1.6, _SLOW, NARROWER),
    _factor(1, "busiest : quietest", 520.0, 2.5, _SLOW, COUNTED),
    _factor(2, "Fano factor of 1 s counts", 3.66, 1.46, _SLOW_RECORDING, SPREAD),
    _within(2, "autocorrelation 1 s", 0.19, 0.07, _SLOW_RECORDING, SPREAD),
    _within(2, "autocorrelation 5 s", 0.10, 0.09, _SLOW_RECORDING, SPREAD),
    _within(2, "autocorrelation 30 s", 0.09, 0.105, _SLOW_RECORDING, SPREAD),
    _within(2, "deltas in an active s p50", 2.0, 1.0, _SLOW, SPREAD),
    _factor(2, "deltas in an active s p90", 5.0, 1.6, _SLOW, NARROWER),
    _factor(2, "deltas in an active s p99", 11.0, 1.6, _SLOW, NARROWER),
    _factor(2, "gap p99 ms", 7_100.0, 2.0, _SLOW_RECORDING, NARROWER),
    _factor(2, "gap coefficient of variation", 2.3, 1.25, _SLOW_RECORDING, SPREAD),
    _within(
        2, "time stamps with 2 deltas", 0.427, 0.12, f"{_FAST}; 0.35 in the INXD recording", SPREAD
    ),
    _within(2, "second halves of a move", 0.261, 0.055, _SLOW_RECORDING, SPREAD),
    _least(3, "removed quantity cancelled", 0.95, 0.0, "point 3", EXACT),
    _within(3, "adds", 0.501, 0.005, _SLOW, SPREAD),
    _within(3, "new levels", 0.194, 0.09, _SLOW_RECORDING, NARROWER),
    _factor(3, "level life ms p10", 1_000.0, 1.9, _SLOW, SPREAD),
    _factor(3, "level life ms p25", 3_000.0, 2.0, _SLOW, NARROWER),
    _factor(3, "level life ms p50", 14_000.0, 2.0, _SLOW, NARROWER),
    _factor(3, "level life ms p75", 82_000.0, 2.0, _SLOW, NARROWER),
    _factor(3, "level life ms p90", 127_000.0, 1.84, _SLOW, SPREAD),
    _within(3, "strikes improves", 0.047, 0.015, _SLOW, SPREAD),
    _within(3, "strikes at", 0.206, 0.08, _SLOW, NARROWER),
    _within(3, "strikes within 3 c", 0.22, 0.057, _SLOW, SPREAD),
    _within(3, "strikes within 10 c", 0.33, 0.1, _SLOW, NARROWER),
    _within(3, "strikes deeper", 0.19, 0.1, _SLOW, NARROWER),
    _within(4, "adds of a favourite size", 0.79, 0.06, _SLOW, NARROWER),
    _within(4, "adds whole", 1.0, 0.0, _SLOW, EXACT),
    _factor(4, "add size p10", 100.0, 1.5, _SLOW, NARROWER),
    _factor(4, "add size p50", 200.0, 1.0, _SLOW, SPREAD),
    _factor(4, "add size p75", 225.0, 1.3, _SLOW, NARROWER),
    _factor(4, "add size p90", 400.0, 1.3, _SLOW, NARROWER),
    _factor(4, "add size p99", 2_000.0, 1.6, _SLOW, NARROWER),
    _within(4, "prices below a cent's step", 0.0, 0.0, _SLOW, EXACT),
    _factor(4, "trade size p25", 5.0, 1.3, _TRADES, TRADED),
    _factor(4, "trade size p50", 18.0, 1.35, _TRADES, TRADED),
    _factor(4, "trade size p75", 51.0, 1.6, _TRADES, TRADED),
    _factor(4, "trade size p90", 162.0, 1.5, _TRADES, TRADED),
    _within(5, "spread 1 c", 0.20, 0.1, f"{_SLOW}, B4512", NARROWER),
    _within(5, "spread 2 c", 0.40, 0.1, f"{_SLOW}, B4512", NARROWER),
    _within(5, "spread 3 c", 0.32, 0.1, f"{_SLOW}, B4512", NARROWER),
    _within(5, "spread 4 c", 0.06, 0.05, f"{_SLOW}, B4512", NARROWER),
    _within(5, "one-sided time", 0.57, 0.25, _SLOW_RECORDING, STRIKES),
    _within(5, "empty snapshot at the close", 1.0, 0.0, "point 5", EXACT),
    _within(5, "closes at 0 or 1", 1.0, 0.1, "section 5: Brier 0.009 at the close", CLOSES),
    _factor(6, "mid change 1 s sd c, mid 20..80", 0.31, 1.27, _SLOW, SPREAD),
    _factor(6, "mid change 10 s sd c, mid 20..80", 0.65, 1.45, _SLOW, SPREAD),
    _factor(6, "mid change 60 s sd c, mid 20..80", 1.46, 1.58, _SLOW, SPREAD),
    _factor(
        6,
        "mid change 1 s kurtosis",
        70.0,
        6.0,
        f"point 6; 263 in the INXD {_SLOW_RECORDING}",
        NARROWER,
    ),
    _within(6, "mid change 1 s c p50", 0.0, 0.0, _SLOW, SPREAD),
    _within(6, "mid change 1 s c p99", 1.0, 0.5, _SLOW, SPREAD),
    _within(6, "sign of next trade", 0.34, 0.09, _TRADES, SIGNS),
)

REFERENCES: Final = {"fast-crypto": _FAST_CRYPTO, "slow-index": _SLOW_INDEX}
"""By profile, in order of the points."""
MINUTES: Final = {"fast-crypto": 61.0, "slow-index": 1_570.0}
"""Venue time by profile that holds whole events from open to close, in minutes."""
