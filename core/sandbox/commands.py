"""WebSocket commands of one connection: text in, answers and subscriptions out. No socket."""

import msgspec

from core.sandbox.exchange import Exchange
from core.sandbox.publisher import BOOK, CHANNELS, CLOCK, GROUPS, Publisher, Sink, Subscription


class _Params(msgspec.Struct):
    channels: list[str] | None = None
    market_ticker: str | None = None
    market_tickers: list[str] | None = None
    sids: list[int] | None = None
    sid: int | None = None
    action: str | None = None
    use_yes_price: bool | None = None


class _Command(msgspec.Struct):
    id: int = 0
    cmd: str = ""
    params: _Params | None = None


_ERRORS = {
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
}


class _Numbered(msgspec.Struct):
    id: int = 0


class _CommandError(Exception):
    """A command that is answered with an error code."""

    def __init__(self, code: int) -> None:
        super().__init__(_ERRORS[code])
        self.code = code


class Session:
    """The subscriptions of one connection."""

    def __init__(self, exchange: Exchange, publisher: Publisher, sink: Sink, owner: int) -> None:
        self._exchange = exchange
        self._publisher = publisher
        self._sink = sink
        self._owner = owner
        self._subscriptions: dict[int, Subscription] = {}
        self._last_sid = 0
        self._commands = {
            "subscribe": self._subscribe,
            "unsubscribe": self._unsubscribe,
            "update_subscription": self._update,
            "list_subscriptions": self._list,
        }

    def receive(self, text: str | bytes) -> None:
        """Carry out one command; every failure is answered, none is raised."""
        try:
            command = msgspec.json.decode(text, type=_Command)
        except msgspec.ValidationError:
            self._answer_error(_id_in(text), 11)
            return
        except msgspec.DecodeError:
            self._answer_error(0, 1)
            return
        try:
            action = self._commands.get(command.cmd)
            if action is None:
                raise _CommandError(5)
            action(command)
        except _CommandError as error:
            self._answer_error(command.id, error.code)

    def close(self) -> None:
        """End all subscriptions."""
        for subscription in self._subscriptions.values():
            self._publisher.remove(subscription)
        self._subscriptions.clear()

    def _subscribe(self, command: _Command) -> None:
        params = _params(command)
        if not params.channels:
            raise _CommandError(3)
        if not CHANNELS.issuperset(params.channels):
            raise _CommandError(8)
        tickers = _tickers(params)
        if BOOK in params.channels and not tickers:
            raise _CommandError(14)
        for channel in params.channels:
            self._open(command, channel, tickers)

    def _open(self, command: _Command, channel: str, tickers: list[str]) -> None:
        use_yes_price = _params(command).use_yes_price
        if use_yes_price is None:
            use_yes_price = self._exchange.rules.use_yes_price
        self._last_sid += 1
        subscription = Subscription(
            self._last_sid,
            channel,
            self._sink,
            self._owner,
            set(tickers) if tickers and channel not in (CLOCK, GROUPS) else None,
            use_yes_price,
        )
        self._subscriptions[subscription.sid] = subscription
        self._sink.send(
            f'{{{_head(command.id)}"type":"subscribed",'
            f'"msg":{{"channel":"{channel}","sid":{subscription.sid}}}'
        )
        if channel == BOOK:
            self._send_snapshots(subscription, tickers)
        self._publisher.add(subscription)

    def _unsubscribe(self, command: _Command) -> None:
        sids = _params(command).sids
        if not sids:
            raise _CommandError(4)
        for sid in sids:
            self._known(sid)
        for sid in dict.fromkeys(sids):
            subscription = self._subscriptions.pop(sid)
            self._publisher.remove(subscription)
            seq = subscription.next_seq()
            head = _head(command.id)
            self._sink.send(f'{{{head}"sid":{sid},"seq":{seq},"type":"unsubscribed"')

    def _update(self, command: _Command) -> None:
        params = _params(command)
        subscription = self._one(params)
        if not params.action:
            raise _CommandError(15)
        tickers = _tickers(params)
        if not tickers:
            raise _CommandError(14)
        match params.action:
            case "add_markets":
                self._add_markets(command, subscription, tickers)
            case "delete_markets":
                self._delete_markets(command, subscription, tickers)
            case "get_snapshot" if subscription.channel == BOOK:
                known = [ticker for ticker in tickers if subscription.wants(ticker)]
                self._send_snapshots(subscription, known, command.id)
            case _:
                raise _CommandError(13)

    def _one(self, params: _Params) -> Subscription:
        sids = params.sids if params.sids is not None else []
        if params.sid is not None:
            sids = [params.sid]
        if len(sids) != 1:
            raise _CommandError(12)
        return self._known(sids[0])

    def _known(self, sid: int) -> Subscription:
        subscription = self._subscriptions.get(sid)
        if subscription is None or subscription.is_over:
            raise _CommandError(7)
        return subscription

    def _add_markets(self, command: _Command, sub: Subscription, tickers: list[str]) -> None:
        known = sub.tickers if sub.tickers is not None else set()
        new = [ticker for ticker in tickers if ticker not in known]
        sub.tickers = known | set(tickers)
        self._publisher.reroute(sub.channel)
        self._answer_ok(command, sub)
        if sub.channel == BOOK:
            self._send_snapshots(sub, new)

    def _delete_markets(self, command: _Command, sub: Subscription, tickers: list[str]) -> None:
        sub.tickers = (sub.tickers or set()) - set(tickers)
        sub.held = [entry for entry in sub.held if entry[0] in sub.tickers]
        self._publisher.reroute(sub.channel)
        self._answer_ok(command, sub)

    def _answer_ok(self, command: _Command, sub: Subscription) -> None:
        tickers = msgspec.json.encode(sorted(sub.tickers or ())).decode()
        self._sink.send(
            f'{{{_head(command.id)}"sid":{sub.sid},"seq":{sub.next_seq()},"type":"ok",'
            f'"msg":{{"market_tickers":{tickers}}}'
        )

    def _list(self, command: _Command) -> None:
        entries = [{"channel": sub.channel, "sid": sub.sid} for sub in self._subscriptions.values()]
        listed = msgspec.json.encode(entries).decode()
        self._sink.send(f'{{{_head(command.id)}"type":"ok","msg":{listed}')

    def _send_snapshots(self, sub: Subscription, tickers: list[str], command_id: int = 0) -> None:
        for ticker in tickers:
            listing = self._exchange.listings.get(ticker)
            if listing is not None:
                self._publisher.snapshot_to(sub, listing, self._exchange.now_ms, command_id)

    def _answer_error(self, command_id: int, code: int) -> None:
        self._sink.send(
            f'{{{_head(command_id)}"type":"error","msg":{{"code":{code},"msg":"{_ERRORS[code]}"}}'
        )


def _id_in(text: str | bytes) -> int:
    """Id of a command whose other members cannot be read, 0 if it has none."""
    try:
        return msgspec.json.decode(text, type=_Numbered).id
    except msgspec.ValidationError:
        return 0


def _head(command_id: int) -> str:
    return f'"id":{command_id},' if command_id else ""


def _params(command: _Command) -> _Params:
    if command.params is None:
        raise _CommandError(2)
    return command.params


def _tickers(params: _Params) -> list[str]:
    if params.market_ticker is not None and params.market_tickers is not None:
        raise _CommandError(11)
    if params.market_ticker is not None:
        return [params.market_ticker]
    return list(dict.fromkeys(params.market_tickers or ()))
