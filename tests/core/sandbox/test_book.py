from core.sandbox.book import is_self, merged, reaches
from core.sandbox.engine import MatchingBook
from core.sandbox.orders import CROWD, LevelChange, Order
from core.sandbox.owners import owner_of
from core.units import Side


def order(side: int, price: int, owner: int = 1) -> Order:
    return Order("o", owner, "T", side, price, 100, 100)


def test_reaching_is_inclusive() -> None:
    assert reaches(order(Side.BID, 4_000), 4_000)
    assert not reaches(order(Side.BID, 4_000), 4_100)
    assert reaches(order(Side.ASK, 4_000), 4_100)
    assert not reaches(order(Side.ASK, 4_000), 3_900)


def test_the_crowd_is_many() -> None:
    assert is_self(order(0, 1), order(1, 1))
    assert not is_self(order(0, 1, CROWD), order(1, 1, CROWD))


def test_subaccounts_of_one_user_are_one_self() -> None:
    second = order(1, 1, owner_of(1, 2))
    assert is_self(order(0, 1), second)
    assert is_self(order(0, 1, owner_of(1, 63)), second)
    assert not is_self(order(0, 1, owner_of(2, 2)), second)


def test_changes_of_one_level_are_merged() -> None:
    changes = [
        LevelChange(0, 10, -5, None),
        LevelChange(1, 10, 3, None),
        LevelChange(0, 10, 5, None),
        LevelChange(1, 10, 1, None),
    ]
    assert merged(changes) == [LevelChange(1, 10, 4, None)]


def test_same_price_larger_is_one_change() -> None:
    book, resting = MatchingBook(), order(Side.BID, 4_000)
    book.place(resting)
    (change,) = book.replace(resting, 4_000, 250).changes
    assert change[:3] == (Side.BID, 4_000, 150)
