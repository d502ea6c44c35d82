"""Counters and latency samples of a run. Written by the pipeline, read by observers."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

SAMPLES = 8_192


def percentile(samples: Iterable[float], share: float) -> float | None:
    """Nearest-rank percentile, None without samples; `share` 0.5 is the median."""
    ordered = sorted(samples)
    if not ordered:
        return None
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@dataclass
class Metrics:
    """What happened since the start. Latencies are milliseconds, the last SAMPLES of them."""

    messages: int = 0
    late: int = 0
    decisions: int = 0
    orders: int = 0
    decision_ms: deque[float] = field(default_factory=lambda: deque(maxlen=SAMPLES))
    waiting_ns: dict[str, int] = field(default_factory=dict)

    def decided(self, client_order_id: str, sent_ns: int) -> None:
        """An order follows from a message the exchange sent at `sent_ns` (0 if unknown)."""
        self.orders += 1
        if sent_ns:
            self.waiting_ns[client_order_id] = sent_ns

    def written(self, client_order_id: str, monotonic_ns: int) -> None:
        """The bytes of that order's request are out."""
        sent_ns = self.waiting_ns.pop(client_order_id, 0)
        if sent_ns:
            self.decision_ms.append((monotonic_ns - sent_ns) / 1e6)


class Rates:
    """Messages a second, from two readings of the counters about a second apart."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._then_ns = 0
        self._then_messages = 0
        self.messages_per_s = 0.0

    def sample(self, now_ns: int) -> None:
        """Take a reading; call a few times a second."""
        elapsed_s = (now_ns - self._then_ns) / 1e9
        if elapsed_s < 1.0:
            return
        if self._then_ns:
            self.messages_per_s = (self._metrics.messages - self._then_messages) / elapsed_s
        self._then_ns, self._then_messages = now_ns, self._metrics.messages
