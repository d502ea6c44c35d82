"""In which price scale the asks of a subscription come. Pure; keeps no book of its own.

A subscription states its scale once, and an exchange that changes its mind says so nowhere: the
`no` levels then stand at 1 - q instead of q. Where that book is crossed, the book alone shows it;
where it is not, only what is known of the market from elsewhere does: the book held until then,
or the exchange's own answer by REST, whose scale never changes.
"""

from collections.abc import Callable
from typing import Final, NamedTuple, Protocol

from core.market.events import BookSnapshot, Level
from core.units import PIPS_PER_DOLLAR, Side

_MOST_CROSSED_PIPS: Final = 500


class Known(Protocol):
    """What is known of a market's levels."""

    def lots(self, side: int, price_pips: int) -> int:
        """Quantity at a price, 0 where nothing is quoted."""

    def top(self, side: int) -> tuple[Level, ...]:
        """The best few levels, best first."""


class Answer:
    """An answer of the exchange as something to compare with."""

    def __init__(self, book: BookSnapshot) -> None:
        self._levels = (dict(book.bids), dict(book.asks))
        self._top = (book.bids[:-6:-1], book.asks[:5])

    def lots(self, side: int, price_pips: int) -> int:
        """Quantity at a price, 0 where nothing is quoted."""
        return self._levels[side].get(price_pips, 0)

    def top(self, side: int) -> tuple[Level, ...]:
        """The five best levels, best first."""
        return self._top[side]


class Turned:
    """A book whose asks are known to stand in the other scale, turned back."""

    def __init__(self, known: Known) -> None:
        self._known = known

    def lots(self, side: int, price_pips: int) -> int:
        """Quantity at a price, 0 where nothing is quoted."""
        price_pips = PIPS_PER_DOLLAR - price_pips if side == Side.ASK else price_pips
        return self._known.lots(side, price_pips)

    def top(self, side: int) -> tuple[Level, ...]:
        """The best few bids, which have one scale only; of the asks it knows none."""
        return self._known.top(side) if side == Side.BID else ()


class Agreement(NamedTuple):
    """How many asks of a book stand as they were known, and how many at the mirrored price.

    Attributes:
        straight: same price, same quantity.
        mirrored: price 1 - q, same quantity.
        is_leaning: more known prices at the mirror than at their own, whatever the quantities.
    """

    straight: int
    mirrored: int
    is_leaning: bool


def is_other_scale(book: BookSnapshot) -> bool:
    """True if this book makes sense only with its asks turned from NO to YES prices, or back.

    A book caught inside a group may be crossed by a little at its touch; one in the other scale
    is crossed by much, since its deepest levels look like the best, and not at all when turned.
    """
    if not book.bids or not book.asks:
        return False
    best_bid_pips = book.bids[-1][0]
    crossed_pips = best_bid_pips - book.asks[0][0]
    return crossed_pips >= _MOST_CROSSED_PIPS and _is_sane_turned(book)


def agreement(asks: tuple[Level, ...], known: Known) -> Agreement:
    """Count on which side of the mirror a book's asks are known; 50 cents says nothing."""
    straight = mirrored = leaning = 0
    for pips, lots in asks:
        if 2 * pips == PIPS_PER_DOLLAR:
            continue
        here = known.lots(Side.ASK, pips)
        there = known.lots(Side.ASK, PIPS_PER_DOLLAR - pips)
        straight += here == lots
        mirrored += there == lots
        leaning += (there > 0) - (here > 0)
    return Agreement(straight, mirrored, leaning > 0)


def is_mirror(book: BookSnapshot, known: Known) -> bool:
    """True if the asks of this book are those known of the market, seen in the other scale.

    Levels change between two looks at a market, so the two need not match whole. A level agrees if
    its quantity is the same too, and the book is a mirror if

    - at least a third of its asks agree at the mirrored price,
    - at least twice as many agree there as agree at their own price, so that a book symmetrical
      around 50 cents, or one of equal quantities that moved a little, is none,
    - turned back it is not crossed, and
    - at least half of the five best bids known are still bid, because a changed scale moves no
      bid, while a market that went to the other side of 50 cents takes its bids along.
    """
    return _fits(agreement(book.asks, known), book, known)


