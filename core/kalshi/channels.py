"""Which channels a session follows, for which markets, and when a refused one is tried again.

Pure. Market channels carry exactly the followed markets; the others are the account's and the
exchange's own.
"""

from collections.abc import Iterable, Set
from typing import Final

from core.kalshi.subscriptions import Purpose, Stream, Subscriptions

BOOK: Final = "orderbook_delta"
TRADE: Final = "trade"
LIFECYCLE: Final = "market_lifecycle_v2"
CLOCK: Final = "sandbox_clock"
_MARKET_CHANNELS: Final = (BOOK, TRADE)
_ACCOUNT_CHANNELS: Final = ("fill", "user_orders", "market_positions")

_RETRY_MS: Final = 1_000
_SNAPSHOT_CHUNK: Final = 500


class Channels:
    """The channels of one session over its subscriptions.

    Attributes:
        tickers: markets followed, kept across connections.
        of_account: what tells of the account, the end of a market included; none without one.
    """

    def __init__(
        self,
        subscriptions: Subscriptions,
        *,
        use_yes_price: bool,
        has_account: bool,
        has_clock: bool,
    ) -> None:
        self.tickers: set[str] = set()
        self._subscriptions = subscriptions
        self._use_yes_price = use_yes_price
        account = _ACCOUNT_CHANNELS if has_account else ()
        self._fixed = (*account, LIFECYCLE, CLOCK) if has_clock else (*account, LIFECYCLE)
        self.of_account = frozenset((*account, LIFECYCLE) if has_account else ())
        self._retry_at_ms: dict[str, int] = {}

    def open_all(self, now_ms: int) -> None:
        """Subscribe to everything on a fresh connection."""
        self._retry_at_ms.clear()
        self._subscriptions.reset()
        for channel in (*_MARKET_CHANNELS, *self._fixed):
            self.follow(channel, now_ms)

    def follow_markets(self, now_ms: int) -> None:
        """Bring the market channels in line with `tickers`."""
        for channel in _MARKET_CHANNELS:
            self.follow(channel, now_ms)

    def follow(self, channel: str, now_ms: int) -> None:
        """Bring one channel in line: subscribe, change its markets, or unsubscribe."""
        subscriptions = self._subscriptions
        stream = subscriptions.stream(channel)
        wanted: Set[str] = self.tickers if channel in _MARKET_CHANNELS else set()
        if channel in _MARKET_CHANNELS and not wanted:
            # Without markets these channels would mean all markets.
            subscriptions.close(channel, now_ms)
        elif stream is not None:
            self._change_markets(stream, wanted, now_ms)
        elif not subscriptions.is_opening(channel):
            self._retry_at_ms.pop(channel, None)
            flag = self._use_yes_price if channel == BOOK else None
            subscriptions.open(channel, wanted, now_ms, use_yes_price=flag)

    def renew(self, channel: str, now_ms: int) -> None:
        """Unsubscribe and subscribe again."""
        self._subscriptions.close(channel, now_ms)
        self.follow(channel, now_ms)

    def renew_later(self, channel: str, now_ms: int, after_ms: int = _RETRY_MS) -> None:
        """Subscribe again in a second, or later; bounds the rate of repeated refusals."""
        self._retry_at_ms[channel] = now_ms + after_ms

    def take_due(self, now_ms: int) -> list[str]:
        """Channels that `renew_later` put off and whose time has come, each once."""
        due = [channel for channel, at_ms in self._retry_at_ms.items() if now_ms >= at_ms]
        for channel in due:
            del self._retry_at_ms[channel]
        return due

    def ask_snapshots(self, tickers: Iterable[str], purpose: Purpose, now_ms: int) -> None:
        """Ask for snapshots of these markets, if the book channel is confirmed."""
        stream = self._subscriptions.stream(BOOK)
        if stream is None:
            return
        ordered = sorted(tickers)
        for start in range(0, len(ordered), _SNAPSHOT_CHUNK):
            chunk = set(ordered[start : start + _SNAPSHOT_CHUNK])
            self._subscriptions.update(stream, "get_snapshot", chunk, purpose, now_ms)

    def _change_markets(self, stream: Stream, wanted: Set[str], now_ms: int) -> None:
        update = self._subscriptions.update
        if added := wanted - stream.tickers:
            update(stream, "add_markets", added, Purpose.CHANGE, now_ms)
        if deleted := stream.tickers - wanted:
            update(stream, "delete_markets", deleted, Purpose.CHANGE, now_ms)
