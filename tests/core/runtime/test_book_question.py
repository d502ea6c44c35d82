"""One book beside the exchange's own answer, over a real exchange."""

from typing import Any

from core.market.book import BookStatus
from core.runtime.book_question import BookQuestion

# The fixtures' types stand in conftest.py, which no test can import.
Relay = Any
Station = Any

BIDS, ASKS = ((3_000, 5_000), (4_000, 1_000)), ((6_000, 2_000),)


async def at_once() -> bool:
    """The feed has nothing on its way: the book never moves by itself."""
    return True


async def too_far() -> bool:
    return False


def question(station: Station) -> BookQuestion:
    return BookQuestion(station.link.rest, station.books, station.bus, at_once)


async def test_the_exchanges_answer_is_its_whole_book(station: Station) -> None:
    theirs = await question(station).answer(station.ticker)
    assert (theirs.ticker, theirs.bids, theirs.asks) == (station.ticker, BIDS, ASKS)
    assert await question(station).answer("KXNONE") is None


async def test_books_that_agree_and_books_that_do_not(station: Station) -> None:
    await station.follow()
    compared = await question(station).compare(station.ticker)
    assert (compared.theirs.bids, compared.differences) == (BIDS, [])
    book = station.books.get(station.ticker)
    assert book.apply(0, 3_500, 700, book.changed_ms)
    (difference,) = (await question(station).compare(station.ticker)).differences
    assert "35" in difference
    assert "7" in difference
    assert book.lots(0, 3_500) == 700, "a comparison corrects nothing"


async def test_a_book_in_doubt_is_not_compared(station: Station) -> None:
    await station.follow()
    station.books.doubt(station.ticker)
    assert station.books.get(station.ticker).status is BookStatus.STALE
    assert await question(station).compare(station.ticker) is None
    assert await question(station).compare("KXNONE") is None


async def test_nothing_is_said_while_the_feed_lags_or_the_exchange_is_silent(
    relayed: Station, relay: Relay
) -> None:
    await relayed.follow()
    lagging = BookQuestion(relayed.link.rest, relayed.books, relayed.bus, too_far)
    assert await lagging.compare(relayed.ticker) is None
    relay.loses = "answers"
    assert await question(relayed).compare(relayed.ticker) is None
    relay.loses = ""
    assert (await question(relayed).compare(relayed.ticker)).differences == []
