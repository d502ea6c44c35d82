import pytest

from core.sandbox import queries
from core.sandbox.errors import ApiError


def test_pages_descend_to_an_empty_cursor() -> None:
    items = list(range(10, 0, -1))
    seen: list[int] = []
    query: dict[str, str] = {}
    while True:
        shown, cursor = queries.page(items, lambda item: item, query, 4)
        seen += shown
        if not cursor:
            break
        items = [11 + len(seen), *items]
        query = {"cursor": cursor}
    assert seen == list(range(10, 0, -1))


def test_a_full_last_page_has_no_cursor() -> None:
    assert queries.page([2, 1], lambda item: item, {}, 2) == ([2, 1], "")


@pytest.mark.parametrize("cursor", ["garbage", "####", "YWJj"])
def test_garbage_cursor_starts_again(cursor: str) -> None:
    assert queries.page([2, 1], lambda item: item, {"cursor": cursor}, 1)[0] == [2]


@pytest.mark.parametrize("text", ["1001", "0", "many"])
def test_limits_are_refused_not_clamped(text: str) -> None:
    with pytest.raises(ApiError) as error:
        queries.integer({"limit": text}, "limit", 100, "GetOrders", (1, 1000))
    assert error.value.status == 400
    assert set(error.value.body) == {"msg"}


def test_defaults_and_words() -> None:
    assert queries.integer({}, "limit", 100, "GetOrders", (1, 1000)) == 100
    assert queries.words({"tickers": "A,B,"}, "tickers") == {"A", "B"}
    assert queries.words({}, "tickers") == frozenset()


def test_flags_are_true_false_or_absent() -> None:
    texts = ({}, {"is_block_trade": "true"}, {"is_block_trade": "false"})
    flags = [queries.flag(query, "is_block_trade", "GetTrades") for query in texts]
    assert flags == [None, True, False]
    with pytest.raises(ApiError) as error:
        queries.flag({"is_block_trade": "maybe"}, "is_block_trade", "GetTrades")
    assert set(error.value.body) == {"msg"}


def test_time_filter_is_in_seconds_and_inclusive() -> None:
    inside = queries.time_filter({"min_ts": "10", "max_ts": "11"}, "GetFills")
    assert [inside(ms) for ms in (9_999, 10_000, 11_999, 12_000)] == [False, True, True, False]
