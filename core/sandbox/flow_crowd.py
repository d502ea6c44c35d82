"""The crowd of one generated market: what its makers and takers do, one group at a time.

A group is what happens at one time stamp; every method returns the actions of one group, none
if nothing can be done. Prices are in a side's own terms, see `flow_view`.
"""

from collections.abc import Iterator
from heapq import heappop, heappush
from random import Random

from core.sandbox import flow_tables
from core.sandbox.flow_actions import CancelOrder, FlowAction, PlaceOrder
from core.sandbox.flow_profile import FlowProfile
from core.sandbox.flow_touches import Touches, tick_floors
from core.sandbox.flow_view import CrowdLevel, CrowdView, Resting
from core.units import PIPS_PER_DOLLAR, Side

_NEVER_MS = float("inf")
_IMPROVES = -1
_NEXT_MS = 1.0


class Crowd:
    """Makers around the wanted touches, and takers; keeps what it has resting."""

    def __init__(
        self, ticker: str, random: Random, profile: FlowProfile, keys: Iterator[int]
    ) -> None:
        self.touches = Touches(random, profile)
        self._ticker = ticker
        self._random = random
        self._profile = profile
        self._keys = keys
        self._view = CrowdView()
        self._ends: list[tuple[float, int, CrowdLevel]] = []
        self._taker_side = random.randrange(2)
        self._floors = tick_floors(profile.price_ranges)
        self._sizes = flow_tables.sizes(
            profile.favourite_sizes, profile.other_sizes, profile.fraction_share
        )
        self._taker_sizes = flow_tables.sizes(
            profile.taker_favourites, profile.taker_sizes, profile.taker_fraction_share
        )
        self._distances = flow_tables.distances(profile)
        self._lives_ms = flow_tables.level_lives_ms(profile)

    def open(self) -> list[FlowAction]:
        """The first orders, all in one instant."""
        actions: list[FlowAction] = []
        for side in (Side.BID, Side.ASK):
            touch = self.touches.wanted[side]
            for _ in range(self._profile.opening_orders if touch else 0):
                price = self._floors[max(0, touch - max(0, self._draw(self._distances)))]
                actions += self._rest(side, price, self._draw(self._sizes))
        return actions

    # What the market has to do soon.

    @property
    def next_end_ms(self) -> float:
        """When the next brief level goes."""
        return self._ends[0][0] if self._ends else _NEVER_MS

    @property
    def is_mispriced(self) -> bool:
        """True if an order is better than makers want it."""
        return self._is_mispriced(0) or self._is_mispriced(1)

    @property
    def is_left_behind(self) -> bool:
        """True if a touch is not quoted."""
        view, wanted = self._view, self.touches.wanted
        return view.best(0) < wanted[0] or view.best(1) < wanted[1]

    def clear(self) -> list[FlowAction]:
        """Withdraw a mispriced order, or have the level taken."""
        side = 0 if self._is_mispriced(0) else 1
        if not self._is_mispriced(side):
            return []
        best = self._view.best(side)
        level = self._view.nearest(side, best)
        if self._random.random() < self._profile.sniper_share:
            return self._send(1 - side, best, self._draw(self._taker_sizes))
        return self._move_away(level, min(best, self.touches.wanted[side]))

    def chase(self, now_ms: float, pace: float) -> list[FlowAction]:
        """Quote a touch that is left behind."""
        view, wanted = self._view, self.touches.wanted
        behind = [side for side in (0, 1) if view.best(side) < wanted[side]]
        if not behind:
            return []
        side = behind[int(self._random.random() * len(behind))]
        lots = self._draw(self._sizes)
        if self._random.random() < self._profile.firm_share:
            return self._rest(side, wanted[side], lots)
        return self._make(side, wanted[side], lots, now_ms, pace)

    def expire(self, now_ms: float) -> list[FlowAction]:
        """Take an order off the brief level whose time has come."""
        _, number, level = heappop(self._ends)
        if not self._view.lives(level):
            return []
        if len(level.orders) > 1:
            heappush(self._ends, (now_ms + _NEXT_MS, number, level))
        return self._move_away(level, level.price_pips)

    # What it does at its own pace.

    def act(self, now_ms: float, pace: float) -> list[FlowAction]:
        """A taker, or a maker who moves, adds or withdraws."""
        random, profile = self._random.random, self._profile
        draw = random()
        if draw < profile.taker_share:
            return self._take()
        side = int(random() * 2)
        if not self._view.best(side):
            side = 1 - side
            if not self._view.best(side):
                return []
        if draw < profile.taker_share + profile.move_share:
            return self._move(side, now_ms, pace)
        price = self._price(side)
        level = self._view.level(side, price)
        if level is None:
            return self._make(side, price, self._draw(self._sizes), now_ms, pace)
        count = len(level.orders)
        if count > 1 and random() * (count + profile.fullness) < count:
            return self._withdraw(level.orders[-1])
        return self._rest(side, price, self._draw(self._sizes))

    def _move(self, side: int, now_ms: float, pace: float) -> list[FlowAction]:
        """Withdraw an order that is not the last of its level, and place one elsewhere."""
        level = self._view.nearest(side, self._price(side))
        price = self._price(side)
        if len(level.orders) < 2 or price == level.price_pips:
            price, level = level.price_pips, self._view.nearest(side, price)
            if len(level.orders) < 2 or price == level.price_pips:
                return []
        order = level.orders[-1]
        is_resized = self._random.random() < self._profile.resize_share
        lots = self._draw(self._sizes) if is_resized else order.lots
        return self._withdraw(order) + self._make(side, price, lots, now_ms, pace)

    def _move_away(self, level: CrowdLevel, behind_pips: int) -> list[FlowAction]:
        """Withdraw a level's newest order; it may return to a level behind this price."""
        order = level.orders[-1]
        actions = self._withdraw(order)
        side = level.side
        if not self._view.best(side) or self._random.random() > self._profile.return_share:
            return actions
        distance = max(1, self._draw(self._distances))
        price = self._view.nearest(side, max(0, behind_pips - distance)).price_pips
        if price == order.price_pips or price >= behind_pips:
            return actions
        return actions + self._rest(side, price, order.lots)

    def _take(self) -> list[FlowAction]:
        if self._random.random() > self._profile.run_share:
            self._taker_side = 1 - self._taker_side
        best = self._view.best(1 - self._taker_side)
        if not best:
            return []
        return self._send(self._taker_side, best, self._draw(self._taker_sizes))

    def _price(self, side: int) -> int:
        """Price of a level to change, or of a hole that a new level may fill."""
        view = self._view
        best = view.best(side)
        anchor = min(best, self.touches.wanted[side] or best)
        distance = self._draw(self._distances)
        if distance == _IMPROVES:
            price = self._above(best)
            return best if view.would_cross(side, price) else price
        price = self._floors[max(0, anchor - distance)]
        if view.level(side, price) or self._random.random() < self._profile.hole_share:
            return price or best
        return view.nearest(side, price).price_pips

    def _above(self, price_pips: int) -> int:
        """Next price of the grid."""
        floors = self._floors
        step = 10 if floors[min(price_pips + 10, PIPS_PER_DOLLAR)] > price_pips else 100
        return price_pips + step

    # Orders.

    def _make(
        self, side: int, price_pips: int, lots: int, now_ms: float, pace: float
    ) -> list[FlowAction]:
        """Rest an order; a level that it opens may be brief."""
        is_new = self._view.level(side, price_pips) is None
        actions = self._rest(side, price_pips, lots)
        level = self._view.level(side, price_pips)
        if not (is_new and actions and level):
            return actions
        level.is_early = price_pips > self.touches.wanted[side]
        if level.is_early or self._random.random() < self._profile.brief_share:
            life_ms = self._lives_ms[int(self._random.random() * len(self._lives_ms))]
            heappush(self._ends, (now_ms + life_ms / pace, next(self._keys), level))
        return actions

    def _rest(self, side: int, price_pips: int, lots: int) -> list[FlowAction]:
        if not 0 < price_pips < PIPS_PER_DOLLAR or self._view.would_cross(side, price_pips):
            return []
        order = Resting(next(self._keys), side, price_pips, lots)
        self._view.add(order)
        price = price_pips if side == Side.BID else PIPS_PER_DOLLAR - price_pips
        return [PlaceOrder(order.key, self._ticker, side, price, lots, immediate=False)]

    def _withdraw(self, order: Resting) -> list[FlowAction]:
        self._view.remove(order)
        return [CancelOrder(order.key)]

    def _send(self, side: int, level_pips: int, lots: int) -> list[FlowAction]:
        """Take from the best level of the other side, given in that side's terms."""
        self._view.take(1 - side, lots)
        price = level_pips if side == Side.ASK else PIPS_PER_DOLLAR - level_pips
        return [PlaceOrder(next(self._keys), self._ticker, side, price, lots, immediate=True)]

    def _is_mispriced(self, side: int) -> bool:
        best, wanted = self._view.best(side), self.touches.wanted
        if best <= wanted[side]:
            return False
        other = wanted[1 - side]
        if other and best + other >= PIPS_PER_DOLLAR:
            return True
        level = self._view.level(side, best)
        return level is not None and not level.is_early

    def _draw(self, table: tuple[int, ...]) -> int:
        return table[int(self._random.random() * len(table))]
