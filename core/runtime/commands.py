"""Commands: the one way to make the running core act. Frozen, answered one by one."""

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


Command = StartTrading | StopTrading | CancelAllOrders | CancelOneOrder


class Answer(msgspec.Struct, frozen=True):
    """Whether a command was accepted, and what it did or why not, in one sentence."""

    accepted: bool
    text: str
