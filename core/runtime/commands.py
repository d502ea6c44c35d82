"""Commands: the one way to make the running core act. Frozen, answered one by one."""

from typing import Literal

import msgspec


class StartTrading(msgspec.Struct, frozen=True):
    """Let the actor decide, with this policy."""

    policy: str


class StopTrading(msgspec.Struct, frozen=True):
    """No new decisions; cancel the actor's orders; positions stay."""


class CancelAllOrders(msgspec.Struct, frozen=True):
    """Cancel every open order, whoever placed it."""


class CancelOneOrder(msgspec.Struct, frozen=True):
    """Cancel one order of ours."""

    client_order_id: str


class FollowMarkets(msgspec.Struct, frozen=True):
    """Follow these markets from now on; what is held stays. Empty names mean every market."""

    limit: int
    series: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    least_volume_lots: int = 0
    activity: Literal["volume", "changes"] = "volume"


Command = StartTrading | StopTrading | CancelAllOrders | CancelOneOrder | FollowMarkets


class Answer(msgspec.Struct, frozen=True):
    """Whether a command was accepted, and what it did or why not, in one sentence."""

    accepted: bool
    text: str
