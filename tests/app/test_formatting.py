"""Numbers as the design's table writes them."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import formatting

DASH = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (formatting.price_cents(4120), "41.2"),
        (formatting.price_cents(460), "4.6"),
        (formatting.price_cents(4125), "41.25"),
        (formatting.price_cents(10_000), "100.0"),
        (formatting.price(4120), "41.2¢"),
        (formatting.average_cents(3143.4), "31.43"),
        (formatting.money(1_610_000, signed=True), "+$1.61"),
        (formatting.money(-960_000, signed=True), f"{MINUS}$0.96"),
        (formatting.money(1_001_610_000), "$1,001.61"),
        (formatting.money(-4_999, signed=True), "$0.00"),
        (formatting.money(5_000, signed=True), "+$0.01"),
        (formatting.contracts(176_100), "1,761"),
        (formatting.contracts(2807), "28.07"),
        (formatting.contracts(1250), "12.5"),
        (formatting.contracts(-1250, signed=True), f"{MINUS}12.5"),
        (formatting.contracts_short(620_000), "6.2 k"),
        (formatting.contracts_short(2_000_000), "20 k"),
        (formatting.contracts_short(201_000_000), "2.01 M"),
        (formatting.contracts_short(99_996_000), "1 M"),
        (formatting.approximate(31_200), "≈ 312"),
        (formatting.position(2807), "+28.07 YES"),
        (formatting.position(-1950), "+19.5 NO"),
        (formatting.position(0), "FLAT"),
        (formatting.percent(0.412), "41.2 %"),
        (formatting.percent(0.17, decimals=0, signed=True), "+17 %"),
        (formatting.decimal(0.71, 2), "0.71"),
        (formatting.decimal(-0.001, 2, signed=True), "0.00"),
        (formatting.age(38), "38 ms"),
        (formatting.age(-3), "0 ms"),
        (formatting.age(7_499), "7.4 s"),
        (formatting.age(59_999), "59.9 s"),
        (formatting.age(192_000), "3:12"),
        (formatting.age(21_250_000), "5.9 h"),
        (formatting.countdown(507_000), "08:27"),
        (formatting.countdown(-1), "00:00"),
        (formatting.countdown(21_250_000), "5.9 h"),
        (formatting.latency(0.42), "0.4 ms"),
        (formatting.latency(31.2), "31 ms"),
        (formatting.clock_time(83_193_020), "23:06:33"),
        (formatting.clock_time(83_193_020, decimals=1), "23:06:33.0"),
        (formatting.clock_time(83_193_020, decimals=3), "23:06:33.020"),
        (formatting.date_time(1_778_713_593_000), "2026-05-13 23:06:33 UTC"),
        (formatting.speed(4.0), "4x"),
        (formatting.speed(0.5), "0.5x"),
        (formatting.speed(0.0), "–"),
        (formatting.speed(float("inf")), "max"),
    ],
)
def test_examples_of_the_design(made: str, expected: str) -> None:
    assert made == expected


@pytest.mark.parametrize(
    "form",
    [
        *(formatting.price_cents, formatting.price, formatting.average_cents, formatting.money),
        *(formatting.contracts, formatting.contracts_short, formatting.approximate),
        *(formatting.position, formatting.count, formatting.percent, formatting.age),
        *(formatting.countdown, formatting.latency, formatting.clock_time, formatting.date_time),
    ],
)
def test_unknown_is_a_dash(form: Callable[[None], str]) -> None:
    assert form(None) == DASH


@given(st.integers(-(10**12), 10**12))
def test_money_reads_back_to_the_cent(micros: int) -> None:
    text = formatting.money(micros, signed=True)
    cents = int(re.sub(r"[^0-9]", "", text)) * (-1 if text.startswith(MINUS) else 1)
    assert abs(cents * 10_000 - micros) <= 5_000


@given(st.integers(-(10**9), 10**9))
def test_contracts_lose_nothing(lots: int) -> None:
    text = formatting.contracts(lots, signed=True).replace(",", "").replace(MINUS, "-")
    assert round(float(text) * 100) == lots


@given(st.integers(0, 10_000))
def test_prices_lose_nothing(pips: int) -> None:
    assert round(float(formatting.price_cents(pips)) * 100) == pips


@given(st.integers(0, 10**8))
def test_age_never_says_more_than_it_is(ms: int) -> None:
    number, unit = formatting.age(ms).split(" ") if " " in formatting.age(ms) else ("", "")
    scale = {"ms": 1, "s": 1_000, "h": 3_600_000, "": 0}[unit]
    assert float(number.replace(",", "") or 0) * scale <= ms + 1e-3
