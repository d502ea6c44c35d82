"""A recorded book that own orders trade with and rest in without changing it. Pure.

Displayed book = recorded levels + own resting lots that the recording leaves room for.

Queue: an own order queues behind what was displayed at its level; recorded trades pass that queue
in full, other removals by the rule of the exchange (see `trading.queue_model`). A trade at a worse
price than an own order has passed the whole queue of it and fills it, as far as the trade is large.

Size: an own order, taking or resting, meets at each price at most what the recording displays
there and no order of ours has taken (see `recorded_levels`). What a resting order does not get
rests. New size that the recorded other side shows at its price or better fills it at the end of
the time-stamp group, up to that size and at its own price; lots that a trade of the same group
consumed are not new size. Without recorded trades that is the only way a resting order fills.

Display: while the recorded other side shows an own order's price or better, its lots are hidden,
so that own orders never lock or cross the display. They are displayed by a delta in their owner's
name as soon as the other side has moved away at a group's end, and hidden by another when it comes
back. A book that is doubted shows them by the same rule and matches own orders with each other
only.
"""

from collections.abc import Iterator
from itertools import chain

from core.market.events import BookDelta, BookSnapshot, Level, Trade
from core.sandbox.book import Book, is_self, reaches
from core.sandbox.orders import Effects, LevelChange, Match, Order
from core.sandbox.recorded_levels import RecordedLevels
from core.trading.queue_model import PRO_RATA, after_cancel, after_trade
from core.units import Side


