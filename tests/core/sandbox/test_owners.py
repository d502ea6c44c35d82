from hypothesis import given
from hypothesis import strategies as st

from core.sandbox.owners import SUBACCOUNTS, USERS, owner_of, subaccount_of, user_of


@given(st.integers(0, USERS - 1), st.sampled_from(SUBACCOUNTS))
def test_an_owner_number_holds_user_and_subaccount(user: int, subaccount: int) -> None:
    owner = owner_of(user, subaccount)
    assert (user_of(owner), subaccount_of(owner)) == (user, subaccount)


def test_a_primary_account_has_the_number_of_its_user() -> None:
    assert owner_of(7, 0) == 7
    assert owner_of(7, 1) != owner_of(8, 1) != 8
