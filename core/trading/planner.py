"""Intent to order, once, for training and trading: which single request serves the action.

BUY_YES and SELL_NO rest a bid at the best net bid, SELL_YES and BUY_NO an ask at the best net
ask. An own order on the other side is cancelled first and the intent waits for the next decision;
an own order on this side is kept at the same price and amended at another, and is never topped
up. A BUY may net a held position and cross zero; a SELL never does. HOLD leaves orders alone.
"""

from typing import NamedTuple

from core.kernels import kernel
from core.trading.fees import fee_ceiling

HOLD, BUY_YES, SELL_YES, BUY_NO, SELL_NO = range(5)
NOTHING, CREATE, AMEND, CANCEL, KEEP, BLOCKED = range(6)
OK, NO_QUOTE, NO_POSITION, NO_CASH, NO_ROOM, RESTS_BEYOND = range(6)

REASONS = {
    OK: "",
    NO_QUOTE: "no quote to join",
    NO_POSITION: "nothing held to sell",
    NO_CASH: "sleeve has too little cash",
    NO_ROOM: "position limit reached",
    RESTS_BEYOND: "own order already closes more than is held",
}


class Desk(NamedTuple):
    """What the planner looks at in one market; prices in pips, -1 for none, quantities in lots.

    `cash_micros` is sleeve cash not held by resting orders; `own_*` are the actor's own resting
    orders; `fee_rate` is the taker coefficient in 1e-5.
    """

    best_bid: int
    best_ask: int
    position: int
    own_bid: int
    own_bid_lots: int
    own_ask: int
    own_ask_lots: int
    cash_micros: int
    size_lots: int
    limit_lots: int
    fee_rate: int


class Plan(NamedTuple):
    """One request: operation code, side, price in pips, lots, reason code if BLOCKED, action."""

    operation: int
    side: int
    price: int
    lots: int
    reason: int
    action: int = 0


@kernel
def collateral(side: int, price: int, lots: int, position: int, fee_rate: int) -> int:
    """Cash an order may need at worst: its opening part at cost plus the taker fee. Micros."""
    held = -position if side == 0 else position
    opening = lots - min(lots, max(0, held))
    unit = price if side == 0 else 10_000 - price
    return unit * opening + fee_ceiling(fee_rate, lots, price)


@kernel
def free_of(desk: Desk, side: int) -> int:
    """Sleeve cash a bid (0) or ask (1) may use: an own order it replaces gives its part back."""
    price, lots = (
        (desk.own_bid, desk.own_bid_lots) if side == 0 else (desk.own_ask, desk.own_ask_lots)
    )
    if lots == 0:
        return desk.cash_micros
    return desk.cash_micros + collateral(side, price, lots, desk.position, desk.fee_rate)


@kernel
def obstacle(desk: Desk, action: int) -> int:
    """Why an action is forbidden now, OK if it is not. The masks are exactly this."""
    if action == 0:
        return OK
    side = 0 if action in (BUY_YES, SELL_NO) else 1
    price = desk.best_bid if side == 0 else desk.best_ask
    resting = desk.own_bid_lots if side == 0 else desk.own_ask_lots
    if price < 0:
        return NO_QUOTE
    towards = desk.position if side == 0 else -desk.position
    if action in (SELL_YES, SELL_NO):
        if towards >= 0:
            return NO_POSITION
        return RESTS_BEYOND if resting > -towards else OK
    lots = resting if resting else desk.size_lots
    if towards + lots > desk.limit_lots:
        return NO_ROOM
    needed = collateral(side, price, lots, desk.position, desk.fee_rate)
    return NO_CASH if needed > free_of(desk, side) else OK


@kernel
def masks(desk: Desk) -> tuple[bool, bool, bool, bool, bool]:
    """Which of the five actions are open, in action order."""
    return (
        True,
        obstacle(desk, 1) == OK,
        obstacle(desk, 2) == OK,
        obstacle(desk, 3) == OK,
        obstacle(desk, 4) == OK,
    )


@kernel
def plan(desk: Desk, action: int) -> Plan:
    """The one request that serves the action now."""
    if action == 0:
        return Plan(NOTHING, 0, -1, 0, OK, action)
    side = 0 if action in (BUY_YES, SELL_NO) else 1
    reason = obstacle(desk, action)
    if reason != OK:
        return Plan(BLOCKED, side, -1, 0, reason, action)
    price = desk.best_bid if side == 0 else desk.best_ask
    own_price, own_lots = (
        (desk.own_bid, desk.own_bid_lots) if side == 0 else (desk.own_ask, desk.own_ask_lots)
    )
    other_price, other_lots = (
        (desk.own_ask, desk.own_ask_lots) if side == 0 else (desk.own_bid, desk.own_bid_lots)
    )
    if other_lots > 0:
        return Plan(CANCEL, 1 - side, other_price, other_lots, OK, action)
    if own_lots > 0:
        operation = KEEP if own_price == price else AMEND
        return Plan(operation, side, price, own_lots, OK, action)
    lots = desk.size_lots
    if action in (SELL_YES, SELL_NO):
        lots = min(lots, abs(desk.position))
    return Plan(CREATE, side, price, lots, OK, action)
