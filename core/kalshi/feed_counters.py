"""What a feed session counts."""

from dataclasses import dataclass


@dataclass(slots=True)
class FeedCounters:
    """What the session has seen since it was made; never reset by a reconnect.

    `held_back` counts deltas of books that were waiting for their snapshot, `overflows` ends of a
    subscription because we read too slowly, `wrong_scale` snapshots in other prices than asked for.
    """

    deltas: int = 0
    snapshots: int = 0
    trades: int = 0
    gaps: int = 0
    duplicates: int = 0
    unknown: int = 0
    malformed: int = 0
    held_back: int = 0
    repairs: int = 0
    resubscribes: int = 0
    lost_connections: int = 0
    overflows: int = 0
    wrong_scale: int = 0
