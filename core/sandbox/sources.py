"""Where liquidity comes from: a source applies its next instant to the exchange when told."""

from typing import Protocol, runtime_checkable

from core.sandbox.exchange import Exchange


class Source(Protocol):
    """Liquidity by venue time.

    Attributes:
        start_ms: venue time at which it begins.
        end_ms: venue time after which nothing happens, 0 if it never ends.
        trades: where its trades come from: real, inferred, none, or generated.
        waits: its time stands still until somebody subscribes to a book.
    """

    start_ms: int
    end_ms: int
    trades: str
    waits: bool

    def open(self, exchange: Exchange) -> None:
        """List what is known at the start."""

    def next_ms(self) -> int | None:
        """Venue time of the next instant, None after the last."""

    def take(self) -> None:
        """Apply the next instant, all of it."""


@runtime_checkable
class TimedSource(Source, Protocol):
    """A source that says itself how far its time is, such as one that follows another venue."""

    def time(self) -> tuple[int, float]:
        """Venue time up to which everything is known, and venue seconds per wall second."""
