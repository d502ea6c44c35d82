"""Whether the feed has told everything that concerns the account. Pure bookkeeping of channels.

Books say by themselves what is missing; a lost report of an order, a fill or a market's end is
told to nobody again, so whoever keeps the account has to ask for it.
"""

from collections.abc import Iterable

from core.events import Event
from core.kalshi.events import AccountFeed


class AccountTrust:
    """State of the channels that concern the account, on this connection.

    Args:
        channels: all of them; with none there is no account and nothing is ever told.
    """

    def __init__(self, channels: Iterable[str]) -> None:
        self._needed = frozenset(channels)
        self._open: set[str] = set()
        self._is_whole = False

    def confirmed(self, channel: str) -> list[Event]:
        """The exchange tells this channel from now on."""
        self._open |= self._needed & {channel}
        if self._is_whole or self._open != self._needed or not self._needed:
            return []
        self._is_whole = True
        return [AccountFeed(is_whole=True)]

    def ended(self, channel: str) -> list[Event]:
        """The exchange tells this channel no more, until it is confirmed again."""
        if channel not in self._needed:
            return []
        self._open.discard(channel)
        return self._lose()

    def ended_all(self) -> list[Event]:
        """The connection is lost."""
        self._open.clear()
        return self._lose()

    def missed(self, channel: str) -> list[Event]:
        """A message of this channel was lost or unreadable; the next ones come as before."""
        if channel not in self._open:
            return []
        return [*self._lose(), *self.confirmed(channel)]

    def missed_somewhere(self) -> list[Event]:
        """A message that cannot be read at all was lost: it may have been any channel's."""
        return self.missed(next(iter(self._open), ""))

    def _lose(self) -> list[Event]:
        if not self._is_whole:
            return []
        self._is_whole = False
        return [AccountFeed(is_whole=False)]
