import re

import pytest

from core import errors
from core.errors import ConsoleError, RejectedError


def drawn_tree() -> dict[str, str]:
    """Each error of the module's drawing and the one it hangs under."""
    found, path = {}, []
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"([|`\- ]*)(\w+Error)\b", line)
        if match is None:
            continue
        depth = len(match[1]) // 3
        path[depth:] = [match[2]]
        found[match[2]] = path[depth - 1] if depth else "Exception"
    return found


def test_the_drawn_tree_is_the_real_one() -> None:
    real = {
        name: kind.__base__.__name__
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, ConsoleError)
    }
    assert drawn_tree() == real
    assert len(real) > 10


@pytest.mark.parametrize(("code", "shown"), [("market_closed", "market_closed"), ("", "no code")])
def test_a_rejection_tells_message_code_and_status(code: str, shown: str) -> None:
    error = RejectedError(409, code, "market is closed")
    assert str(error) == f"market is closed ({shown}, HTTP 409)"
    assert (error.status, error.code, error.message) == (409, code, "market is closed")
