"""The five actions. An action says what; the planner says how."""

from enum import IntEnum


class Action(IntEnum):
    """What a policy can want. In YES terms BUY_YES and SELL_NO bid, SELL_YES and BUY_NO ask."""

    HOLD = 0
    BUY_YES = 1
    SELL_YES = 2
    BUY_NO = 3
    SELL_NO = 4
