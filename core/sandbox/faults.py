"""What can go wrong at the exchange on purpose: faults as values, and seeded schedules of them.

Pure: carrying them out is `fault_injector`'s business. Durations are wall time.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from types import MappingProxyType
from typing import Annotated, Final, Literal, NamedTuple, TypeAlias, get_args

import msgspec

ANY: Final = "any"
SequencedTarget = Literal[
    "orderbook_delta", "trade", "market_lifecycle_v2", "order_group_updates", "any"
]
Target = Literal[
    "orderbook_delta",
    "trade",
    "ticker",
    "market_lifecycle_v2",
    "fill",
    "user_orders",
    "market_positions",
    "order_group_updates",
    "any",
]
SEQUENCED: Final[tuple[str, ...]] = get_args(SequencedTarget)[:-1]
CHANNELS: Final[tuple[str, ...]] = get_args(Target)[:-1]
Of = Literal["create", "order", "write", "any"]
Number = Annotated[int, msgspec.Meta(ge=0)]
Requests = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
WallMs = Annotated[int, msgspec.Meta(ge=0, le=86_400_000)]


class _Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind"):
    """One thing that goes wrong. `connection` counts from 1; 0 is the one open longest.

    What strikes a subscription names its channel; with `any` it is the `pick`-th subscription that
    can be struck, counted round, on whichever channel somebody holds. What strikes requests may
    say `of` which: single creates, whatever changes orders, all writes, or everything.
    """


class DropMessage(_Fault, frozen=True, tag="drop"):
    """Lose the next message of a subscription, once; never the answer to a command."""

    channel: SequencedTarget = "orderbook_delta"
    connection: Number = 0
    pick: Number = 0


class DuplicateMessage(_Fault, frozen=True, tag="duplicate"):
    """Send the next message of a subscription twice, once."""

    channel: SequencedTarget = "orderbook_delta"
    connection: Number = 0
    pick: Number = 0


class ReorderMessages(_Fault, frozen=True, tag="reorder"):
    """Swap the next two messages of a subscription, once."""

    channel: SequencedTarget = "orderbook_delta"
    connection: Number = 0
    pick: Number = 0


class HalfOpen(_Fault, frozen=True, tag="half_open"):
    """Say and hear nothing, not even pings, while TCP stays up; then cut the connection."""

    connection: Number = 0
    for_ms: WallMs = 60_000


class Disconnect(_Fault, frozen=True, tag="disconnect"):
    """Cut a WebSocket without a close frame."""

    connection: Number = 0


class ChannelError(_Fault, frozen=True, tag="error_10"):
    """End a subscription with error 10."""

    channel: Target = "orderbook_delta"
    connection: Number = 0
    pick: Number = 0


class BufferOverflow(_Fault, frozen=True, tag="error_25"):
    """End a subscription with error 25, as if its peer had not read."""

    channel: Target = "orderbook_delta"
    connection: Number = 0
    pick: Number = 0


class CommandTimeout(_Fault, frozen=True, tag="error_18"):
    """Answer the next commands of a connection with error 18; they are not carried out.

    Happens by request only: no schedule draws it, so that old seeds mean what they meant.
    """

    connection: Number = 0
    commands: Requests = 1


class SlowConsumer(_Fault, frozen=True, tag="slow_consumer"):
    """Treat a peer as one that does not read; over the limit its subscriptions end."""

    connection: Number = 0
    for_ms: WallMs = 1_000
    limit_bytes: Number = 65_536


class TooManyRequests(_Fault, frozen=True, tag="http_429"):
    """Answer the next signed requests with 429; nothing is done."""

    requests: Requests = 1


class Unavailable(_Fault, frozen=True, tag="http_503"):
    """Carry the next requests out, but answer 503; what is refused anyway does not count."""

    requests: Requests = 1
    of: Of = "create"


class ReplyLost(_Fault, frozen=True, tag="reply_lost"):
    """Carry the next requests out, then cut the connection after `wait_ms` without a reply."""

    requests: Requests = 1
    of: Of = "create"
    wait_ms: WallMs = 0


class ReadLag(_Fault, frozen=True, tag="read_lag"):
    """Show orders, positions and groups as they were some time ago."""

    least_ms: WallMs = 300
    most_ms: WallMs = 1_000
    for_ms: WallMs = 5_000

    def __post_init__(self) -> None:
        if self.least_ms > self.most_ms:
            raise ValueError("`least_ms` is above `most_ms`")


class ClockStep(_Fault, frozen=True, tag="clock_step"):
    """Set the server's clock (Date header, signature check) off by `step_ms`; 0 `for_ms` stays."""

    step_ms: Annotated[int, msgspec.Meta(ge=-86_400_000, le=86_400_000)]
    for_ms: WallMs = 0


class Pause(_Fault, frozen=True, tag="pause"):
    """Pause trading, until `resume` if `for_ms` is 0."""

    for_ms: WallMs = 0


class Resume(_Fault, frozen=True, tag="resume"):
    """End a pause."""


class CloseMarket(_Fault, frozen=True, tag="close_market"):
    """Close a market before its time: the named one, or the `pick`-th open one, counted round."""

    ticker: str = ""
    pick: Number = 0


class ChangeBalance(_Fault, frozen=True, tag="balance"):
    """Pay money in or out of an account behind its owner's back."""

    change_micros: Annotated[int, msgspec.Meta(ge=-(10**15), le=10**15)]
    account: Annotated[int, msgspec.Meta(ge=1)] = 1


