"""A recorded book that own orders rest in without changing it. Pure.

Displayed book = recorded levels + own resting lots. An own order queues behind what was displayed
at its level; recorded trades pass that queue in full, other removals by the rule of the exchange
(see `trading.queue_model`). A trade at a worse price than an own order has passed the whole queue
of it and fills it, as far as the trade is large. At the end of every time-stamp group an own order
that the recorded other side reaches is filled at its own price, so that own orders never lock or
cross the display; without recorded trades that is the only way a resting order fills.
"""

from itertools import chain

from core.market.events import BookDelta, BookSnapshot, Level, Trade
from core.sandbox.book import Book, is_self, reaches
from core.sandbox.orders import Effects, LevelChange, Match, Order
from core.trading.queue_model import PRO_RATA, after_cancel, after_trade
from core.units import Side


class RecordedBook(Book):
    """Recorded levels of one market with own orders among them; see `Book`.

    Args:
        cancel_rule: of `trading.queue_model`, whom a recorded cancel strikes.
    """

    def __init__(self, cancel_rule: int = PRO_RATA) -> None:
        self._cancel_rule = cancel_rule
        self._levels: tuple[dict[int, int], dict[int, int]] = ({}, {})
        self._own: tuple[dict[int, list[Order]], dict[int, list[Order]]] = ({}, {})
        self._ahead: dict[Order, int] = {}
        self._taken: dict[tuple[int, int], int] = {}
        self._explained: dict[tuple[int, int], int] = {}
        self.is_doubted = True

    # What the recording does.

    def take_snapshot(self, snapshot: BookSnapshot) -> None:
        """Replace the recorded levels; what stands ahead of own orders can only shrink."""
        self._levels = (dict(snapshot.bids), dict(snapshot.asks))
        self._taken.clear()
        self._explained.clear()
        self.is_doubted = False
        for order, ahead in self._ahead.items():
            self._ahead[order] = min(ahead, self._levels[order.side].get(order.price_pips, 0))

    def doubt(self) -> None:
        """Stop matching until the next snapshot: the recording lost messages."""
        self.is_doubted = True

    def take_delta(self, delta: BookDelta) -> None:
        """Apply one recorded change; removals no trade explains are cancels."""
        side, price = delta.side, delta.price_pips
        levels = self._levels[side]
        before = levels.get(price, 0)
        after = before + delta.delta_lots
        if after > 0:
            levels[price] = after
        else:
            levels.pop(price, None)
        if self._taken:
            self._taken.pop((side, price), None)
        if delta.delta_lots < 0 and (self._ahead or self._explained):
            self._shrink(side, price, before, -delta.delta_lots)

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
        """Fill what the recorded other side reaches; forget which removals trades explained."""
        effects = Effects()
        self._explained.clear()
        if self.is_doubted or not self._ahead:
            return effects
        for taker_side in (Side.BID, Side.ASK):
            best = self._recorded_best(taker_side)
            if best is not None:
                for order in self._reached_by(taker_side, best):
                    self._fill_passively(order, order.remaining_lots, "", effects)
        return effects

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
        effects.changes.append(LevelChange(order.side, order.price_pips, -lots, None))

    # What own orders do.

    def reduce(self, order: Order, remaining_lots: int) -> Effects:
        """Shrink a resting order; it keeps its place."""
        delta = remaining_lots - order.remaining_lots
        order.remaining_lots = remaining_lots
        return Effects(changes=[LevelChange(order.side, order.price_pips, delta, order)])

    def fillable_lots(self, order: Order) -> int:
        """Lots that would match if the order were placed now."""
        if self.is_doubted:
            return 0
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
        best = None if self.is_doubted else self.best(1 - order.side)
        return best is not None and reaches(order, best[0])

    def levels(self) -> tuple[list[Level], list[Level]]:
        """Displayed (bids, asks), ascending by YES price."""
        return self._displayed(Side.BID), self._displayed(Side.ASK)

    def best(self, side: int) -> Level | None:
        """Best displayed level of a side."""
        prices = chain(self._levels[side], self._own[side])
        price = (max if side == Side.BID else min)(prices, default=None)
        return None if price is None else (price, self._shown(side, price))

    def resting(self) -> list[Order]:
        """All orders of this exchange that rest here."""
        return list(self._ahead)

    def queue_ahead_lots(self, order: Order) -> int:
        """Displayed lots that trade before this resting order."""
        ahead = self._ahead[order]
        for other in self._own[order.side][order.price_pips]:
            if other is order:
                break
            ahead += other.remaining_lots
        return ahead

    def _match(self, order: Order, effects: Effects) -> None:
        """Walk recorded size and other accounts' orders, recorded size first at each price.

        What a resting order could not take of levels that stay displayed is filled at its own
        limit: left to rest it would lock the display, and the group's end would fill it so.
        """
        if self.is_doubted:
            return
        for price in self._prices_met(order):
            self._take_recorded(order, price, effects)
            self._take_own(order, price, effects)
            if effects.is_cut or not order.remaining_lots:
                return
        best = self._recorded_best(1 - order.side)
        if order.time_in_force == "good_till_canceled" and best and reaches(order, best):
            self._take(order, order.price_pips, order.remaining_lots, effects)

    def _take_recorded(self, order: Order, price: int, effects: Effects) -> None:
        side = 1 - order.side
        lots = min(order.remaining_lots, self._available(side, price))
        if lots:
            self._taken[side, price] = self._taken.get((side, price), 0) + lots
            self._take(order, price, lots, effects)

    def _take(self, order: Order, price: int, lots: int, effects: Effects) -> None:
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
            effects.changes.append(LevelChange(side, price, -lots, order))

    def _insert(self, order: Order) -> None:
        side, price = order.side, order.price_pips
        self._ahead[order] = self._levels[side].get(price, 0)
        self._own[side].setdefault(price, []).append(order)

    def _remove(self, order: Order) -> None:
        del self._ahead[order]
        orders = self._own[order.side][order.price_pips]
        orders.remove(order)
        if not orders:
            del self._own[order.side][order.price_pips]

    # What is displayed.

    def _prices_met(self, order: Order) -> list[int]:
        """Displayed prices of the other side that the order reaches, best first."""
        side = 1 - order.side
        prices = {p for p in chain(self._levels[side], self._own[side]) if reaches(order, p)}
        return sorted(prices, reverse=side == Side.BID)

    def _available(self, side: int, price: int) -> int:
        return max(0, self._levels[side].get(price, 0) - self._taken.get((side, price), 0))

    def _recorded_best(self, side: int) -> int | None:
        """Best recorded price an order of the other side could hit."""
        return (max if side == Side.BID else min)(self._levels[side], default=None)

    def _shown(self, side: int, price: int) -> int:
        own = sum(order.remaining_lots for order in self._own[side].get(price, ()))
        return self._levels[side].get(price, 0) + own

    def _displayed(self, side: int) -> list[Level]:
        prices = sorted({*self._levels[side], *self._own[side]})
        return [(price, self._shown(side, price)) for price in prices]