class RecordedBook(Book):
    """Recorded levels of one market with own orders among them; see `Book`.

    Args:
        cancel_rule: of `trading.queue_model`, whom a recorded cancel strikes.
    """

    def __init__(self, cancel_rule: int = PRO_RATA) -> None:
        self._cancel_rule = cancel_rule
        self._recorded = RecordedLevels()
        self._walls: tuple[int | None, int | None] = (None, None)
        self._own: tuple[dict[int, list[Order]], dict[int, list[Order]]] = ({}, {})
        self._ahead: dict[Order, int] = {}
        self._explained: dict[tuple[int, int], int] = {}
        self.is_doubted = True

    # What the recording does.

    def take_snapshot(self, snapshot: BookSnapshot) -> None:
        """Replace the recorded levels; what stands ahead of own orders can only shrink."""
        self._recorded.replace(snapshot)
        self._walls = self._recorded_bests()
        self._explained.clear()
        self.is_doubted = False
        for order, ahead in self._ahead.items():
            self._ahead[order] = min(ahead, self._recorded.lots(order.side, order.price_pips))

    def doubt(self) -> None:
        """Stop matching until the next snapshot: the recording lost messages."""
        self.is_doubted = True

    def take_delta(self, delta: BookDelta) -> None:
        """Apply one recorded change; removals no trade explains are cancels."""
        before = self._recorded.apply(delta.side, delta.price_pips, delta.delta_lots)
        if delta.delta_lots < 0 and (self._ahead or self._explained):
            self._shrink(delta.side, delta.price_pips, before, -delta.delta_lots)

    def _shrink(self, side: int, price: int, before: int, removed: int) -> None:
        explained = min(removed, self._explained.get((side, price), 0))
        if explained:
            self._explained[side, price] -= explained
        cancelled = removed - explained
        for order in self._own[side].get(price, ()):
            self._ahead[order] = after_cancel(
                self._ahead[order], before - explained, cancelled, self._cancel_rule
            )

    def take_trade(self, trade: Trade) -> Effects:
        """Let a recorded trade pass the queues; what exceeds them fills own orders."""
        effects = Effects()
        side = 1 - trade.taker_side
        if self.is_doubted:
            return effects
        key = (side, trade.price_pips)
        self._explained[key] = self._explained.get(key, 0) + trade.quantity_lots
        if not self._ahead:
            return effects
        left = trade.quantity_lots
        for order in self._reached_by(trade.taker_side, trade.price_pips):
            at_level = order.price_pips == trade.price_pips
            ahead = self._ahead[order] if at_level else 0
            ahead, filled = after_trade(ahead, order.remaining_lots, left)
            if at_level:
                self._ahead[order] = ahead
            if filled:
                left -= filled
                self._fill_passively(order, filled, trade.trade_id, effects)
        return effects

    def end_group(self) -> Effects:
        """Fill from new size that reaches own orders, then show or hide what rests."""
        effects = Effects()
        if self._ahead:
            if not self.is_doubted:
                self._fill_reached(effects)
            self._redisplay(effects)
        self._explained.clear()
        return effects

    def _fill_reached(self, effects: Effects) -> None:
        for side, best in enumerate(self._recorded_bests()):
            if best is None:
                continue
            for order in self._reached_by(side, best):
                lots = self._draw(order)
                if lots:
                    self._fill_passively(order, lots, "", effects)

    def _draw(self, order: Order) -> int:
        """Take what a resting order can have of the recorded other side; returns the lots."""
        side = 1 - order.side
        drawn = 0
        reached = [price for price in self._recorded.sides[side] if reaches(order, price)]
        for price in sorted(reached, reverse=side == Side.BID):
            consumed = self._explained.get((side, price), 0)
            lots = min(order.remaining_lots - drawn, self._available(side, price) - consumed)
            if lots > 0:
                self._recorded.take(side, price, lots)
                drawn += lots
        return drawn

    def _redisplay(self, effects: Effects) -> None:
        """Settle which own orders are hidden, as the recording now stands."""
        before, self._walls = self._walls, self._recorded_bests()
        if before == self._walls:
            return
        for side, own in enumerate(self._own):
            for price, orders in own.items():
                is_hidden = self._is_hidden(side, price)
                if is_hidden == _is_behind(before[1 - side], side, price):
                    continue
                sign = -1 if is_hidden else 1
                effects.changes += [
                    LevelChange(side, price, sign * order.remaining_lots, order) for order in orders
                ]

    def _reached_by(self, taker_side: int, price_pips: int) -> list[Order]:
        """Own orders a taker with this limit would meet, best price first, then by time."""
        side = 1 - taker_side
        sign = -1 if side == Side.BID else 1
        own = self._own[side]
        prices = sorted((p for p in own if p * sign <= price_pips * sign), key=sign.__mul__)
        return list(chain.from_iterable(own[price] for price in prices))

    def _fill_passively(self, order: Order, lots: int, trade_id: str, effects: Effects) -> None:
        order.fill(lots)
        if not order.remaining_lots:
            self._remove(order)
        match = Match(order, None, 1 - order.side, order.price_pips, lots, trade_id, False)
        effects.matches.append(match)
        self._tell(order, -lots, None, effects)

    # What own orders do.

    def reduce(self, order: Order, remaining_lots: int) -> Effects:
        """Shrink a resting order; it keeps its place."""
        delta = remaining_lots - order.remaining_lots
        order.remaining_lots = remaining_lots
        effects = Effects()
        self._tell(order, delta, order, effects)
        return effects

    def fillable_lots(self, order: Order) -> int:
        """Lots that would match if the order were placed now."""
        lots = 0
        side = 1 - order.side
        for price in self._prices_met(order):
            lots += self._available(side, price)
            for maker in self._own[side].get(price, ()):
                if not is_self(order, maker):
                    lots += maker.remaining_lots
                elif order.self_trade == "taker_at_cross":
                    return min(lots, order.remaining_lots)
        return min(lots, order.remaining_lots)

    def crosses(self, order: Order) -> bool:
        """True if the order would meet the other side."""
        return bool(self._prices_met(order))

    def levels(self) -> tuple[list[Level], list[Level]]:
        """Displayed (bids, asks), ascending by YES price."""
        return self._displayed(Side.BID), self._displayed(Side.ASK)

    def best(self, side: int) -> Level | None:
        """Best displayed level of a side."""
        prices = chain(self._recorded.sides[side], self._own_displayed(side))
        price = (max if side == Side.BID else min)(prices, default=None)
        return None if price is None else (price, self._shown(side, price))

    def resting(self) -> list[Order]:
        """All orders of this exchange that rest here."""
        return list(self._ahead)

    def queue_ahead_lots(self, order: Order) -> int:
        """Displayed lots that trade before this resting order."""
        ahead = self._ahead[order]
        if self._is_hidden(order.side, order.price_pips):
            return ahead
        for other in self._own[order.side][order.price_pips]:
            if other is order:
                break
            ahead += other.remaining_lots
        return ahead

    def _match(self, order: Order, effects: Effects) -> None:
        """Walk recorded size and other accounts' orders, recorded size first at each price."""
        for price in self._prices_met(order):
            self._take_recorded(order, price, effects)
            self._take_own(order, price, effects)
            if effects.is_cut or not order.remaining_lots:
                return

    def _take_recorded(self, order: Order, price: int, effects: Effects) -> None:
        side = 1 - order.side
        lots = min(order.remaining_lots, self._available(side, price))
        if lots:
            self._recorded.take(side, price, lots)
            order.fill(lots)
            effects.matches.append(Match(None, order, order.side, price, lots, "", False))

    def _take_own(self, order: Order, price: int, effects: Effects) -> None:
        side = 1 - order.side
        for maker in list(self._own[side].get(price, ())):
            if not order.remaining_lots:
                return
            if is_self(order, maker):
                if order.self_trade == "taker_at_cross":
                    effects.is_cut = True
                    return
                self._take_out(maker, order, effects)
                maker.remaining_lots = 0
                effects.cancelled.append(maker)
                continue
            lots = min(order.remaining_lots, maker.remaining_lots)
            order.fill(lots)
            maker.fill(lots)
            if not maker.remaining_lots:
                self._remove(maker)
            effects.matches.append(Match(maker, order, order.side, price, lots))
            self._tell(maker, -lots, order, effects)

    def _insert(self, order: Order) -> None:
        side, price = order.side, order.price_pips
        if not self._ahead:
            self._walls = self._recorded_bests()
        self._ahead[order] = self._recorded.lots(side, price)
        self._own[side].setdefault(price, []).append(order)

    def _remove(self, order: Order) -> None:
        del self._ahead[order]
        orders = self._own[order.side][order.price_pips]
        orders.remove(order)
        if not orders:
            del self._own[order.side][order.price_pips]

    def _rest(self, order: Order, effects: Effects) -> None:
        self._insert(order)
        self._tell(order, order.remaining_lots, order, effects)

    def _take_out(self, order: Order, cause: Order, effects: Effects) -> None:
        self._remove(order)
        self._tell(order, -order.remaining_lots, cause, effects)

    # What is displayed.

    def _tell(self, order: Order, lots: int, cause: Order | None, effects: Effects) -> None:
        """Note a change of an own order's displayed lots, of which a hidden one has none."""
        side, price = order.side, order.price_pips
        if not self._is_hidden(side, price):
            effects.changes.append(LevelChange(side, price, lots, cause))

    def _is_hidden(self, side: int, price: int) -> bool:
        """True if own orders at this price would lock or cross the recorded other side."""
        return _is_behind(self._walls[1 - side], side, price)

    def _own_displayed(self, side: int) -> Iterator[int]:
        return (price for price in self._own[side] if not self._is_hidden(side, price))

    def _prices_met(self, order: Order) -> list[int]:
        """Prices of the other side that the order reaches, best first, own hidden ones too."""
        side = 1 - order.side
        recorded = () if self.is_doubted else self._recorded.sides[side]
        prices = {price for price in chain(recorded, self._own[side]) if reaches(order, price)}
        return sorted(prices, reverse=side == Side.BID)

    def _available(self, side: int, price: int) -> int:
        return 0 if self.is_doubted else self._recorded.available(side, price)

    def _recorded_bests(self) -> tuple[int | None, int | None]:
        return self._recorded.best(Side.BID), self._recorded.best(Side.ASK)

    def _shown(self, side: int, price: int) -> int:
        lots = self._recorded.lots(side, price)
        if price in self._own[side] and not self._is_hidden(side, price):
            lots += sum(order.remaining_lots for order in self._own[side][price])
        return lots

    def _displayed(self, side: int) -> list[Level]:
        prices = sorted({*self._recorded.sides[side], *self._own_displayed(side)})
        return [(price, self._shown(side, price)) for price in prices]


def _is_behind(wall: int | None, side: int, price: int) -> bool:
    """True if an order of this side and price reaches the other side's best price."""
    return wall is not None and (wall <= price if side == Side.BID else wall >= price)
