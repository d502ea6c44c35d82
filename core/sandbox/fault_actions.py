"""Carries single faults out, and ends those that last."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from core.errors import ConsoleError
from core.sandbox.exchange import Exchange
from core.sandbox.fault_requests import RequestFaults, SteppedClock
from core.sandbox.fault_sinks import TamperingSink
from core.sandbox.faults import (
    ANY,
    CHANNELS,
    SEQUENCED,
    BufferOverflow,
    ChangeBalance,
    ChannelError,
    ClockStep,
    CloseMarket,
    CommandTimeout,
    Disconnect,
    DropMessage,
    DuplicateMessage,
    Ending,
    Fault,
    HalfOpen,
    Pause,
    ReadLag,
    ReorderMessages,
    ReplyLost,
    Restart,
    Resume,
    SlowConsumer,
    Tampering,
    TooManyRequests,
    Unavailable,
)
from core.sandbox.market_life import MarketLife
from core.sandbox.publisher import Subscription
from core.sandbox.ws_api import Peer, WsApi

RestartGate = Callable[[int, asyncio.Transport | None], Awaitable[None]]
_CLOSABLE: Final = ("initialized", "active", "inactive")


class FaultTargetError(ConsoleError):
    """There is nothing that the fault could happen to."""


@dataclass(eq=False, slots=True)
class _Lasting:
    fault: Fault
    end: Callable[[], None]
    timer: asyncio.TimerHandle | None = None


class FaultActions:
    """What each kind of fault does.

    Args:
        requests: what happens to the next requests.
        clock: the server's clock.
        restart: shuts and opens the door.
    """

    def __init__(
        self,
        exchange: Exchange,
        ws: WsApi,
        requests: RequestFaults,
        clock: SteppedClock,
        restart: RestartGate,
    ) -> None:
        self._exchange = exchange
        self._ws = ws
        self._requests = requests
        self._clock = clock
        self._restart = restart
        self._restarting: asyncio.Task[None] | None = None
        self._spared: asyncio.Transport | None = None
        self._lasting: list[_Lasting] = []
        self._actions: Mapping[type, Callable[[Any], None]] = {
            DropMessage: self._tamper,
            DuplicateMessage: self._tamper,
            ReorderMessages: self._tamper,
            ChannelError: lambda fault: self._end_subscription(fault, 10, "channel error"),
            BufferOverflow: lambda fault: self._end_subscription(
                fault, 25, "outbound buffer overflow"
            ),
            HalfOpen: self._half_open,
            Disconnect: lambda fault: self._peer(fault.connection).connection.cut(),
            CommandTimeout: self._time_out,
            SlowConsumer: self._slow_down,
            TooManyRequests: self._refuse,
            Unavailable: requests.spoil,
            ReplyLost: requests.spoil,
            ReadLag: self._lag,
            ClockStep: self._step,
            Pause: self._pause,
            Resume: lambda _: self._resume(),
            CloseMarket: self._close_market,
            ChangeBalance: self._change_balance,
            Restart: self._restart_gate,
        }

    def carry_out(self, fault: Fault, spared: asyncio.Transport | None = None) -> None:
        """Let a fault happen now.

        Args:
            fault: what.
            spared: a connection that a restart does not cut.

        Raises:
            FaultTargetError: nothing it could happen to.
        """
        self._spared = spared
        self._actions[type(fault)](fault)

    def active(self) -> list[Fault]:
        """Faults that last until their time is over, or until their requests have come."""
        lasting = [entry.fault for entry in self._lasting]
        if self._requests.refusals:
            lasting.append(TooManyRequests(self._requests.refusals))
        return lasting + self._requests.spoiled

    def clear(self) -> None:
        """End what lasts; what was lost stays lost."""
        self._requests.clear()
        while self._lasting:
            self._finish(self._lasting[0])

    async def close(self) -> None:
        """End everything."""
        self.clear()
        if self._restarting is not None:
            self._restarting.cancel()
            await asyncio.gather(self._restarting, return_exceptions=True)

    # Faults that last.

    def _last(self, fault: Fault, for_ms: int, end: Callable[[], None]) -> None:
        """Remember a fault, and end it after a time, 0 for when it is told to."""
        lasting = _Lasting(fault, end)
        self._lasting.append(lasting)
        if for_ms:
            loop = asyncio.get_running_loop()
            lasting.timer = loop.call_later(for_ms / 1000, self._finish, lasting)

    def _finish(self, lasting: _Lasting) -> None:
        if lasting.timer is not None:
            lasting.timer.cancel()
        self._lasting.remove(lasting)
        lasting.end()

    def _finish_all(self, kind: type) -> None:
        """End what lasts of one kind: the next of it takes its place."""
        for lasting in [entry for entry in self._lasting if type(entry.fault) is kind]:
            self._finish(lasting)

    # Connections.

    def _peer(self, number: int) -> Peer:
        for peer in self._ws.peers:
            if number in (0, peer.number) and not peer.connection.is_over:
                return peer
        raise FaultTargetError(f"there is no connection {number}" if number else "nobody listens")

    def _subscription(self, fault: Tampering | Ending, channels: Iterable[str]) -> Subscription:
        """The subscription to a channel on a connection, or the oldest on any.

        Args:
            fault: what is to happen.
            channels: where it can, if it names none.
        """
        sinks = [self._peer(fault.connection).connection] if fault.connection else None
        found = [
            sub
            for channel in (channels if fault.channel == ANY else (fault.channel,))
            for sub in self._exchange.publisher.subscriptions(channel)
            if not isinstance(sub.sink, TamperingSink) and (sinks is None or sub.sink in sinks)
        ]
        if not found:
            channel = "anything" if fault.channel == ANY else fault.channel
            raise FaultTargetError(f"nobody subscribes to {channel}")
        return found[fault.pick % len(found)]

    def _tamper(self, fault: Tampering) -> None:
        TamperingSink(self._subscription(fault, SEQUENCED), fault)

    def _end_subscription(self, fault: Ending, code: int, text: str) -> None:
        self._exchange.publisher.end(self._subscription(fault, CHANNELS), code, text)

    def _half_open(self, fault: HalfOpen) -> None:
        peer = self._peer(fault.connection)
        peer.session.close()
        peer.connection.mute()
        self._last(fault, fault.for_ms, peer.connection.cut)

    def _time_out(self, fault: CommandTimeout) -> None:
        self._peer(fault.connection).session.timeouts += fault.commands

    def _slow_down(self, fault: SlowConsumer) -> None:
        connection = self._peer(fault.connection).connection
        connection.hold(fault.limit_bytes)
        self._last(fault, fault.for_ms, connection.release)

    def _restart_gate(self, fault: Restart) -> None:
        if self._restarting is not None and not self._restarting.done():
            raise FaultTargetError("the exchange restarts already")
        work = self._restarted(fault, self._spared)
        loop = asyncio.get_running_loop()
        self._restarting = loop.create_task(work, name="sandbox-restart")

    async def _restarted(self, fault: Restart, spared: asyncio.Transport | None) -> None:
        lasting = _Lasting(fault, lambda: None)
        self._lasting.append(lasting)
        try:
            await self._restart(fault.down_ms, spared)
        finally:
            if lasting in self._lasting:
                self._lasting.remove(lasting)

    # Requests and the server's clock.

    def _refuse(self, fault: TooManyRequests) -> None:
        self._requests.refusals += fault.requests

    def _step(self, fault: ClockStep) -> None:
        self._finish_all(ClockStep)
        self._clock.step_ms = fault.step_ms
        if fault.step_ms:
            self._last(fault, fault.for_ms, self._set_clock_right)

    def _set_clock_right(self) -> None:
        self._clock.step_ms = 0

    # The market.

    def _lag(self, fault: ReadLag) -> None:
        self._finish_all(ReadLag)
        self._set_lag((fault.least_ms, fault.most_ms))
        self._last(fault, fault.for_ms, partial(self._set_lag, self._exchange.rules.read_lag_ms))

    def _set_lag(self, lag_ms: tuple[int, int]) -> None:
        self._exchange.reads.set_lag(lag_ms, self._exchange.accounts.values())

    def _pause(self, fault: Pause) -> None:
        self._finish_all(Pause)
        self._exchange.pause()
        self._last(fault, fault.for_ms, self._exchange.resume)

    def _resume(self) -> None:
        self._finish_all(Pause)
        self._exchange.resume()

    def _close_market(self, fault: CloseMarket) -> None:
        open_ = [entry for entry in self._exchange.listings.values() if entry.status in _CLOSABLE]
        if fault.ticker:
            open_ = [listing for listing in open_ if listing.ticker == fault.ticker]
        if not open_:
            raise FaultTargetError(f"no market {fault.ticker} is open".replace("  ", " "))
        listing = open_[fault.pick % len(open_)]
        listing.close_ms = now_ms = self._exchange.now_ms
        fields = f',"close_ts":{now_ms // 1000}'
        self._exchange.publisher.lifecycle(listing, "close_date_updated", fields)
        MarketLife(self._exchange).close(listing)

    def _change_balance(self, fault: ChangeBalance) -> None:
        account = self._exchange.accounts.get(fault.account)
        if account is None:
            raise FaultTargetError(f"there is no account {fault.account}")
        account.cash_micros += fault.change_micros