def _fits(found: Agreement, book: BookSnapshot, known: Known) -> bool:
    if not found.mirrored or found.mirrored < 2 * found.straight:
        return False
    if 3 * found.mirrored < len(book.asks):
        return False
    return _is_sane_turned(book) and _bids_stayed(book, known)


def says_scale(asks: tuple[Level, ...]) -> bool:
    """True if these asks look different in the other scale."""
    levels = dict(asks)
    return any(levels.get(PIPS_PER_DOLLAR - pips) != lots for pips, lots in asks)


def _is_sane_turned(book: BookSnapshot) -> bool:
    best_bid_pips = book.bids[-1][0] if book.bids else 0
    return PIPS_PER_DOLLAR - book.asks[-1][0] > best_bid_pips


def _bids_stayed(book: BookSnapshot, known: Known) -> bool:
    top = known.top(Side.BID)
    bids = dict(book.bids)
    return 2 * sum(pips in bids for pips, _ in top) >= len(top)


class PriceScale:
    """Judges every snapshot of a session, and says when only another source can judge.

    Args:
        held: the book of a market as it was before the snapshot, None where there is none.

    Attributes:
        is_unproven: nothing has shown yet in which scale this subscription comes, or a book
            raised the question again; an answer about any one of its books settles it.
        suspect: market whose snapshot was refused for what was known of it, until the exchange's
            own answer tells what is true; "" for none.
    """

    def __init__(self, held: Callable[[str], Known | None]) -> None:
        self._held = held
        self._sid = 0
        self._refused_sid = 0
        self._generation = 0
        self._origins: dict[str, int] = {}
        self._turned: set[str] = set()
        self._answers: dict[str, Answer] = {}
        self.is_unproven = False
        self.suspect = ""

    def is_refused(self, sid: int) -> bool:
        """True if a book of this subscription came in the other scale, so that none is taken."""
        return sid == self._refused_sid

    def refuse(self) -> None:
        """Take nothing more from the subscription that the books come from."""
        self._refused_sid = self._sid

    def is_other(self, book: BookSnapshot) -> bool:
        """True if a snapshot comes in the other scale and must not be shown."""
        if book.sid != self._sid:
            self._sid = book.sid
            self._generation += 1
            self.is_unproven = True
        if is_other_scale(book):
            return True
        known = self._known(book.ticker)
        if known is not None:
            found = agreement(book.asks, known)
            if _fits(found, book, known):
                self.suspect = book.ticker
                return True
            self.is_unproven |= found.is_leaning
        self.forget(book.ticker)
        self._origins[book.ticker] = self._generation
        return False

    def begin(self) -> None:
        """A subscription begins, or none is any more: what was found of the last one is over."""
        self._sid = self._refused_sid = 0
        self.is_unproven = False

    def forget(self, ticker: str) -> None:
        """Know nothing of a market but what is held of it."""
        self._turned.discard(ticker)
        self._origins.pop(ticker, None)
        self._answers.pop(ticker, None)
        if self.suspect == ticker:
            self.suspect = ""

    def agreed(self, theirs: BookSnapshot) -> None:
        """A live book is the exchange's own answer, which settles the scale if that shows it."""
        if says_scale(theirs.asks):
            self.is_unproven = False

    def condemns(self, theirs: BookSnapshot) -> bool:
        """Judge by the exchange's own answer from now on, until a snapshot is taken.

        Returns:
            Whether what was held of this market is in the other scale. If so every book that the
            same subscription brought is, and is turned before a snapshot is judged by it.
        """
        ticker = theirs.ticker
        believed = self._believed(ticker)
        self._answers[ticker] = Answer(theirs)
        if self.suspect == ticker:
            self.suspect = ""
        if believed is None or not is_mirror(theirs, believed):
            return False
        origin = self._origins.get(ticker)
        siblings = {name for name, other in self._origins.items() if other == origin}
        self._turned = (
            self._turned - siblings if ticker in self._turned else self._turned | siblings
        )
        return True

    def _known(self, ticker: str) -> Known | None:
        return self._answers.get(ticker) or self._believed(ticker)

    def _believed(self, ticker: str) -> Known | None:
        held = self._held(ticker)
        return Turned(held) if held is not None and ticker in self._turned else held
