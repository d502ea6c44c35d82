"""The market statistics of one or more market tapes, by name. Floats, for reading only."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from flow_tape import DISTANCES, MarketTape
from numpy.typing import NDArray

from core.units import LOTS_PER_CONTRACT, PIPS_PER_CENT, PIPS_PER_DOLLAR

Floats = NDArray[np.float64]
ORDER_PATH_MS = 47
"""Median time from submit to answer of a live taker, section 1."""
_VOLUME_COUNTS = 2
"""The production ticker counts a traded contract twice: in 19,398 steps of the recordings of
section 1 its volume never rose by less than twice the last trade, and 1,884 times by just that."""
_COUNT_SHARES = (50, 90, 99)
_LIFE_SHARES = (10, 25, 50, 75, 90)
_SIZE_SHARES = (10, 25, 50, 75, 90, 99)


def statistics_of(
    tapes: Sequence[MarketTape], favourites: Sequence[int], is_fine: bool
) -> dict[str, float]:
    """Every statistic of the six points that the tapes hold.

    Args:
        tapes: all markets of some events; what was published of one market an event is computed
            from the one that began at the money, the rest from all.
        favourites: favourite add sizes in contracts.
        is_fine: the markets have ticks below a cent.
    """
    return figures_of(tapes, at_the_money(tapes), favourites, is_fine)


def figures_of(
    tapes: Sequence[MarketTape],
    chosen: Sequence[MarketTape],
    favourites: Sequence[int],
    is_fine: bool,
) -> dict[str, float]:
    """The same with `chosen` as the tapes of one market an event."""
    figures = activity(tapes)
    figures |= bursts(chosen)
    figures |= lives(chosen)
    figures |= sizes(chosen, favourites)
    figures |= shapes(tapes, chosen, is_fine)
    figures |= moves(chosen)
    return figures


def at_the_money(tapes: Sequence[MarketTape]) -> list[MarketTape]:
    """The market of each event whose first mid was nearest to 50 c."""
    best: dict[str, MarketTape] = {}
    for tape in tapes:
        event = tape.ticker.rsplit("-", 1)[0]
        if event not in best or _off_the_money(tape) < _off_the_money(best[event]):
            best[event] = tape
    return list(best.values())


def _off_the_money(tape: MarketTape) -> float:
    mids = (mid for _, bid, ask in tape.quotes if (mid := _mid_c(bid, ask)) == mid)
    return abs(next(mids, 100.0) - 50.0)


def activity(tapes: Sequence[MarketTape]) -> dict[str, float]:
    """Point 1: rates, and how they differ within an event."""
    events: dict[str, list[float]] = {}
    for tape in tapes:
        seconds = (tape.last_ms - tape.first_ms) / 1_000
        if seconds > 0:
            rate = len(tape.delta_ms) / seconds
            events.setdefault(tape.ticker.rsplit("-", 1)[0], []).append(rate)
    ratios = [max(rates) / min(rates) for rates in events.values() if min(rates) > 0]
    return {
        "busiest deltas/s": _mean([max(rates) for rates in events.values()]),
        "busiest : quietest": float(np.median(ratios)) if ratios else 0.0,
    }


def bursts(tapes: Sequence[MarketTape]) -> dict[str, float]:
    """Point 2: counts, gaps and groups."""
    counts = [_counts(tape) for tape in tapes if len(tape.delta_ms) > 1]
    gaps = _joined([np.diff(tape.delta_ms) for tape in tapes])
    groups = _joined([np.array(tape.group_sizes) for tape in tapes])
    every = _joined(counts)
    active = every[every > 0]
    deltas = sum(len(tape.delta_ms) for tape in tapes)
    return {
        "Fano factor of 1 s counts": _fano(counts),
        **{f"autocorrelation {lag} s": _autocorrelation(counts, lag) for lag in (1, 5, 30)},
        **_quantiles("deltas in an active s", active, _COUNT_SHARES),
        "gaps zero": _share(gaps == 0),
        "gap p75 ms": float(np.percentile(gaps, 75)),
        "gap p99 ms": float(np.percentile(gaps, 99)),
        "gap coefficient of variation": float(gaps.std() / gaps.mean()),
        "time stamps with 1 delta": _share(groups == 1),
        "time stamps with 2 deltas": _share(groups == 2),
        "second halves of a move": sum(tape.moved for tape in tapes) / deltas,
    }


def lives(tapes: Sequence[MarketTape]) -> dict[str, float]:
    """Point 3: what becomes of orders and levels."""
    removed = sum(sum(tape.removes) for tape in tapes)
    traded = sum(sum(tape.trade_lots) for tape in tapes)
    deltas = sum(len(tape.delta_ms) for tape in tapes)
    ended = _joined([np.array(tape.lives_ms, dtype=float) for tape in tapes])
    struck = np.sum([tape.distances for tape in tapes], axis=0)
    return {
        "removed quantity cancelled": 1 - traded / removed,
        "ticker volume : removed": _VOLUME_COUNTS * traded / removed,
        "adds": sum(len(tape.adds) for tape in tapes) / deltas,
        "new levels": sum(tape.levels_made for tape in tapes) / deltas,
        **_quantiles("level life ms", ended, _LIFE_SHARES),
        **{
            f"strikes {where}": float(count / struck.sum())
            for where, count in zip(DISTANCES, struck, strict=True)
        },
    }


def sizes(tapes: Sequence[MarketTape], favourites: Sequence[int]) -> dict[str, float]:
    """Point 4: sizes of adds and trades, and finer units."""
    adds = _joined([np.array(tape.adds) for tape in tapes])
    trades = _joined([np.array(tape.trade_lots) for tape in tapes]) / LOTS_PER_CONTRACT
    prices = _joined([np.array(sorted(tape.prices)) for tape in tapes])
    wanted = np.array(favourites) * LOTS_PER_CONTRACT
    return {
        "adds of a favourite size": _share(np.isin(adds, wanted)),
        "adds whole": _share(adds % LOTS_PER_CONTRACT == 0),
        **_quantiles("add size", adds / LOTS_PER_CONTRACT, _SIZE_SHARES),
        "add size mean": float(adds.mean()) / LOTS_PER_CONTRACT,
        "prices below a cent's step": float(np.any(prices % PIPS_PER_CENT > 0)),
        **(_quantiles("trade size", trades, _SIZE_SHARES[1:]) if len(trades) else {}),
    }


def shapes(
    tapes: Sequence[MarketTape], chosen: Sequence[MarketTape], is_fine: bool
) -> dict[str, float]:
    """Point 5: spreads by time, one-sided books, the end of a book."""
    spans = [span for tape in chosen for span in tape.spans()]
    spreads = [(time, bid, ask - bid) for time, bid, ask in spans if _is_two_sided(bid, ask)]
    if is_fine:  # the tails have a finer tick and are told apart
        total = sum(time for time, _, _ in spreads)
        below = sum(time for time, _, spread in spreads if spread < PIPS_PER_CENT)
        figures = {"spread below 1 c": below / total if total else 0.0}
        spreads = [entry for entry in spreads if entry[2] >= PIPS_PER_CENT]
    else:
        figures = {}
    total = sum(time for time, _, _ in spreads) or 1
    for cents in (1, 2, 3, 4):
        held = sum(time for time, _, spread in spreads if spread == cents * PIPS_PER_CENT)
        figures[f"spread {cents} c"] = held / total
    sided = [span for tape in tapes for span in tape.spans() if span[1:] != (None, None)]
    watched = sum(time for time, _, _ in sided) or 1
    two = sum(time for time, bid, ask in sided if _is_two_sided(bid, ask))
    ended = [tape for tape in tapes if tape.quotes and tape.quotes[-1][1:] == (None, None)]
    figures["one-sided time"] = 1 - two / watched
    if ended:
        figures["empty snapshot at the close"] = _share(np.array([t.ends_empty for t in ended]))
        edge = PIPS_PER_DOLLAR * 0.05
        at_edge = [min(t.last_mid_pips, PIPS_PER_DOLLAR - t.last_mid_pips) < edge for t in ended]
        figures["closes at 0 or 1"] = _share(np.array(at_edge))
    return figures


def moves(tapes: Sequence[MarketTape]) -> dict[str, float]:
    """Point 6: changes of the mid, runs of takers, quotes that go."""
    figures: dict[str, float] = {}
    for seconds in (1, 10, 60):
        changes = _joined([_mid_changes(tape, seconds, 0) for tape in tapes])
        inside = _joined([_mid_changes(tape, seconds, 20) for tape in tapes])
        figures[f"mid change {seconds} s sd c"] = _deviation(changes)
        figures[f"mid change {seconds} s kurtosis"] = _kurtosis(changes)
        figures[f"mid change {seconds} s sd c, mid 20..80"] = _deviation(inside)
        if seconds == 1 and len(changes):
            sizes_c = np.abs(changes)
            figures |= _quantiles("mid change 1 s c", sizes_c, (50, 90, 99))
    signs = [np.array(tape.taker_sides, dtype=float) for tape in tapes]
    figures["sign of next trade"] = _runs(signs)
    gone = _joined([_improvements_gone(tape) for tape in tapes])
    figures["new best gone in 47 ms"] = _share(gone > 0)
    return figures


def _counts(tape: MarketTape) -> Floats:
    times = np.array(tape.delta_ms)
    return np.bincount((times - times[0]) // 1_000).astype(float)


def _fano(counts: Sequence[Floats]) -> float:
    every = _joined(counts)
    return float(every.var() / every.mean()) if len(every) else 0.0


def _autocorrelation(counts: Sequence[Floats], lag: int) -> float:
    pairs = [(c[:-lag], c[lag:]) for c in counts if len(c) > lag + 1]
    before, after = _joined([p[0] for p in pairs]), _joined([p[1] for p in pairs])
    return _correlation(before, after)


def _runs(signs: Sequence[Floats]) -> float:
    pairs = [pair for tape in signs for pair in pairwise(tape)]
    both = np.array(pairs).reshape(-1, 2)
    return _correlation(both[:, 0], both[:, 1])


def _correlation(one: Floats, other: Floats) -> float:
    if len(one) < 10 or not one.std() or not other.std():
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])


def _mid_changes(tape: MarketTape, seconds: int, edge_c: int) -> Floats:
    """Changes of the mid over steps of this length in cents; two-sided at both ends."""
    quotes = tape.quotes
    if len(quotes) < 2:
        return np.array([])
    times = np.array([quote[0] for quote in quotes])
    mids = np.array([_mid_c(bid, ask) for _, bid, ask in quotes])
    grid = np.arange(times[0], tape.last_ms, 1_000)
    at = mids[np.searchsorted(times, grid, side="right") - 1]
    before, after = at[:-seconds], at[seconds:]
    known = ~np.isnan(before) & ~np.isnan(after)
    known &= (before >= edge_c) & (before <= 100 - edge_c)
    return after[known] - before[known]


def _improvements_gone(tape: MarketTape) -> Floats:
    """For every new best price: 1 if it is gone when an order sent at once arrives."""
    quotes = tape.quotes
    times = np.array([quote[0] for quote in quotes])
    found: list[Floats] = []
    for side, sign in ((1, 1), (2, -1)):
        best = np.array([-np.inf if q[side] is None else sign * q[side] for q in quotes])
        later = best[np.searchsorted(times, times + ORDER_PATH_MS, side="right") - 1]
        is_new = np.zeros(len(best), dtype=bool)
        is_new[1:] = best[1:] > best[:-1]
        found.append((later < best)[is_new].astype(float))
    return _joined(found)


def _mid_c(bid: int | None, ask: int | None) -> float:
    return (bid + ask) / 2 / PIPS_PER_CENT if bid is not None and ask is not None else np.nan


def _is_two_sided(bid: int | None, ask: int | None) -> bool:
    return bid is not None and ask is not None


def _quantiles(name: str, values: Floats, shares: Sequence[int]) -> dict[str, float]:
    if not len(values):
        return {}
    found: Callable[[int], float] = lambda share: float(np.percentile(values, share))  # noqa: E731
    return {f"{name} p{share}": found(share) for share in shares}


def _joined(series: Sequence[Floats]) -> Floats:
    return np.concatenate([*series, np.array([])])


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else 0.0


def _share(flags: NDArray[np.bool_]) -> float:
    return float(flags.mean()) if len(flags) else 0.0


def _deviation(values: Floats) -> float:
    return float(values.std()) if len(values) else 0.0


def _kurtosis(values: Floats) -> float:
    if len(values) < 4 or not values.std():
        return 0.0
    centred = values - values.mean()
    return float((centred**4).mean() / values.var() ** 2)
