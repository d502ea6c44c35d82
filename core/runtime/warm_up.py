"""Compile the kernels before anything waits for them: once at start, behind the checklist."""

from collections.abc import Callable

import numpy as np

from core.trading.fees import fill_fee
from core.trading.ledger import fold_fill, liquidation_value
from core.trading.planner import Desk, collateral, masks, plan


def compile_kernels(is_unwanted: Callable[[], bool] = lambda: False) -> None:
    """Call every kernel of the live path once, with the types that live code uses.

    Args:
        is_unwanted: asked between kernels, as the compiler itself cannot be interrupted; True
            leaves out the rest.
    """
    levels = np.zeros(1, dtype=np.int64)
    desk = Desk(2_800, 3_000, 0, -1, 0, -1, 0, 100_000_000, 1_000, 20_000, 7_000)
    calls: tuple[Callable[[], object], ...] = (
        lambda: masks(desk),
        lambda: plan(desk, 1),
        lambda: collateral(0, 2_800, 1_000, 0, 7_000),
        lambda: fold_fill(0, 0, 0, 2_800, 1_000),
        lambda: fill_fee(7_000, 1_000, 2_800, -2_800_000, 100, 0),
        lambda: liquidation_value(0, levels, levels, levels, levels),
    )
    for call in calls:
        if is_unwanted():
            return
        call()
