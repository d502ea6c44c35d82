"""Compile the kernels before anything waits for them: once at start, behind the checklist."""

import numpy as np

from core.trading.fees import fill_fee
from core.trading.ledger import fold_fill, liquidation_value
from core.trading.planner import Desk, collateral, masks, plan


def compile_kernels() -> None:
    """Call every kernel of the live path once, with the types that live code uses."""
    levels = np.zeros(1, dtype=np.int64)
    desk = Desk(2_800, 3_000, 0, -1, 0, -1, 0, 100_000_000, 1_000, 20_000, 7_000)
    masks(desk)
    plan(desk, 1)
    collateral(0, 2_800, 1_000, 0, 7_000)
    fold_fill(0, 0, 0, 2_800, 1_000)
    fill_fee(7_000, 1_000, 2_800, -2_800_000, 100, 0)
    liquidation_value(0, levels, levels, levels, levels)
