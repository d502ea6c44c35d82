"""The crowd in one generated market: makers around a fair price, and takers."""

import math
from collections.abc import Iterator
from itertools import accumulate
from random import Random

from core.market.market import Market
from core.sandbox.flow_actions import CancelOrder, FlowAction, PlaceOrder
from core.sandbox.flow_parameters import FlowParameters
from core.sandbox.flow_view import CrowdView, Resting
from core.units import LOTS_PER_CONTRACT, PIPS_PER_DOLLAR, Side


class GeneratedMarket:
    """Draws the actions of one market; keeps what the crowd has resting there.

    Attributes:
        fair: probability of YES that makers quote around; its last value is the outcome.
    """

    def __init__(
        self,
        market: Market,
        strike: float,
        random: Random,
        parameters: FlowParameters,
        keys: Iterator[int],
    ) -> None:
        self.market = market
        self.strike = strike
        self.fair = 0.5
        self._random = random
        self._parameters = parameters
        self._keys = keys
        self._view = CrowdView()
        self._taker_side = random.choice((Side.BID, Side.ASK))
        sizes, weights = zip(*parameters.favourite_sizes, strict=True)
        self._sizes: tuple[int, ...] = sizes
        self._size_weights = tuple(accumulate(weights))

    @property
    def weight(self) -> float:
        """Share of activity, most at the money."""
        near = 4 * self.fair * (1 - self.fair)
        return self._parameters.far_weight + near * near

    @property
    def result(self) -> str:
        """Outcome by the fair price at the close."""
        return "yes" if self.fair >= 0.5 else "no"

    def open(self) -> list[FlowAction]:
        """The first orders, all in one instant."""
        actions: list[FlowAction] = []
        for _ in range(self._parameters.opening_orders):
            for side in Side:
                actions += self._add(side, self._price(side))
        return actions

    def act(self) -> list[FlowAction]:
        """One event: a taker order, a re-pricing, an addition or a cancellation."""
        draw, parameters = self._random.random(), self._parameters
        if draw < parameters.taker_share:
            return self._take()
        side = self._random.choice((Side.BID, Side.ASK))
        if draw < parameters.taker_share + parameters.reprice_share:
            return self._reprice(side)
        fullness = self._view.count(side) / parameters.resting_orders
        if self._random.random() * 2 < fullness:
            return self._withdraw(side)
        return self._add(side, self._price(side))

    def follow(self) -> list[FlowAction]:
        """Let the quotes follow the fair price.

        What has become mispriced is taken or withdrawn first, so that no maker meets another.
        """
        actions: list[FlowAction] = []
        for side in Side:
            for _ in range(self._parameters.moves_per_step):
                if not self._is_mispriced(side):
                    break
                actions += self._clear(side)
        for side in Side:
            if self._is_left_behind(side) and self._random.random() < self._parameters.chase_share:
                actions += self._add(side, self._touch(side))
        return actions

    def _is_mispriced(self, side: Side) -> bool:
        best = self._view.best(side)
        return best is not None and _is_beyond(side, best, self._touch(side))

    def _is_left_behind(self, side: Side) -> bool:
        best = self._view.best(side)
        return best is None or _is_beyond(side, self._touch(side), best)

    def _clear(self, side: Side) -> list[FlowAction]:
        best = self._view.at(side, 0)
        if self._random.random() < self._parameters.sniper_share:
            lots = sum(order.lots for order in best)
            return self._send(
                side.opposite, best[0].price_pips, max(1, int(lots * self._random.random()))
            )
        return self._move_away(best[0])

    def _move_away(self, order: Resting) -> list[FlowAction]:
        self._view.remove(order)
        if self._random.random() > self._parameters.return_share:
            return [CancelOrder(order.key)]
        side = Side(order.side)
        return [CancelOrder(order.key), *self._rest(side, self._price(side), order.lots)]

    def _add(self, side: Side, price_pips: int) -> list[FlowAction]:
        parameters = self._parameters
        contracts = parameters.maker_median, parameters.maker_sigma
        lots = self._lots(*contracts, parameters.maker_fraction_share)
        return self._rest(side, price_pips, lots)

    def _withdraw(self, side: Side) -> list[FlowAction]:
        if not self._view.count(side):
            return []
        order = self._random.choice(self._view.at(side, self._depth()))
        self._view.remove(order)
        return [CancelOrder(order.key)]

    def _reprice(self, side: Side) -> list[FlowAction]:
        if not self._view.count(side):
            return []
        order = self._random.choice(self._view.at(side, self._depth()))
        price = self._price(side)
        if price == order.price_pips:
            return []
        self._view.remove(order)
        return [CancelOrder(order.key), *self._rest(side, price, order.lots)]

    def _take(self) -> list[FlowAction]:
        if self._random.random() > self._parameters.run_share:
            self._taker_side = self._taker_side.opposite
        best = self._view.best(self._taker_side.opposite)
        if best is None:
            return []
        parameters = self._parameters
        contracts = parameters.taker_median, parameters.taker_sigma
        lots = self._lots(*contracts, parameters.taker_fraction_share)
        return self._send(self._taker_side, best, lots)

    def _send(self, side: Side, price_pips: int, lots: int) -> list[FlowAction]:
        self._view.take(side, price_pips, lots)
        ticker = self.market.ticker
        return [PlaceOrder(next(self._keys), ticker, side, price_pips, lots, immediate=True)]

    def _rest(self, side: Side, price_pips: int, lots: int) -> list[FlowAction]:
        if not 0 < price_pips < PIPS_PER_DOLLAR:
            return []
        other = self._view.best(side.opposite)
        if other is not None and not _is_beyond(side, other, price_pips):
            return []  # would trade against the crowd's own order
        order = Resting(next(self._keys), side, price_pips, lots)
        self._view.add(order)
        ticker = self.market.ticker
        return [PlaceOrder(order.key, ticker, side, price_pips, lots, immediate=False)]

    def _touch(self, side: Side) -> int:
        """Best price a maker would quote now; 0 or $1 where nobody quotes this side."""
        pips = self.fair * PIPS_PER_DOLLAR
        half = max(3.0, self._parameters.half_spread_pips * 4 * self.fair * (1 - self.fair))
        if side == Side.BID:
            return 0 if pips < self._parameters.one_sided_pips else _floor_tick(pips - half)
        return PIPS_PER_DOLLAR - (
            0
            if PIPS_PER_DOLLAR - pips < self._parameters.one_sided_pips
            else _floor_tick(PIPS_PER_DOLLAR - pips - half)
        )

    def _price(self, side: Side) -> int:
        """A price some ticks behind the touch, on the grid."""
        touch = self._touch(side)
        if not 0 < touch < PIPS_PER_DOLLAR:
            return touch
        if self._is_left_behind(side) and self._random.random() < self._parameters.improve_share:
            return touch
        price = touch if side == Side.BID else PIPS_PER_DOLLAR - touch
        for _ in range(self._depth()):
            price -= 10 if price <= 1_000 or price > 9_000 else 100
        price = max(0, price)
        return price if side == Side.BID else PIPS_PER_DOLLAR - price

    def _depth(self) -> int:
        """Ticks or levels behind the best: most within three, some far behind."""
        draw = self._random.random()
        if draw < 0.6:
            return int(self._random.expovariate(0.5))
        if draw < 0.88:
            return self._random.randint(2, 14)
        return self._random.randint(8, 45)

    def _lots(self, median: float, sigma: float, fraction_share: float) -> int:
        random = self._random
        if random.random() < self._parameters.favourite_share:
            size = random.choices(self._sizes, cum_weights=self._size_weights)[0]
            return size * LOTS_PER_CONTRACT
        contracts = random.lognormvariate(math.log(median), sigma)
        contracts = min(contracts, self._parameters.largest_contracts)
        if random.random() < fraction_share:
            return max(1, int(contracts * LOTS_PER_CONTRACT))
        return max(1, round(contracts)) * LOTS_PER_CONTRACT


def _is_beyond(side: Side, price_pips: int, limit_pips: int) -> bool:
    """True if a price of this side is better than the limit, from the other side's view."""
    return price_pips > limit_pips if side == Side.BID else price_pips < limit_pips


def _floor_tick(pips: float) -> int:
    """The price on the tapered grid at or below."""
    step = 100 if 1_000 <= pips <= 9_000 else 10
    return max(0, int(pips // step) * step)