class Restart(_Fault, frozen=True, tag="restart"):
    """Cut all connections and refuse new ones for a while; orders and accounts live on."""

    down_ms: Annotated[int, msgspec.Meta(ge=0, le=600_000)] = 500


Tampering: TypeAlias = DropMessage | DuplicateMessage | ReorderMessages
Ending: TypeAlias = ChannelError | BufferOverflow
Fault: TypeAlias = (
    Tampering
    | Ending
    | HalfOpen
    | Disconnect
    | CommandTimeout
    | SlowConsumer
    | TooManyRequests
    | Unavailable
    | ReplyLost
    | ReadLag
    | ClockStep
    | Pause
    | Resume
    | CloseMarket
    | ChangeBalance
    | Restart
)

Kind = Literal[
    "drop",
    "duplicate",
    "reorder",
    "half_open",
    "disconnect",
    "error_10",
    "error_25",
    "slow_consumer",
    "http_429",
    "http_503",
    "reply_lost",
    "read_lag",
    "clock_step",
    "pause",
    "close_market",
    "balance",
    "restart",
]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)


def _lag(rng: random.Random) -> Fault:
    least_ms = rng.randrange(300, 700)
    return ReadLag(least_ms, rng.randrange(least_ms, 1_001), rng.randrange(1_000, 5_000))


_DRAWS: Final[Mapping[Kind, tuple[int, Callable[[random.Random], Fault]]]] = MappingProxyType(
    {
        "drop": (12, lambda _: DropMessage()),
        "duplicate": (12, lambda _: DuplicateMessage()),
        "reorder": (12, lambda _: ReorderMessages()),
        "half_open": (1, lambda rng: HalfOpen(for_ms=rng.randrange(1_000, 5_000))),
        "disconnect": (4, lambda _: Disconnect()),
        "error_10": (4, lambda _: ChannelError()),
        "error_25": (4, lambda _: BufferOverflow()),
        "slow_consumer": (4, lambda rng: SlowConsumer(for_ms=rng.randrange(200, 2_000))),
        "http_429": (6, lambda rng: TooManyRequests(rng.randrange(1, 5))),
        "http_503": (4, lambda _: Unavailable()),
        "reply_lost": (4, lambda _: ReplyLost()),
        "read_lag": (4, _lag),
        "clock_step": (4, lambda rng: ClockStep(rng.randrange(-8_000, 8_001), 2_000)),
        "pause": (2, lambda rng: Pause(rng.randrange(200, 3_000))),
        "close_market": (1, lambda rng: CloseMarket(pick=rng.randrange(1_000_000))),
        "balance": (2, lambda rng: ChangeBalance(10_000 * rng.randrange(-500, 501))),
        "restart": (1, lambda rng: Restart(rng.randrange(100, 2_000))),
    }
)
"""How often each kind is drawn, and with what. What keeps a client away for long is rare."""
_PICKS: Final = 1_000_000
_WIDE_DRAWS: Final[Mapping[Kind, Callable[[random.Random], Fault]]] = MappingProxyType(
    {
        "drop": lambda rng: DropMessage(ANY, pick=rng.randrange(_PICKS)),
        "duplicate": lambda rng: DuplicateMessage(ANY, pick=rng.randrange(_PICKS)),
        "reorder": lambda rng: ReorderMessages(ANY, pick=rng.randrange(_PICKS)),
        "error_10": lambda rng: ChannelError(ANY, pick=rng.randrange(_PICKS)),
        "error_25": lambda rng: BufferOverflow(ANY, pick=rng.randrange(_PICKS)),
        "http_503": lambda _: Unavailable(of="order"),
        "reply_lost": lambda rng: ReplyLost(of=rng.choice(("order", "any"))),
    }
)
"""What the kinds that strike books and creates otherwise are drawn with in the scope `all`."""


class Schedule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Seeded faults, one in each interval.

    Attributes:
        seed: same seed, same faults.
        every_ms: length of an interval.
        kinds: what may happen.
        scope: `books` strikes book subscriptions and the replies to single creates; `all` strikes
            whatever is subscribed, the account's own channels too, and the replies to all calls.
        time: the clock of the intervals.
        count: how many faults, 0 without end.
    """

    seed: int
    every_ms: Annotated[int, msgspec.Meta(ge=1, le=86_400_000)] = 1_000
    kinds: Annotated[tuple[Kind, ...], msgspec.Meta(min_length=1)] = KINDS
    scope: Literal["books", "all"] = "books"
    time: Literal["venue", "wall"] = "venue"
    count: Number = 0


class PlannedFault(NamedTuple):
    """A fault and when it comes, in milliseconds after the schedule's start."""

    after_ms: int
    fault: Fault


def planned(schedule: Schedule) -> Iterator[PlannedFault]:
    """The faults of a schedule in order of time; depends on nothing else."""
    rng = random.Random(schedule.seed)
    weights = [_DRAWS[kind][0] for kind in schedule.kinds]
    draws = {kind: draw for kind, (_, draw) in _DRAWS.items()}
    if schedule.scope == "all":
        draws |= _WIDE_DRAWS
    for number in range(schedule.count) if schedule.count else count():
        after_ms = number * schedule.every_ms + rng.randrange(schedule.every_ms)
        (kind,) = rng.choices(schedule.kinds, weights)
        yield PlannedFault(after_ms, draws[kind](rng))
