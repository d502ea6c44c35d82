"""WebSocket commands as they arrive: their members, and the numbered errors that answer them.

Errors that this exchange never gives: 6, 16 and 17 are retired, 9 would need a connection without
a signature, 23, 24 and 28 channels that are not served. 18 comes on purpose only, since no command
waits here; 10 and 25 end a subscription and come from the publisher.
"""

from collections import deque
from collections.abc import Collection

import msgspec

from core.clock import WallClock
from core.sandbox.json_input import decode

ERRORS = {
    1: "Unable to process message",
    2: "Params required",
    3: "Channels required",
    4: "Subscription IDs required",
    5: "Unknown command",
    7: "Unknown subscription ID",
    8: "Unknown channel name",
    11: "Invalid parameter",
    12: "Exactly one subscription ID is required",
    13: "Unsupported action",
    14: "Market ticker required",
    15: "Action required",
    18: "Command timeout",
    19: "shard_factor must be > 0",
    20: "shard_factor is required when shard_key is set",
    21: "shard_key must be >= 0 and < shard_factor",
    22: "shard_factor must be <= 100",
    26: "Market limit exceeded",
    27: "Too many requests",
}

COMMANDS_PER_S = 10_000
_MAX_SHARDS = 100
_SECOND_NS = 1_000_000_000


class CommandError(Exception):
    """A command that is answered with an error code.

    Attributes:
        ticker: market it is about, "" if none.
    """

    def __init__(self, code: int, ticker: str = "") -> None:
        super().__init__(ERRORS[code])
        self.code = code
        self.ticker = ticker


class _Numbered(msgspec.Struct):
    id: int = 0


class Params(msgspec.Struct):
    """Parameters of all commands; absent ones are None."""

    channels: list[str] | None = None
    market_ticker: str | None = None
    market_tickers: list[str] | None = None
    market_id: str | None = None
    market_ids: list[str] | None = None
    sids: list[int] | None = None
    sid: int | None = None
    action: str | None = None
    use_yes_price: bool | None = None
    send_initial_snapshot: bool = False
    skip_ticker_ack: bool = False
    shard_factor: int | None = None
    shard_key: int | None = None

    @property
    def has_ids(self) -> bool:
        """True if markets are named by id."""
        return self.market_id is not None or self.market_ids is not None

    def markets(self) -> list[str]:
        """Names of markets, tickers or ids, each once.

        Raises:
            CommandError: they are named in two ways.
        """
        single = [name for name in (self.market_ticker, self.market_id) if name is not None]
        several = [each for each in (self.market_tickers, self.market_ids) if each is not None]
        if len(single) + len(several) > 1:
            raise CommandError(11)
        return list(dict.fromkeys(several[0] if several else single))

    def one_sid(self) -> int:
        """The one subscription an update is about.

        Raises:
            CommandError: none or several are named.
        """
        named = list(self.sids or ())
        if self.sid is not None:
            named.append(self.sid)
        if len(named) != 1:
            raise CommandError(12)
        return named[0]

    def check_shards(self) -> None:
        """Check the shard members, which no channel served here uses.

        Raises:
            CommandError: they make no sense.
        """
        factor, key = self.shard_factor, self.shard_key
        if factor is None:
            if key is not None:
                raise CommandError(20)
            return
        if factor <= 0:
            raise CommandError(19)
        if factor > _MAX_SHARDS:
            raise CommandError(22)
        if key is not None and not 0 <= key < factor:
            raise CommandError(21)


class Command(msgspec.Struct):
    """One command; `id` 0 means that its sender wants none in the answer."""

    id: int = 0
    cmd: str = ""
    params: Params | None = None

    def required_params(self) -> Params:
        """The parameters.

        Raises:
            CommandError: there are none.
        """
        if self.params is None:
            raise CommandError(2)
        return self.params


class CommandRate:
    """Counts the commands of one connection over the last second of wall time."""

    def __init__(self, clock: WallClock, per_s: int = COMMANDS_PER_S) -> None:
        self._clock = clock
        self._taken_ns: deque[int] = deque(maxlen=per_s)

    def allows(self) -> bool:
        """Count one more; False and not counted if there were too many."""
        now_ns, taken = self._clock.monotonic_ns(), self._taken_ns
        if len(taken) == taken.maxlen and now_ns - taken[0] < _SECOND_NS:
            return False
        taken.append(now_ns)
        return True


def error_text(command_id: int, error: CommandError) -> str:
    """The answer to a command that failed, without its last brace."""
    market = f',"market_ticker":{_json(error.ticker)}' if error.ticker else ""
    msg = f'{{"code":{error.code},"msg":"{error}"{market}}}'
    return f'{{{head(command_id)}"type":"error","msg":{msg}'


def head(command_id: int) -> str:
    """The `id` member of an answer."""
    return f'"id":{command_id},' if command_id else ""


def json_text(values: Collection[object]) -> str:
    """A JSON array."""
    return _json(list(values))


def id_in(text: str | bytes) -> int:
    """Id of a command whose other members cannot be read, 0 if it has none."""
    try:
        return decode(text, _Numbered).id
    except msgspec.DecodeError:
        return 0


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
