"""An order as the local exchange keeps it, and what an action of a book does to orders.

Pure: no clock, no randomness, no socket.
"""

from typing import Literal, NamedTuple

import msgspec

TimeInForce = Literal["good_till_canceled", "immediate_or_cancel", "fill_or_kill"]
SelfTradePrevention = Literal["taker_at_cross", "maker"]
OrderStatus = Literal["resting", "canceled", "executed"]

CROWD = 0
"""Owner number of everyone without an account: the flow, the recorded traders."""


class Order(msgspec.Struct, eq=False):
    """One order; the book moves its counts, the exchange its status and money.

    A struct because it is made fast and the garbage collector never has to look at it.

    Attributes:
        owner: account number, CROWD for anonymous liquidity.
        remaining_lots: what rests, or still looks for a match while being placed.
        taker_cost_micros: YES price times lots over the fills it took; maker likewise.
        accumulated_micros: rounding fees paid and not had back (protocol 6.6).
        group_id: order group it was placed in, kept when that group is deleted.
        reason: why it changed last, in the words of `last_update_reason`.
    """

    order_id: str
    owner: int
    ticker: str
    side: int
    price_pips: int
    initial_lots: int
    remaining_lots: int
    client_order_id: str = ""
    time_in_force: TimeInForce = "good_till_canceled"
    self_trade: SelfTradePrevention = "taker_at_cross"
    post_only: bool = False
    cancel_on_pause: bool = False
    group_id: str = ""
    expires_ms: int = 0
    created_ms: int = 0
    updated_ms: int = 0
    serial: int = 0
    filled_lots: int = 0
    status: OrderStatus = "resting"
    reason: str = ""
    taker_cost_micros: int = 0
    maker_cost_micros: int = 0
    taker_fees_micros: int = 0
    maker_fees_micros: int = 0
    accumulated_micros: int = 0

    def fill(self, lots: int) -> None:
        """Move lots from remaining to filled."""
        self.remaining_lots -= lots
        self.filled_lots += lots

    def charge(self, cost_micros: int, fee_micros: int, is_taker: bool) -> None:
        """Count what a fill cost."""
        if is_taker:
            self.taker_cost_micros += cost_micros
            self.taker_fees_micros += fee_micros
        else:
            self.maker_cost_micros += cost_micros
            self.maker_fees_micros += fee_micros

    def end(self, reason: str) -> None:
        """Mark it canceled; its lots must have left the book already."""
        self.remaining_lots = 0
        self.status = "canceled"
        self.reason = reason


class Match(NamedTuple):
    """Two sides met. None stands for a recorded trader, who has no order here.

    Attributes:
        trade_id: id of the recorded trade behind it, "" to have one made.
        is_public: whether the trade channel learns of it (a recorded trade it knows already).
    """

    maker: Order | None
    taker: Order | None
    taker_side: int
    price_pips: int
    quantity_lots: int
    trade_id: str = ""
    is_public: bool = True


class LevelChange(NamedTuple):
    """A signed change of one displayed level, and the order whose owner caused it."""

    side: int
    price_pips: int
    delta_lots: int
    cause: Order | None


class Effects(msgspec.Struct, eq=False):
    """All that one action did to a book.

    Attributes:
        cancelled: resting orders that self-trade prevention took out.
        is_cut: matching stopped at an own order; the rest of the taker must not rest.
    """

    matches: list[Match] = []
    changes: list[LevelChange] = []
    cancelled: list[Order] = []
    is_cut: bool = False
