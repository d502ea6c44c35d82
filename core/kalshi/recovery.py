"""Which books of a session are in doubt, how they are repaired, and the feed state that follows.

Pure. Every lost, unreadable or impossible message ends here; `feed.py` decides only which books
one puts in doubt. Snapshots in the stream come first, then a new subscription, then a new
connection; the rate of all three is bounded.
"""

from collections.abc import Iterable
from typing import Final

from core.events import Event
from core.kalshi.account_trust import AccountTrust
from core.kalshi.channels import BOOK, Channels
from core.kalshi.events import FeedState
from core.kalshi.feed_counters import FeedCounters
from core.kalshi.repair import Repair, Step
from core.kalshi.subscriptions import Command, Purpose, Subscriptions
from core.kalshi.trust import BookTrust
from core.kalshi.wire import ErrorFrame

_SUBSCRIBE_PATIENCE_MS: Final = 10_000
_ASK_AFTER_SILENCE_MS: Final = 10_000
_DEAD_AFTER_SILENCE_MS: Final = 30_000
_SUBSCRIPTION_OVER: Final = frozenset({10, 25})
_TOO_SLOW: Final = 25
_UNKNOWN_SID: Final = 7
_ACCOUNT_RETRY_MS: Final = 30_000
"""Without these channels nothing is traded, so one that was refused for good is asked for again."""
_TRY_AGAIN: Final = frozenset({18, 27})


