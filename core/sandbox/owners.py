"""Owner numbers: which user and which of his subaccounts an account is. Pure.

A subaccount is an account of its own. Its owner number holds its user's, so that a book sees by
two orders alone that they belong to one user.
"""

SUBACCOUNTS = range(64)
"""Numbers that subaccounts of one user can have; 0 is the primary account."""
USERS = 1 << 20
"""Owner numbers below this are primary accounts, and stand for their users."""


def owner_of(user: int, subaccount: int) -> int:
    """Owner number of a user's subaccount."""
    return user + subaccount * USERS


def user_of(owner: int) -> int:
    """The user whom an account belongs to, by the number of his primary account."""
    return owner % USERS


def subaccount_of(owner: int) -> int:
    """Number of an account among those of its user."""
    return owner // USERS
