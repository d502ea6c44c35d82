"""Generated liquidity: seeded, endless, in venue time. Pure: reads no clock, owns no socket.

One latent index drives events of several strikes. An event closes every quarter of an hour, its
markets settle on the index a little later, and the next event opens before the close.
"""

from collections import deque
from datetime import UTC, datetime
from itertools import count, groupby
from operator import itemgetter
from random import Random

from core.market.market import Market
from core.market.ticks import TAPERED_DECI_CENT_RANGES
from core.sandbox.flow_actions import (
    CancelOrder,
    CloseMarket,
    FlowAction,
    OpenMarket,
    PlaceOrder,
    SettleMarket,
)
from core.sandbox.flow_index import LatentIndex
from core.sandbox.flow_market import GeneratedMarket
from core.sandbox.flow_parameters import FlowParameters

__all__ = [
    "CancelOrder",
    "CloseMarket",
    "FlowAction",
    "GeneratedFlow",
    "OpenMarket",
    "PlaceOrder",
    "SettleMarket",
]

_SERIES = "KXDEMOIDX15M"


class GeneratedFlow:
    """The actions of a crowd, instant by instant.

    The first instant opens the first event; every market is opened by an OpenMarket before any
    other action names it.
    """

    def __init__(
        self,
        seed: int,
        markets: int,
        start_ms: int,
        parameters: FlowParameters | None = None,
    ) -> None:
        """Start at venue time `start_ms` with events of `markets` strikes."""
        self._parameters = parameters or FlowParameters()
        self._random = Random(seed)
        self._index = LatentIndex(self._random, self._parameters)
        self._strikes = markets
        self._keys = count(1)
        self._now_ms = start_ms
        self._known: list[Market] = []
        self._trading: list[GeneratedMarket] = []
        self._closed: list[GeneratedMarket] = []
        self._next_close_ms = start_ms + self._parameters.life_ms
        self._due: deque[tuple[int, list[FlowAction]]] = deque([(start_ms, self._open())])

    def markets(self) -> tuple[Market, ...]:
        """All markets opened so far, the first event's from the start."""
        return tuple(self._known)

    def next_ms(self) -> int:
        """Venue time of the next instant."""
        while not self._due:
            self._step()
        return self._due[0][0]

    def take(self) -> list[FlowAction]:
        """All actions of the next instant, in order."""
        self.next_ms()
        return self._due.popleft()[1]

    def _step(self) -> None:
        """Draw the actions of the next step of venue time."""
        self._now_ms += self._parameters.step_ms
        self._index.step()
        actions = self._settle() + self._close()
        if self._now_ms >= self._next_open_ms:
            actions += self._open()
        for market in self._trading:
            market.fair = self._fair(market)
            actions += market.follow()
        if actions:
            self._due.append((self._now_ms, actions))
        self._draw_events()

    @property
    def _next_open_ms(self) -> int:
        return self._next_close_ms - self._parameters.life_ms - self._parameters.overlap_ms

    def _draw_events(self) -> None:
        """Let the markets act at random moments of this step, each at its own rate."""
        parameters = self._parameters
        weights = sum(market.weight for market in self._trading)
        moments: list[tuple[int, GeneratedMarket]] = []
        for market in self._trading:
            rate = parameters.events_per_s * self._index.burst * market.weight / weights
            moment_ms = self._random.expovariate(rate / 1_000)
            while moment_ms < parameters.step_ms:
                moments.append((self._now_ms + int(moment_ms), market))
                moment_ms += self._random.expovariate(rate / 1_000)
        moments.sort(key=itemgetter(0))
        for ts_ms, due in groupby(moments, key=itemgetter(0)):
            if actions := [action for _, market in due for action in market.act()]:
                self._append(ts_ms, actions)

    def _append(self, ts_ms: int, actions: list[FlowAction]) -> None:
        if self._due and self._due[-1][0] == ts_ms:
            self._due[-1][1].extend(actions)
        else:
            self._due.append((ts_ms, actions))

    def _open(self) -> list[FlowAction]:
        """Open the next event with all its first orders."""
        parameters = self._parameters
        close_ms, open_ms = self._next_close_ms, self._now_ms
        self._next_close_ms += parameters.life_ms
        middle = round(self._index.value / parameters.strike_gap) * parameters.strike_gap
        actions: list[FlowAction] = []
        for number in range(self._strikes):
            strike = middle + (number - (self._strikes - 1) / 2) * parameters.strike_gap
            listed = _market(strike, open_ms, close_ms)
            market = GeneratedMarket(listed, strike, self._random, parameters, self._keys)
            market.fair = self._fair(market)
            self._known.append(listed)
            self._trading.append(market)
            actions += [OpenMarket(listed), *market.open()]
        return actions

    def _close(self) -> list[FlowAction]:
        closing = [m for m in self._trading if m.market.close_ms <= self._now_ms]
        for market in closing:
            market.fair = self._fair(market)
            self._trading.remove(market)
        self._closed += closing
        return [CloseMarket(market.market.ticker) for market in closing]

    def _settle(self) -> list[FlowAction]:
        before_ms = self._now_ms - self._parameters.settle_after_ms
        settling = [m for m in self._closed if m.market.close_ms <= before_ms]
        self._closed = [m for m in self._closed if m.market.close_ms > before_ms]
        return [SettleMarket(m.market.ticker, m.result) for m in settling]

    def _fair(self, market: GeneratedMarket) -> float:
        seconds_left = (market.market.close_ms - self._now_ms) / 1_000
        return self._index.probability(market.strike, seconds_left)


def _market(strike: float, open_ms: int, close_ms: int) -> Market:
    close = datetime.fromtimestamp(close_ms / 1_000, UTC)
    event_ticker = f"{_SERIES}-{close:%y%b%d%H%M}".upper()
    return Market(
        ticker=f"{event_ticker}-T{strike:.2f}",
        event_ticker=event_ticker,
        title=f"Demo index at or above {strike:,.2f} at {close:%H:%M} UTC?",
        subtitle=f"{strike:,.2f} or above",
        open_ms=open_ms,
        close_ms=close_ms,
        price_ranges=TAPERED_DECI_CENT_RANGES,
    )