class Recovery:
    """Doubt and repair of one session.

    Attributes:
        trust: which books are live.
        account: whether all that concerns the account was told.
        state: as last published: live, recovering or disconnected.
        is_connected: True between the making and the loss of a connection.
        reconnect_reason: why only a new connection can help, "" while none is needed.
        ts_ms: exchange time that the stream has reached; stamped on every doubt.
        heard_ms: wall time of the last message.
    """

    def __init__(
        self, subscriptions: Subscriptions, channels: Channels, counters: FeedCounters
    ) -> None:
        self._subscriptions = subscriptions
        self._channels = channels
        self._counters = counters
        self._repair = Repair()
        self._asked_ms = 0
        self._trouble = ""
        self.trust = BookTrust()
        self.account = AccountTrust(channels.of_account)
        self.state = "disconnected"
        self.is_connected = False
        self.reconnect_reason = ""
        self.ts_ms = 0
        self.heard_ms = 0

    def connected(self, now_ms: int) -> None:
        """Expect every book anew."""
        self.trust.reset()
        self.trust.expect(self._channels.tickers, now_ms)
        self._repair = Repair()
        self.reconnect_reason = ""
        self.is_connected = True
        self._trouble = ""
        self.heard_ms = self._asked_ms = now_ms

    def disconnected(self, reason: str) -> list[Event]:
        """Doubt every book; the next connection brings new snapshots."""
        events = self.doubt_all(f"connection lost: {reason}") + self.account.ended_all()
        self.trust.reset()
        self._counters.lost_connections += self.is_connected
        self.is_connected = False
        self.reconnect_reason = ""
        return events + self.state_events(reason)

    def doubt(self, tickers: Iterable[str], reason: str) -> list[Event]:
        """Distrust these books until their next snapshots."""
        events = self.trust.doubt(tickers, reason, self.ts_ms)
        self._trouble = self._trouble or reason
        return [*events]

    def doubt_all(self, reason: str) -> list[Event]:
        """Distrust every book: whose message is missing cannot be known."""
        events = self.trust.doubt_all(reason, self.ts_ms)
        self._trouble = self._trouble or reason
        return [*events]

    def other_scale(self, ticker: str) -> list[Event]:
        """One book comes in the other price scale, so all do: only subscribing anew says which."""
        self._counters.wrong_scale += 1
        self._repair.lapse()
        detail = f"prices of {ticker} come in another scale than was asked for"
        return self.doubt_all(detail) + self.state_events(detail)

    def refused(
        self, frame: ErrorFrame, command: Command | None, channel: str, now_ms: int
    ) -> list[Event]:
        """The exchange answered a command with an error, or ended the subscription to a channel."""
        code = frame.msg.code
        detail = f"exchange error {code} on {channel or 'the connection'}: {frame.msg.msg}"
        self._counters.overflows += code == _TOO_SLOW
        if code in _SUBSCRIPTION_OVER:
            return self.ended(channel, detail, now_ms)
        purpose = command.purpose if command else None
        if purpose is Purpose.REPAIR or (code == _UNKNOWN_SID and channel):
            return self.ended(channel, detail, now_ms)
        if purpose is Purpose.SUBSCRIBE and code in _TRY_AGAIN:
            self._channels.renew_later(channel, now_ms)
        elif purpose is Purpose.SUBSCRIBE and channel in self._channels.of_account:
            self._channels.renew_later(channel, now_ms, _ACCOUNT_RETRY_MS)
        return [FeedState(self.state, detail)]

    def ended(self, channel: str, detail: str, now_ms: int) -> list[Event]:
        """A subscription is over; of which channel is "" if the exchange did not say."""
        if channel == BOOK and self._subscriptions.stream(BOOK) is not None:
            self._repair.lapse()
            return self.doubt_all(detail) + self.state_events(detail)
        if channel:
            self._channels.renew_later(channel, now_ms)
        else:
            self.reconnect_reason = detail
        return [*self.account.ended(channel), FeedState(self.state, detail)]

    def tick(self, now_ms: int) -> list[Event]:
        """Let time-outs pass."""
        late = self._subscriptions.overdue_channel(now_ms, _SUBSCRIBE_PATIENCE_MS)
        if late:
            self.reconnect_reason = f"the exchange did not answer the subscription to {late}"
        self._listen(now_ms)
        if self._subscriptions.stream(BOOK) is not None:
            overdue = self.trust.due_probes(now_ms)
            self._channels.ask_snapshots(overdue, Purpose.PROBE, now_ms)
        events: list[Event] = []
        for channel in self._channels.take_due(now_ms):
            events += self._renew(channel, now_ms)
        return events + self.repair_books(now_ms)

    def _renew(self, channel: str, now_ms: int) -> list[Event]:
        """Subscribe again; what comes before the new snapshots belongs to no book."""
        self._channels.renew(channel, now_ms)
        return self.doubt_all("subscribing again") if channel == BOOK else []

    def _listen(self, now_ms: int) -> None:
        """Ask a silent exchange for a word; one that stays silent is not there any more."""
        if now_ms - self.heard_ms >= _DEAD_AFTER_SILENCE_MS:
            seconds = _DEAD_AFTER_SILENCE_MS // 1_000
            self.reconnect_reason = f"the exchange has said nothing for {seconds} s"
        elif now_ms - max(self.heard_ms, self._asked_ms) >= _ASK_AFTER_SILENCE_MS:
            self._asked_ms = now_ms
            self._subscriptions.mark(now_ms)

    def repair_books(self, now_ms: int) -> list[Event]:
        """Do the next thing that brings the doubted books back, if it is time for it."""
        if self._subscriptions.stream(BOOK) is None:
            return []
        match self._repair.next_step(self.trust.doubted, now_ms):
            case Step.SNAPSHOT:
                self._counters.repairs += 1
                self._channels.ask_snapshots(self.trust.doubted, Purpose.REPAIR, now_ms)
            case Step.RESUBSCRIBE:
                self._counters.resubscribes += 1
                return self._renew(BOOK, now_ms)
            case Step.RECONNECT:
                self.reconnect_reason = "a new subscription did not repair the books"
            case Step.WAIT:
                pass
        return []

    def state_events(self, detail: str = "") -> list[Event]:
        """The state, if it or its reason is news."""
        if not self.is_connected:
            state = "disconnected"
        else:
            state = "live" if self.trust.is_complete else "recovering"
        if state == "live":
            self._trouble = ""
        if state == self.state and not detail:
            return []
        self.state = state
        return [FeedState(state, detail or self._trouble)]
