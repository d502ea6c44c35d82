"""WebSocket commands of one connection: text in, answers and subscriptions out. No socket.

A second subscribe to a channel that is held opens a second subscription beside the first, with a
sid, a sequence and options of its own; what both want arrives twice.
"""

import msgspec

from core.sandbox import frames
from core.sandbox.command_params import (
    Command,
    CommandError,
    CommandRate,
    Params,
    error_text,
    head,
    id_in,
    json_text,
)
from core.sandbox.exchange import Exchange
from core.sandbox.json_input import decode
from core.sandbox.publisher import (
    BOOK,
    CHANNELS,
    FILL,
    ORDERS,
    POSITIONS,
    TICKER,
    TRADE,
    Publisher,
    Sink,
    Subscription,
)

MARKETS_PER_SUBSCRIPTION = 10_000
"""The venue does not publish its limit; this many on one connection have been seen to work."""
MARKETS_PER_SESSION = 500_000

_FILTERED = frozenset({BOOK, TICKER, TRADE, FILL, ORDERS, POSITIONS})
"""Channels that can be had for some markets only; the others are always for all."""
_ACTIONS = ("add_markets", "delete_markets", "get_snapshot")


class Session:
    """The subscriptions of one connection.

    Attributes:
        timeouts: so many commands are answered with error 18 and not carried out.
    """

    def __init__(
        self,
        exchange: Exchange,
        publisher: Publisher,
        sink: Sink,
        owner: int,
        rate: CommandRate | None = None,
        subaccount: int | None = None,
    ) -> None:
        """Speak for a user.

        Args:
            exchange: what is asked about.
            publisher: who sends the answers.
            sink: where to.
            owner: the user.
            rate: how many commands he may send, None for any number.
            subaccount: the only one of his that he hears of, None for all.
        """
        self._exchange = exchange
        self._publisher = publisher
        self._sink = sink
        self._owner = owner
        self._rate = rate
        self._subaccount = subaccount
        self._subscriptions: dict[int, Subscription] = {}
        self._terse_sids: set[int] = set()
        self._last_sid = 0
        self.timeouts = 0
        self._commands = {
            "subscribe": self._subscribe,
            "unsubscribe": self._unsubscribe,
            "update_subscription": self._update,
            "list_subscriptions": self._list,
        }

    def receive(self, text: str | bytes) -> None:
        """Carry out one command; every failure is answered, none is raised."""
        command_id = 0
        try:
            command = decode(text, Command)
            command_id = command.id
            self._act(command)
        except msgspec.ValidationError:
            self._sink.send(error_text(id_in(text), CommandError(11)))
        except msgspec.DecodeError:
            self._sink.send(error_text(0, CommandError(1)))
        except CommandError as error:
            self._sink.send(error_text(command_id, error))

    def close(self) -> None:
        """End all subscriptions."""
        for subscription in self._subscriptions.values():
            self._publisher.remove(subscription)
        self._subscriptions.clear()

    def _act(self, command: Command) -> None:
        if self._rate is not None and not self._rate.allows():
            raise CommandError(27)
        if self.timeouts:
            self.timeouts -= 1
            raise CommandError(18)
        action = self._commands.get(command.cmd)
        if action is None:
            raise CommandError(5)
        action(command)

    # Subscribe and unsubscribe.

    def _subscribe(self, command: Command) -> None:
        params = command.required_params()
        channels = list(dict.fromkeys(params.channels or ()))
        if not channels:
            raise CommandError(3)
        if not CHANNELS.issuperset(channels):
            raise CommandError(8)
        params.check_shards()
        if params.has_ids and channels != [TICKER]:
            raise CommandError(11)
        tickers = self._tickers(params)
        if BOOK in channels and not tickers:
            raise CommandError(14)
        self._check_room(len(tickers), len(tickers) * len(_FILTERED.intersection(channels)))
        for channel in channels:
            self._open(command, params, channel, tickers)

    def _open(self, command: Command, params: Params, channel: str, tickers: list[str]) -> None:
        use_yes_price = params.use_yes_price
        if use_yes_price is None:
            use_yes_price = self._exchange.rules.use_yes_price
        self._last_sid += 1
        subscription = Subscription(
            self._last_sid,
            channel,
            self._sink,
            self._owner,
            set(tickers) if tickers and channel in _FILTERED else None,
            use_yes_price,
            self._subaccount,
        )
        self._subscriptions[subscription.sid] = subscription
        if params.skip_ticker_ack:
            self._terse_sids.add(subscription.sid)
        self._sink.send(
            f'{{{head(command.id)}"type":"subscribed",'
            f'"msg":{{"channel":"{channel}","sid":{subscription.sid}}}'
        )
        self._send_first(subscription, params, tickers)
        self._publisher.add(subscription)

    def _unsubscribe(self, command: Command) -> None:
        sids = command.required_params().sids
        if not sids:
            raise CommandError(4)
        for sid in sids:
            self._known(sid)
        for sid in dict.fromkeys(sids):
            subscription = self._subscriptions.pop(sid)
            self._publisher.remove(subscription)
            seq = subscription.next_seq()
            self._sink.send(
                f'{{{head(command.id)}"sid":{sid},"seq":{seq},"type":"unsubscribed"',
            )

    # Update and list.

    def _update(self, command: Command) -> None:
        params = command.required_params()
        subscription = self._known(params.one_sid())
        if not params.action:
            raise CommandError(15)
        is_filtered = subscription.channel in _FILTERED
        if params.action not in _ACTIONS or not is_filtered:
            raise CommandError(13)
        if params.has_ids and subscription.channel != TICKER:
            raise CommandError(11)
        match params.action:
            case "add_markets":
                self._add_markets(command, subscription, params)
            case "delete_markets":
                self._delete_markets(command, subscription, params)
            case _:
                self._get_snapshot(command, subscription, params)

    def _add_markets(self, command: Command, sub: Subscription, params: Params) -> None:
        """Add markets; one that has all markets already stays as it is."""
        tickers = self._required_tickers(params)
        new = []
        if sub.tickers is not None:
            new = [ticker for ticker in tickers if ticker not in sub.tickers]
            self._check_room(len(sub.tickers) + len(new), len(new))
            sub.tickers.update(new)
        self._publisher.reroute(sub.channel)
        self._answer_ok(command, sub)
        self._send_first(sub, params, new)

    def _delete_markets(self, command: Command, sub: Subscription, params: Params) -> None:
        """Remove markets; there is no way to say "all but these"."""
        tickers = self._required_tickers(params)
        if sub.tickers is None:
            raise CommandError(11)
        sub.tickers.difference_update(tickers)
        sub.held = [entry for entry in sub.held if entry[0] in sub.tickers]
        self._publisher.reroute(sub.channel)
        self._answer_ok(command, sub)

    def _get_snapshot(self, command: Command, sub: Subscription, params: Params) -> None:
        """Send snapshots again; the first market outside the subscription is named in an error."""
        if sub.channel != BOOK:
            raise CommandError(13)
        if not params.market_tickers:
            raise CommandError(14)
        tickers = self._tickers(params)
        self._send_snapshots(sub, [t for t in tickers if sub.wants(t)], command.id)
        strange = [ticker for ticker in tickers if not sub.wants(ticker)]
        if strange:
            raise CommandError(11, strange[0])

    def _list(self, command: Command) -> None:
        entries = json_text([{"channel": sub.channel, "sid": sub.sid} for sub in self._held()])
        self._sink.send(f'{{{head(command.id)}"type":"ok","msg":{entries}')

    # What commands share.

    def _held(self) -> list[Subscription]:
        """Subscriptions that live; those which the exchange ended are forgotten."""
        for sid in [sid for sid, sub in self._subscriptions.items() if sub.is_over]:
            del self._subscriptions[sid]
            self._terse_sids.discard(sid)
        return list(self._subscriptions.values())

    def _known(self, sid: int) -> Subscription:
        subscription = self._subscriptions.get(sid)
        if subscription is None or subscription.is_over:
            raise CommandError(7)
        return subscription

    def _check_room(self, in_subscription: int, added: int) -> None:
        """Refuse more markets than one subscription or one session may have."""
        held = sum(len(sub.tickers or ()) for sub in self._held())
        if in_subscription > MARKETS_PER_SUBSCRIPTION or held + added > MARKETS_PER_SESSION:
            raise CommandError(26)

    def _required_tickers(self, params: Params) -> list[str]:
        tickers = self._tickers(params)
        if not tickers:
            raise CommandError(14)
        return tickers

    def _tickers(self, params: Params) -> list[str]:
        """Tickers of the named markets; an unknown ticker may still appear, an id may not."""
        names = params.markets()
        if not params.has_ids:
            return names
        listings = self._exchange.listings.values()
        by_id = {listing.market_id: listing.ticker for listing in listings}
        if not by_id.keys() >= set(names):
            raise CommandError(11)
        return [by_id[name] for name in names]

    def _answer_ok(self, command: Command, sub: Subscription) -> None:
        msg = ""
        if sub.sid not in self._terse_sids:
            tickers = sorted(sub.tickers or ())
            msg = f'"market_tickers":{json_text(tickers)}'
            if command.required_params().has_ids:
                listings = self._exchange.listings
                ids = [listings[ticker].market_id for ticker in tickers if ticker in listings]
                msg += f',"market_ids":{json_text(ids)}'
        self._sink.send(
            f'{{{head(command.id)}"sid":{sub.sid},"seq":{sub.next_seq()},"type":"ok","msg":{{{msg}}}'
        )

    def _send_first(self, sub: Subscription, params: Params, tickers: list[str]) -> None:
        """Send what new markets of a subscription begin with."""
        if sub.channel == BOOK:
            self._send_snapshots(sub, tickers)
        elif sub.channel == TICKER and params.send_initial_snapshot:
            self._send_tickers(sub, tickers)

    def _send_snapshots(self, sub: Subscription, tickers: list[str], command_id: int = 0) -> None:
        for ticker in tickers:
            listing = self._exchange.listings.get(ticker)
            if listing is not None:
                self._publisher.snapshot_to(sub, listing, self._exchange.now_ms, command_id)

    def _send_tickers(self, sub: Subscription, tickers: list[str]) -> None:
        now_ms = self._exchange.now_ms
        for ticker in tickers:
            listing = self._exchange.listings.get(ticker)
            if listing is not None:
                fields = frames.ticker_fields(listing)
                msg = frames.ticker_msg(listing, fields, now_ms)
                self._sink.send(f'{{"type":"ticker","sid":{sub.sid},"msg":{msg}')
