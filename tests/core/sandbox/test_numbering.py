from uuid import UUID

from core.sandbox.numbering import Numbering


def test_the_same_seed_and_order_of_calls_give_the_same_ids() -> None:
    first, second, other = Numbering(7), Numbering(7), Numbering(8)
    ids = [first.new_id() for _ in range(100)]
    assert ids == [second.new_id() for _ in range(100)]
    assert len(set(ids)) == 100
    assert {UUID(one).version for one in ids} == {4}
    assert ids[0] != other.new_id()


def test_serials_count_up() -> None:
    numbering = Numbering(1)
    assert [numbering.new_serial() for _ in range(3)] == [1, 2, 3]


def test_randomness_for_another_purpose_moves_no_id() -> None:
    plain, forked = Numbering(3), Numbering(3)
    draws = forked.fork("order").random(), forked.fork("noise").random()
    assert draws[0] != draws[1]
    assert draws[0] == plain.fork("order").random()
    assert plain.new_id() == forked.new_id()
