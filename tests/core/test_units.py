import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import DecodeError
from core.units import (
    Side,
    format_count,
    format_money,
    format_price,
    parse_count,
    parse_money,
    parse_price,
)


def test_wire_text_becomes_the_documented_integers() -> None:
    assert parse_price("0.4200") == 4200
    assert parse_price("0.42") == 4200
    assert parse_count("10.00") == 1000
    assert parse_count("-3.00") == -300
    assert parse_count("7") == 700
    assert parse_money("0.017500") == 17500


@given(st.integers(-(10**15), 10**15))
def test_every_integer_survives_text(value: int) -> None:
    assert parse_price(format_price(value)) == value
    assert parse_count(format_count(value)) == value
    assert parse_money(format_money(value)) == value


def test_trailing_zeros_beyond_the_unit_are_exact() -> None:
    assert parse_price("0.420000") == 4200


@pytest.mark.parametrize(
    "text", ["", ".", "-", "abc", "1e3", "0.42001", "1,000", "\u0663.\u0660", "NaN"]
)
def test_text_that_is_no_exact_decimal_is_refused(text: str) -> None:
    with pytest.raises(DecodeError):
        parse_price(text)


def test_opposite_side() -> None:
    assert Side.BID.opposite is Side.ASK
    assert Side.ASK.opposite is Side.BID
