from core.sandbox.wire_text import NO_PRICES, PRICES, average_price, dollars, time_text


def test_prices_mirror() -> None:
    assert PRICES[4_200] == "0.4200"
    assert NO_PRICES[4_200] == "0.5800"
    assert (PRICES[0], NO_PRICES[0]) == ("0.0000", "1.0000")


def test_time_has_microseconds() -> None:
    assert time_text(1_795_166_401_123) == "2026-11-20T09:20:01.123000Z"


def test_dollars_show_what_they_must() -> None:
    assert dollars(98_018_600) == "98.0186"
    assert dollars(98_018_650) == "98.018650"
    assert dollars(-100) == "-0.0001"


def test_average_rounds_half_up() -> None:
    assert average_price(4_400 * 400, 400) == "0.4400"
    assert average_price(3, 2) == "0.0002"
