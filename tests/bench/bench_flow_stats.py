"""Generated flow against the measured markets: all six points, each with its tolerance.

With recordings it tells instead how much those differ, which is what the tolerances rest on.
"""

import argparse

from flow_recording import generated, recorded
from flow_references import MINUTES, REFERENCES, Reference
from flow_spread import spread
from flow_statistics import statistics_of

from core.errors import ConfigError
from core.sandbox.flow_profiles import PROFILES


def measure(args: argparse.Namespace) -> dict[str, object]:
    """Return a row for every statistic; as JSON objects, or as lines of a table.

    Raises:
        ConfigError: the venue time is no time, or the folder holds no recordings.
    """
    profile = PROFILES[args.profile]
    if args.spread is not None:
        return {"profile": profile.name} | spread(profile, args.spread, args.seed)
    minutes = args.minutes if args.minutes is not None else MINUTES[profile.name]
    if minutes <= 1:
        raise ConfigError("--minutes needs more than 1, so that markets can be watched")
    favourites = [int(contracts) for contracts, _ in profile.favourite_sizes]
    is_fine = bool(profile.price_ranges)
    tapes, messages_per_s = generated(profile, args.seed, args.markets, minutes)
    found = statistics_of(tapes, favourites, is_fine)
    session: dict[str, float] = {}
    if args.session is not None:
        session = statistics_of(recorded(args.session), favourites, is_fine)
    rows = [_row(reference, found, session) for reference in REFERENCES[profile.name]]
    within = [row for row in rows if row["is_within"]]
    head = {
        "profile": profile.name,
        "venue_minutes": minutes,
        "seed": args.seed,
        "messages": sum(len(tape.delta_ms) + len(tape.trade_lots) for tape in tapes),
        "messages_per_s": round(messages_per_s),
        "crossed_books": sum(tape.crossed for tape in tapes),
        "within": f"{len(within)} of {len(rows)}",
    }
    return head | ({"rows": rows} if args.json else _table(rows))


def _row(
    reference: Reference, found: dict[str, float], session: dict[str, float]
) -> dict[str, object]:
    value = found.get(reference.name)
    row: dict[str, object] = {
        "point": reference.point,
        "statistic": reference.name,
        "measured": reference.measured,
        "generated": None if value is None else round(value, 4),
        "tolerance": f"{reference.kind} {reference.tolerance:g}",
        "basis": reference.basis,
        "is_within": value is not None and reference.admits(value),
        "source": reference.source,
    }
    if value is not None and reference.kind == "factor":
        row["ratio"] = round(value / reference.measured, 3)
    elif value is not None:
        row["difference"] = round(value - reference.measured, 4)
    if reference.name in session:
        row["session"] = round(session[reference.name], 4)
    return row


def _table(rows: list[dict[str, object]]) -> dict[str, object]:
    """One line a statistic, by point and name."""
    table: dict[str, object] = {}
    for row in rows:
        gap = f"x {row['ratio']}" if "ratio" in row else f"{row.get('difference', '')}"
        value = "none" if row["generated"] is None else f"{row['generated']:.4g}"
        text = f"measured {row['measured']:>8.4g}  generated {value:>8}  {gap:>9}"
        if "session" in row:
            text += f"  session {row['session']:>8.4g}"
        verdict = "within" if row["is_within"] else "FAIL"
        key = f"{row['point']} {row['statistic']}"
        table[f"{key:36}"] = f"{text}  {verdict:7} ({row['tolerance']}, {row['basis']})"
    return table
