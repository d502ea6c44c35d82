"""The sizes one book's levels had while somebody else was asked for the same book. Pure.

An answer without a sequence number belongs to no moment in particular. It agrees with our book if
each of its levels has a size that ours had at some moment between question and answer.
"""

from core.market.book import OrderBook
from core.market.events import BookDelta, BookDoubted, BookSnapshot
from core.units import Side


class BookWindow:
    """Watches one book from now on.

    Attributes:
        is_broken: the book was replaced or doubted meanwhile, so that nothing can be compared.
    """

    def __init__(self, book: OrderBook) -> None:
        self._book = book
        self.is_broken = False
        self._sizes: dict[tuple[int, int], set[int]] = {}
        for side in Side:
            for price_pips, lots in book.displayed(side):
                self._sizes[side, price_pips] = {lots}

    def observe(self, event: object) -> None:
        """Take note of what was just applied to the book."""
        if isinstance(event, BookDelta) and event.ticker == self._book.ticker:
            sizes = self._sizes.setdefault((event.side, event.price_pips), {0})
            sizes.add(self._book.lots(event.side, event.price_pips))
        elif isinstance(event, BookSnapshot | BookDoubted) and event.ticker == self._book.ticker:
            self.is_broken = True

    def differences(self, other: BookSnapshot) -> list[str]:
        """Levels of the other book whose size ours never had, in words; [] if they agree."""
        theirs = {
            (int(side), price_pips): lots
            for side, levels in ((Side.BID, other.bids), (Side.ASK, other.asks))
            for price_pips, lots in levels
        }
        found = []
        for level in sorted(self._sizes.keys() | theirs.keys()):
            ours, lots = self._sizes.get(level, {0}), theirs.get(level, 0)
            if lots not in ours:
                name = f"{Side(level[0]).name.lower()} {level[1]}"
                found.append(f"{name} holds {lots} lots there, {sorted(ours)} here")
        return found
