"""What an order request must hold to; the desk's own tests show the checks in their order."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from core.sandbox import order_checks
from core.sandbox.errors import ApiError
from core.sandbox.order_bodies import AmendBody, CreateBody
from core.sandbox.orders import Order

Floor = Any  # the class stands in conftest.py, which no test can import


def refused(check: Callable[[], object]) -> tuple[int, str]:
    with pytest.raises(ApiError) as caught:
        check()
    error: dict[str, str] = caught.value.body["error"]  # type: ignore[assignment]
    return caught.value.status, error["code"]


LAST_S = 253_402_300_799


def test_an_order_expires_between_now_and_the_year_9999() -> None:
    assert order_checks.expiry_ms(101, now_ms=100_999) == 101_000
    assert order_checks.expiry_ms(LAST_S, now_ms=0) == LAST_S * 1000


@pytest.mark.parametrize("seconds", [-1, 0, 100, LAST_S + 1, 10_000_000_000_000, 10**4000])
def test_no_order_expires_in_the_past_or_beyond_the_calendar(seconds: int) -> None:
    check = partial(order_checks.expiry_ms, seconds, now_ms=100_000)
    assert refused(check) == (400, "invalid_order")


@pytest.mark.parametrize(
    ("text", "pips"), [("0.42", 4_200), ("0.4200", 4_200), ("0.001", 10), ("1.00", 10_000)]
)
def test_prices_have_two_to_four_decimals(text: str, pips: int) -> None:
    assert order_checks.price_pips(text) == pips


@pytest.mark.parametrize("text", ["", "0.4", ".42", "0.42000", "+0.42", " 0.42", "2.00", "4e-1"])
def test_other_forms_of_a_price_are_refused(text: str) -> None:
    assert refused(lambda: order_checks.price_pips(text)) == (400, "invalid_price")


@pytest.mark.parametrize(
    ("text", "lots"), [("1", 100), ("1.5", 150), ("0.01", 1), ("1000000000.00", 10**11)]
)
def test_counts_have_up_to_two_decimals(text: str, lots: int) -> None:
    assert order_checks.count_lots(text) == lots


@pytest.mark.parametrize(
    "text", ["", "0", "0.00", "-1", "1.001", "1e3", "1000000000.01", "9" * 15, "9" * 16]
)
def test_other_counts_are_refused(text: str) -> None:
    assert refused(lambda: order_checks.count_lots(text)) == (400, "invalid_order_size")
    assert order_checks.count_lots("0.00", minimum=0) == 0


@pytest.mark.parametrize("text", ["a" * 65, "umlaut-ä", "a b", "a.b"])
def test_a_client_id_is_of_64_plain_characters(text: str) -> None:
    assert refused(lambda: order_checks.client_id(text)) == (400, "invalid_order")
    assert order_checks.client_id("A+=_-:/9") == "A+=_-:/9"
    assert order_checks.client_id("") == ""


def test_words_are_those_of_the_venue() -> None:
    assert [order_checks.book_side(word) for word in ("bid", "ask")] == [0, 1]
    assert order_checks.time_in_force("fill_or_kill") == "fill_or_kill"
    assert order_checks.self_trade("maker") == "maker"
    for check in (order_checks.book_side, order_checks.time_in_force, order_checks.self_trade):
        assert refused(lambda check=check: check("yes")) == (400, "invalid_order")  # type: ignore[misc]


def test_missing_members_are_named() -> None:
    with pytest.raises(ApiError) as caught:
        order_checks.require_fields(CreateBody(ticker="T"), ("ticker", "side", "count"))
    assert caught.value.body["error"]["details"] == "side, count"  # type: ignore[index]


def test_a_client_id_is_never_free_again(floor: Floor) -> None:
    order = floor.place(floor.ann, "bid", "0.10", "1", client_order_id="once")
    floor.desk.cancel(floor.ann, order.order_id)
    check = order_checks.check_unspent
    assert refused(lambda: check(floor.ann, "once")) == (409, "order_already_exists")
    check(floor.bob, "once")
    check(floor.ann, "")


def test_a_group_must_exist_and_be_open(floor: Floor) -> None:
    assert refused(lambda: order_checks.check_group(floor.ann, "none")) == (404, "not_found")
    order_checks.check_group(floor.ann, "")


def test_open_orders_are_limited(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order_checks, "MOST_OPEN_ORDERS", 2)
    orders = [floor.place(floor.ann, "bid", "0.10", "1") for _ in range(2)]
    one = Order("new", floor.ann.number, floor.listing.ticker, 0, 1_000, 100, 100)
    assert refused(lambda: order_checks.check_open_orders([floor.ann], one))[0] == 400
    floor.desk.cancel(floor.ann, orders[0].order_id)
    order_checks.check_open_orders([floor.ann], one)


def test_reduce_only_is_capped_at_the_position_it_closes(floor: Floor) -> None:
    floor.place(floor.bob, "ask", "0.50", "3")
    floor.place(floor.ann, "bid", "0.50", "3")
    selling = Order("s", floor.ann.number, floor.listing.ticker, 1, 5_000, 1_000, 1_000)
    order_checks.cap_to_position(floor.ann, selling)
    assert (selling.initial_lots, selling.remaining_lots) == (300, 300)
    buying = Order("b", floor.ann.number, floor.listing.ticker, 0, 5_000, 100, 100)
    assert refused(lambda: order_checks.cap_to_position(floor.ann, buying))[0] == 400


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"ticker": "OTHER"}, "order_ticker_mismatch"),
        ({"side": "ask"}, "order_side_mismatch"),
        ({"client_order_id": "other"}, "order_id_and_client_order_id_mismatch"),
    ],
)
def test_an_amend_names_the_order_it_means(fields: dict[str, str], code: str) -> None:
    order = Order("o", 1, "T", 0, 5_000, 100, 100, client_order_id="mine")
    right = {"ticker": "T", "side": "bid", "client_order_id": "mine"}
    order_checks.check_same(order, AmendBody(**right))
    assert refused(lambda: order_checks.check_same(order, AmendBody(**(right | fields)))) == (
        400,
        code,
    )


def test_orders_share_the_words_of_their_requests() -> None:
    """A copy for each order is a fifth of what ended orders take."""
    for check, text in (
        (order_checks.time_in_force, "fill_or_kill"),
        (order_checks.self_trade, "maker"),
    ):
        first, second = (check(bytes(text, "ascii").decode()) for _ in range(2))
        assert first is second
