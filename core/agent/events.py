"""What the agent decided, and what became of it; for observers only."""

from core.events import Event


class DecisionMade(Event, frozen=True, gc=False):
    """One decision of one market, HOLD included.

    Attributes:
        number: k of the decision instant t_k, counted for this market.
        action: 0 HOLD, 1 BUY_YES, 2 SELL_YES, 3 BUY_NO, 4 SELL_NO.
        outcome: "hold", "ordered", "kept", "blocked" (a rule forbade it) or "skipped" (no
            decision could be taken).
        reason: one short clause a trader reads.
        probability: the policy's probability of the action, None where it has none.
        client_order_id: the order created, amended or kept, "" if none.
    """

    number: int
    ts_ms: int
    ticker: str
    action: int
    outcome: str
    reason: str
    probability: float | None
    client_order_id: str
    policy: str
