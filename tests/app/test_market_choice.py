"""The market shown: what the trader chose, else the one whose outcome is most open."""

import pytest

from app.market_choice import MarketChoice
from app.selection import Selection
from app.views import MarketRow


def row(ticker: str, bid: int | None, ask: int | None, status: str = "active") -> MarketRow:
    return MarketRow(ticker, ticker, "live", bid, ask, 0, None, 0, status=status)


LOW, MIDDLE, HIGH = row("L", 400, 500), row("M", 4_700, 4_900), row("H", 9_500, 9_600)
ONE_SIDED, EMPTY = row("O", 9_970, None), row("E", None, None)


@pytest.fixture
def selection() -> Selection:
    return Selection()


@pytest.fixture
def choice(selection: Selection) -> MarketChoice:
    return MarketChoice(selection)


def test_the_market_nearest_to_50_cents_is_shown_first(
    choice: MarketChoice, selection: Selection
) -> None:
    assert choice.market([]) is None
    assert choice.market([ONE_SIDED, LOW, MIDDLE, HIGH]) is MIDDLE
    assert selection.ticker == "M"


def test_before_anything_is_quoted_the_first_is_shown_and_then_chosen_anew(
    choice: MarketChoice, selection: Selection
) -> None:
    assert choice.market([EMPTY, row("M", None, None)]) == EMPTY
    assert choice.market([row("E", 9_970, None), row("M", None, None)]) == row("E", 9_970, None)
    assert choice.market([row("E", 9_970, None), MIDDLE]) is MIDDLE
    assert choice.market([row("E", 5_000, 5_100), MIDDLE]) is MIDDLE, "chosen once, not for ever"
    assert selection.ticker == "M"


def test_what_the_trader_chose_stays(choice: MarketChoice, selection: Selection) -> None:
    markets = [ONE_SIDED, MIDDLE]
    choice.market([EMPTY, *markets[:1]])
    selection.choose("O")
    choice.follow("O", markets)
    assert choice.market(markets) is ONE_SIDED


def test_one_that_ends_gives_way_to_the_most_open_one(
    choice: MarketChoice, selection: Selection
) -> None:
    assert choice.market([LOW, MIDDLE, HIGH]) is MIDDLE
    ended = row("M", 4_700, 4_900, status="determined")
    assert choice.market([LOW, ended, row("H", 6_000, 6_100)]) == row("H", 6_000, 6_100)
    over = row("H", 6_000, 6_100, "closed")
    assert choice.market([row("L", 400, 500, "closed"), ended, over]) == over


def test_one_that_the_trader_chose_after_its_end_stays(
    choice: MarketChoice, selection: Selection
) -> None:
    ended = row("X", None, None, status="finalized")
    markets = [MIDDLE, ended]
    assert choice.market(markets) is MIDDLE
    selection.choose("X")
    choice.follow("X", markets)
    assert choice.market(markets) is ended


def test_when_all_have_ended_the_shown_one_stays(
    choice: MarketChoice, selection: Selection
) -> None:
    assert choice.market([LOW, MIDDLE]) is MIDDLE
    over = [row("L", None, None, "closed"), row("M", None, None, "closed")]
    assert choice.market(over) == over[1]
    assert choice.market(over) == over[1]


def test_a_market_that_the_trader_came_back_to_stays(
    choice: MarketChoice, selection: Selection
) -> None:
    markets = [EMPTY, row("B", None, None)]
    assert choice.market(markets) == EMPTY
    for ticker in ("B", "E"):
        selection.choose(ticker)
        choice.follow(ticker, markets)
    assert choice.market([EMPTY, row("B", 5_000, 5_100)]) == EMPTY


def test_what_is_quoted_after_its_end_changes_nothing(choice: MarketChoice) -> None:
    over = row("X", 4_000, 4_100, "closed")
    assert choice.market([over, EMPTY]) == EMPTY
    assert choice.market([over, EMPTY]) == EMPTY
