"""Subscriptions of one connection: commands out, sid of each channel, sequence of each sid.

Pure. Knows nothing of books or markets' meaning; `feed.py` decides what to subscribe and what a
lost message costs.
"""

from collections.abc import Set
from enum import Enum, auto
from typing import Final, Literal, NamedTuple, Protocol

from core.kalshi import wire, wire_commands

_OUTSTANDING_LIMIT: Final = 256
_REPEATS_OF_A_RESTART: Final = 16

Action = Literal["add_markets", "delete_markets", "get_snapshot"]


class Purpose(Enum):
    """Why a command was sent, so that its refusal can be understood."""

    SUBSCRIBE = auto()
    UNSUBSCRIBE = auto()
    CHANGE = auto()
    REPAIR = auto()
    PROBE = auto()
    MARK = auto()


class Command(NamedTuple):
    """A command not answered yet."""

    purpose: Purpose
    channel: str
    sent_ms: int


class Arrival(Enum):
    """How a message relates to the sequence of its subscription."""

    NEXT = auto()
    GAP = auto()
    DUPLICATE = auto()
    RESTART = auto()
    FOREIGN = auto()


class Numbered(Protocol):
    """A message with its subscription and sequence number, 0 where absent."""

    sid: int
    seq: int


class Stream:
    """One confirmed subscription."""

    __slots__ = ("channel", "last_seq", "repeats", "sid", "tickers")

    def __init__(self, sid: int, channel: str, tickers: set[str]) -> None:
        self.sid = sid
        self.channel = channel
        self.tickers = tickers
        self.last_seq = 0
        self.repeats = 0

    def check(self, seq: int) -> Arrival:
        """Place `seq` in the sequence and remember it."""
        if seq == self.last_seq + 1:
            arrival = Arrival.NEXT
        elif seq > self.last_seq:
            arrival = Arrival.GAP
        else:
            self.repeats += 1
            # A counter that starts over would otherwise look like duplicates for ever.
            if not (seq == 1 < self.last_seq or self.repeats >= _REPEATS_OF_A_RESTART):
                return Arrival.DUPLICATE
            arrival = Arrival.RESTART
        self.repeats = 0
        self.last_seq = seq
        return arrival


class Subscriptions:
    """All subscriptions of one connection; `streams` maps sid to stream and keeps its identity."""

    def __init__(self) -> None:
        self.streams: dict[int, Stream] = {}
        self._by_channel: dict[str, Stream] = {}
        self._opening: dict[str, set[str]] = {}
        self._ended_sids: set[int] = set()
        self._outstanding: dict[int, Command] = {}
        self._output: list[bytes] = []
        self._last_id = 0

    def reset(self) -> None:
        """Forget everything: sids and sequences belong to one connection."""
        self.streams.clear()
        self._by_channel.clear()
        self._opening.clear()
        self._ended_sids.clear()
        self._outstanding.clear()
        self._output.clear()

    def take_output(self) -> list[bytes]:
        """Commands to send, oldest first; each is handed out once."""
        if not self._output:
            return []
        output, self._output = self._output, []
        return output

    def stream(self, channel: str) -> Stream | None:
        """The confirmed subscription of a channel."""
        return self._by_channel.get(channel)

    def is_opening(self, channel: str) -> bool:
        """True between subscribe and its answer."""
        return channel in self._opening

    def open(
        self, channel: str, tickers: Set[str], now_ms: int, *, use_yes_price: bool | None = None
    ) -> None:
        """Subscribe to a channel for these markets (none: the channel's own default)."""
        self._opening[channel] = set(tickers)
        command_id = self._register(Purpose.SUBSCRIBE, channel, now_ms)
        self._output.append(
            wire_commands.subscribe(command_id, channel, tickers, use_yes_price=use_yes_price)
        )

    def confirm(self, frame: wire.SubscribedFrame) -> Stream:
        """Take the answer to `open`."""
        self._outstanding.pop(frame.id, None)
        self._ended_sids.discard(frame.msg.sid)
        known = self.streams.get(frame.msg.sid)
        return known or self._bind(frame.msg.sid, frame.msg.channel)

    def close(self, channel: str, now_ms: int) -> None:
        """Unsubscribe; later messages of the sid are foreign."""
        self._opening.pop(channel, None)
        stream = self._by_channel.pop(channel, None)
        if stream is None:
            return
        del self.streams[stream.sid]
        self._ended_sids.add(stream.sid)
        command_id = self._register(Purpose.UNSUBSCRIBE, channel, now_ms)
        self._output.append(wire_commands.unsubscribe(command_id, stream.sid))

    def update(
        self, stream: Stream, action: Action, tickers: Set[str], purpose: Purpose, now_ms: int
    ) -> None:
        """Change the markets of a subscription, or ask for their snapshots."""
        if action == "add_markets":
            stream.tickers |= tickers
        elif action == "delete_markets":
            stream.tickers -= tickers
        command_id = self._register(purpose, stream.channel, now_ms)
        self._output.append(
            wire_commands.update_subscription(command_id, stream.sid, action, tickers)
        )

    def mark(self, now_ms: int) -> int:
        """Ask for an answer that comes behind everything sent before it; returns its id."""
        command_id = self._register(Purpose.MARK, "", now_ms)
        self._output.append(wire_commands.list_subscriptions(command_id))
        return command_id

    def answered(self, command_id: int) -> Command | None:
        """The outstanding command of this id, which is answered now."""
        command = self._outstanding.pop(command_id, None)
        if command is not None and command.purpose is Purpose.SUBSCRIBE:
            self._opening.pop(command.channel, None)
        return command

    def overdue_channel(self, now_ms: int, patience_ms: int) -> str:
        """A channel whose subscribe has been waiting longer than `patience_ms`; "" if none."""
        for command in self._outstanding.values():
            is_late = now_ms - command.sent_ms >= patience_ms
            if is_late and command.purpose is Purpose.SUBSCRIBE:
                return command.channel
        return ""

    def check(self, message: Numbered, channel: str) -> Arrival:
        """Place a message in its subscription; `channel` is where its type comes from ("": any)."""
        stream = self.streams.get(message.sid)
        if stream is None:
            if not message.sid:
                return Arrival.NEXT
            if message.sid in self._ended_sids or channel not in self._opening:
                return Arrival.FOREIGN
            stream = self._bind(message.sid, channel)  # data overtook its `subscribed`
        return stream.check(message.seq) if message.seq else Arrival.NEXT

    def _bind(self, sid: int, channel: str) -> Stream:
        stream = Stream(sid, channel, self._opening.pop(channel, set()))
        self.streams[sid] = stream
        self._by_channel[channel] = stream
        return stream

    def _register(self, purpose: Purpose, channel: str, now_ms: int) -> int:
        if len(self._outstanding) >= _OUTSTANDING_LIMIT:
            del self._outstanding[next(iter(self._outstanding))]
        self._last_id += 1
        self._outstanding[self._last_id] = Command(purpose, channel, now_ms)
        return self._last_id
