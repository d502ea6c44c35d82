"""Generated liquidity: seeded, endless, in venue time. Pure: reads no clock, owns no socket.

One latent index drives events of several strikes. An event closes after its life, its markets
settle on the index a little later, and the next event opens before the close. Its strikes lie
around the index of that moment; so that it can be announced, all is drawn a while ahead.
"""

import math
from collections import deque
from itertools import chain, count, groupby
from operator import itemgetter
from random import Random

from core.market.market import Market
from core.sandbox.flow_actions import (
    AnnounceMarket,
    CancelOrder,
    CloseMarket,
    FlowAction,
    OpenMarket,
    PlaceOrder,
    SettleMarket,
)
from core.sandbox.flow_index import LatentIndex
from core.sandbox.flow_listing import listed
from core.sandbox.flow_market import GeneratedMarket, Instant
from core.sandbox.flow_profile import FlowProfile
from core.sandbox.flow_profiles import FAST_CRYPTO
from core.sandbox.flow_tables import log_linear

__all__ = [
    "AnnounceMarket",
    "CancelOrder",
    "CloseMarket",
    "FlowAction",
    "GeneratedFlow",
    "OpenMarket",
    "PlaceOrder",
    "SettleMarket",
]


class GeneratedFlow:
    """The actions of a crowd, instant by instant.

    The first instant opens the first event; every later market is announced, and opened by an
    OpenMarket before any other action names it.
    """

    def __init__(
        self, seed: int, markets: int, start_ms: int, profile: FlowProfile = FAST_CRYPTO
    ) -> None:
        """Start at venue time `start_ms` with events of `markets` strikes."""
        self._profile = profile
        self._random = Random(seed)
        self._index = LatentIndex(self._random, profile)
        self._strikes = markets
        self._keys = count(1)
        self._start_ms = self._now_ms = start_ms
        self._known: list[Market] = []
        self._trading: list[GeneratedMarket] = []
        self._closed: list[GeneratedMarket] = []
        self._next_close_ms = start_ms + profile.life_ms
        self._due: deque[tuple[int, list[FlowAction]]] = deque([(start_ms, self._open())])

    def markets(self) -> tuple[Market, ...]:
        """All markets announced so far, the first event's from the start."""
        return tuple(self._known)

    def next_ms(self) -> int:
        """Venue time of the next instant."""
        while not self._due or self._now_ms < self._horizon_ms():
            self._step()
        return self._due[0][0]

    def take(self) -> list[FlowAction]:
        """All actions of the next instant, in order."""
        self.next_ms()
        return self._due.popleft()[1]

    def _horizon_ms(self) -> int:
        """Up to where all must be drawn: what is ahead grows at the pace of venue time at first."""
        now_ms = self._due[0][0]
        return now_ms + min(self._profile.announce_ms, now_ms - self._start_ms)

    def _step(self) -> None:
        """Draw the actions of the next step of venue time."""
        from_ms = self._now_ms
        until_ms = self._now_ms = from_ms + self._profile.step_ms
        self._index.step()
        instants: list[Instant] = []
        for market in self._trading:
            market.pace = self._pace(market)
            rate = self._rate(market)
            instants += market.step(from_ms, until_ms, self._fair(market), rate)
        instants.sort(key=itemgetter(0))
        for ts_ms, due in groupby(instants, key=itemgetter(0)):
            self._due.append((ts_ms, list(chain.from_iterable(actions for _, actions in due))))
        actions = self._settle() + self._close()
        if until_ms >= self._next_close_ms - self._profile.life_ms - self._profile.overlap_ms:
            opening = self._open()
            self._announce(opening)
            actions += opening
        if actions:
            self._due.append((until_ms, actions))

    def _pace(self, market: GeneratedMarket) -> float:
        """Activity of a market against one at the money, by the distance of its strike."""
        profile = self._profile
        middle = market.strike + (profile.strike_gap / 2 if profile.is_range else 0.0)
        distance = abs(self._index.value - middle) / profile.strike_gap
        return log_linear(profile.rate_by_distance, distance)

    def _rate(self, market: GeneratedMarket) -> float:
        """Groups a millisecond that a market's crowd draws of its own accord."""
        profile = self._profile
        shape = profile.rate_by_life
        left = (market.market.close_ms - self._now_ms) / profile.life_ms
        part = min(len(shape) - 1, max(0, int((1 - left) * len(shape))))
        rate = profile.groups_per_s * self._index.activity * market.own_rate
        return rate * market.pace * shape[part] / 1_000

    def _fair(self, market: GeneratedMarket) -> float:
        seconds_left = (market.market.close_ms - self._now_ms) / 1_000
        chance = self._index.probability(market.strike, seconds_left)
        if self._profile.is_range:
            above = market.strike + self._profile.strike_gap
            chance -= self._index.probability(above, seconds_left)
        return chance

    def _open(self) -> list[FlowAction]:
        """Open the next event with all its first orders."""
        profile, open_ms = self._profile, self._now_ms
        close_ms = self._next_close_ms
        self._next_close_ms += profile.life_ms
        actions: list[FlowAction] = []
        for strike in self._event_strikes():
            market = listed(profile, strike, open_ms, close_ms)
            generated = GeneratedMarket(market, strike, self._random, profile, self._keys)
            self._known.append(market)
            self._trading.append(generated)
            actions += [OpenMarket(market), *generated.open(self._fair(generated))]
        return actions

    def _announce(self, opening: list[FlowAction]) -> None:
        """List the markets of an event now, at the next instant, which is a while before it."""
        if self._due:
            markets = (action.market for action in opening if isinstance(action, OpenMarket))
            self._due[0][1][:0] = [AnnounceMarket(market) for market in markets]

    def _event_strikes(self) -> list[float]:
        """Strikes around the index: one at the money, or the range that it lies in."""
        gap = self._profile.strike_gap
        middle = math.floor(self._index.value / gap + (0.0 if self._profile.is_range else 0.5))
        lowest = middle - self._strikes // 2
        return [(lowest + number) * gap for number in range(self._strikes)]

    def _close(self) -> list[FlowAction]:
        closing = [m for m in self._trading if m.market.close_ms <= self._now_ms]
        for market in closing:
            market.fair = self._fair(market)
            self._trading.remove(market)
        self._closed += closing
        return [CloseMarket(market.market.ticker) for market in closing]

    def _settle(self) -> list[FlowAction]:
        before_ms = self._now_ms - self._profile.settle_after_ms
        settling = [m for m in self._closed if m.market.close_ms <= before_ms]
        self._closed = [m for m in self._closed if m.market.close_ms > before_ms]
        return [SettleMarket(m.market.ticker, m.result) for m in settling]
