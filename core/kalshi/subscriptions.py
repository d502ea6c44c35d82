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
    """A command not answered yet; `sid` of the subscription that it is about, 0 if of none."""

    purpose: Purpose
    channel: str
    sent_ms: int
    sid: int = 0


class Opening(NamedTuple):
    """A subscription asked for, by the newest subscribe to its channel."""

    command_id: int
    tickers: set[str]


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
        self._opening: dict[str, Opening] = {}
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
        command_id = self._register(Purpose.SUBSCRIBE, channel, now_ms)
        self._opening[channel] = Opening(command_id, set(tickers))
        self._output.append(
            wire_commands.subscribe(command_id, channel, tickers, use_yes_price=use_yes_price)
        )

    def confirm(self, frame: wire.SubscribedFrame, now_ms: int) -> None:
        """Take the answer to `open`; a subscription that was replaced meanwhile is given back."""
        command = self._outstanding.pop(frame.id, None)
        sid, channel = frame.msg.sid, frame.msg.channel
        if sid in self.streams:
            return  # data were faster
        is_answer = command is not None and command.channel == channel
        if command and is_answer and self.is_replaced(frame.id, command):
            self._leave(sid, channel, now_ms)
        else:
            self._ended_sids.discard(sid)
            self._bind(sid, channel)

    def is_replaced(self, command_id: int, command: Command) -> bool:
        """True if the answer to a command is about a subscription that no longer counts."""
        if command.purpose is not Purpose.SUBSCRIBE:
            return command.sid not in self.streams and bool(command.sid)
        opening = self._opening.get(command.channel)
        newer = opening is not None and opening.command_id != command_id
        return newer or command.channel in self._by_channel

    def close(self, channel: str, now_ms: int) -> None:
        """Unsubscribe; later messages of the sid are foreign."""
        self._opening.pop(channel, None)
        stream = self._by_channel.pop(channel, None)
        if stream is None:
            return
        del self.streams[stream.sid]
        self._leave(stream.sid, channel, now_ms)

    def update(
        self, stream: Stream, action: Action, tickers: Set[str], purpose: Purpose, now_ms: int
    ) -> None:
        """Change the markets of a subscription, or ask for their snapshots."""
        if action == "add_markets":
            stream.tickers |= tickers
        elif action == "delete_markets":
            stream.tickers -= tickers
        command_id = self._register(purpose, stream.channel, now_ms, stream.sid)
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
        if command is not None:
            opening = self._opening.get(command.channel)
            if opening is not None and opening.command_id == command_id:
                del self._opening[command.channel]
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

    def _leave(self, sid: int, channel: str, now_ms: int) -> None:
        self._ended_sids.add(sid)
        command_id = self._register(Purpose.UNSUBSCRIBE, channel, now_ms, sid)
        self._output.append(wire_commands.unsubscribe(command_id, sid))

    def _bind(self, sid: int, channel: str) -> Stream:
        opening = self._opening.pop(channel, None)
        stream = Stream(sid, channel, opening.tickers if opening else set())
        self.streams[sid] = stream
        self._by_channel[channel] = stream
        return stream

    def _register(self, purpose: Purpose, channel: str, now_ms: int, sid: int = 0) -> int:
        if len(self._outstanding) >= _OUTSTANDING_LIMIT:
            del self._outstanding[next(iter(self._outstanding))]
        self._last_id += 1
        self._outstanding[self._last_id] = Command(purpose, channel, now_ms, sid)
        return self._last_id
