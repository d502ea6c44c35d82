"""What one local exchange decides where Kalshi's own rule is open, varies or is being changed.

Protocol 11.1: every row of it that can be switched is a field here.
"""

from dataclasses import dataclass
from typing import Literal

from core.sandbox.faults import Schedule


@dataclass(frozen=True, slots=True)
class ExchangeRules:
    """Switches of one exchange; the defaults are those of protocol 11.1.

    Attributes:
        timestamp_window_ms: how far a signature's time stamp may lie from the wall clock.
        post_only_cross: refuse a crossing post-only order with 400, or accept and cancel it.
        precision_micros: to what fees align balances, 100 ($0.0001) or 10 000 ($0.01).
        reserves_resting: the balance drops by what resting orders may cost. Without it the
            balance drops only when they fill; what they may cost is not lent out twice even so.
        read_lag_ms: least and greatest age of orders, positions and groups when they are read.
        event_order: messages of one match come shuffled by the seed, or in a fixed order.
        use_yes_price: what a subscription gets that does not say.
        tier: rate limits, by name of the usage tier; "off" for none.
        request_latency_ms: least and greatest time of the way of a write to the engine.
        read_latency_ms: the same of a read.
        cancel_all_ms: least and greatest time between the answer to a cancel-all and the cancels,
            which strike whatever rests by then; the venue speaks of about a minute.
        feed_latency_ms: least and greatest time of the way of a feed message to a subscriber.
        cancels_ahead: where a cancel of recorded liquidity strikes the queue of our level: spread
            over it in proportion, or behind us while there is anything behind us.
        weekly_pause: generated markets pause on Thursdays, as the venue does.
        faults: what goes wrong on purpose from the start, None for nothing.
        live_data_ms: age from which data are served under /historical only.
    """

    timestamp_window_ms: int = 10_000
    post_only_cross: Literal["refuse", "cancel"] = "refuse"
    precision_micros: int = 100
    reserves_resting: bool = True
    read_lag_ms: tuple[int, int] = (0, 0)
    event_order: Literal["shuffled", "fixed"] = "shuffled"
    use_yes_price: bool = False
    tier: str = "basic"
    request_latency_ms: tuple[int, int] = (0, 0)
    read_latency_ms: tuple[int, int] = (0, 0)
    cancel_all_ms: tuple[int, int] = (0, 0)
    feed_latency_ms: tuple[int, int] = (0, 0)
    cancels_ahead: Literal["pro_rata", "behind"] = "pro_rata"
    weekly_pause: bool = True
    faults: Schedule | None = None
    live_data_ms: int = 90 * 86_400_000


DEFAULT_RULES = ExchangeRules()
