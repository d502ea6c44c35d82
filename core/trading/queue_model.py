"""Where a resting order stands behind displayed size, once, for replay and simulation.

Trades at the level take from the front and reduce what is ahead in full. Who cancelled is not
known, so one of two rules is chosen: cancels are spread over the level, so what is ahead shrinks
pro rata, rounded against us; or they come from behind us while there is anything behind us.
"""

from typing import Final

from core.kernels import kernel

PRO_RATA: Final = 0
BEHIND: Final = 1


@kernel
def after_trade(ahead_lots: int, remaining_lots: int, traded_lots: int) -> tuple[int, int]:
    """Let a trade at our price pass the queue.

    Returns:
        (lots still ahead of us, lots of ours that it filled).
    """
    ahead = max(0, ahead_lots - traded_lots)
    filled = min(remaining_lots, max(0, traded_lots - ahead_lots))
    return ahead, filled


@kernel
def after_cancel(ahead_lots: int, level_lots: int, cancelled_lots: int, rule: int) -> int:
    """Lots ahead after `cancelled_lots` of a level that showed `level_lots` were cancelled.

    Args:
        ahead_lots: part of the level that stands before us.
        level_lots: the level without our own lots, before the cancel.
        cancelled_lots: what left the level.
        rule: PRO_RATA or BEHIND.
    """
    left = level_lots - cancelled_lots
    if left <= 0:
        return 0
    if rule == BEHIND:
        return min(left, ahead_lots)
    return min(left, (ahead_lots * left + level_lots - 1) // level_lots)
