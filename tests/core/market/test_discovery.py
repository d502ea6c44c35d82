"""Which markets a round of discovery follows, and how little it exchanges."""

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ConfigError
from core.market.discovery import (
    KEEP_PERCENT,
    SWAP_SHARE,
    MarketFilter,
    Places,
    activity_of,
    check_limit,
    choose,
)
from core.market.market import Market

ANY = MarketFilter()
SERIES = ("KXA", "KXB", "KXC")
CATEGORIES = {"KXA": "Crypto", "KXB": "Crypto", "KXC": "Climate"}


def market(name: str, volume: int = 0, status: str = "active", series: str = "KXA") -> Market:
    event = f"{series}-1"
    return Market(
        f"{event}-{name}",
        event,
        "title",
        status=status,
        volume_24h_lots=volume,
        category=CATEGORIES[series],
    )


def names(places: Places) -> tuple[list[str], list[str]]:
    return (
        [m.ticker.rpartition("-")[2] for m in places.add],
        [t.rpartition("-")[2] for t in places.drop],
    )


MARKETS = st.lists(
    st.builds(
        market,
        st.integers(0, 60).map(str),
        st.integers(0, 50),
        st.sampled_from(("active", "active", "active", "closed")),
        st.sampled_from(SERIES),
    ),
    max_size=60,
    unique_by=lambda m: m.ticker,
)
WANTED = st.builds(
    MarketFilter,
    st.lists(st.sampled_from(SERIES), max_size=2).map(tuple),
    st.lists(st.sampled_from(SERIES).map(lambda s: f"{s}-1"), max_size=1).map(tuple),
    st.lists(st.sampled_from(("crypto", "Climate")), max_size=1).map(tuple),
    st.integers(0, 30),
    st.sampled_from(("volume", "changes")),
)
LIMITS = st.integers(1, 40)


@st.composite
def rounds(draw: st.DrawFn) -> tuple[list[Market], set[str], set[str], int, MarketFilter, dict]:
    markets = draw(MARKETS)
    tickers = [m.ticker for m in markets] + ["KXA-1-unlisted"]
    followed = set(draw(st.lists(st.sampled_from(tickers), max_size=50)))
    held = set(draw(st.lists(st.sampled_from(tickers), max_size=4)))
    changes = {t: draw(st.integers(0, 5)) for t in sorted(followed)}
    return markets, followed, held, draw(LIMITS), draw(WANTED), changes


def known(tickers: Iterable[str]) -> dict[str, Market]:
    """Followed markets by ticker, as they were when they were let in."""
    return {t: Market(t, t.rpartition("-")[0], "title") for t in tickers}


def after(places: Places, followed: set[str]) -> set[str]:
    return followed.difference(places.drop) | {m.ticker for m in places.add}


@given(rounds())
def test_no_more_places_than_the_limit_except_for_what_must_stay(given_round: tuple) -> None:
    markets, followed, held, limit, wanted, changes = given_round
    places = choose(markets, known(followed), held, limit, wanted, changes)
    listed = {m.ticker for m in markets if m.status == "active"}
    must = {
        ticker
        for ticker, known_market in known(followed).items()
        if ticker in held or (ticker not in listed and wanted.names(known_market))
    }
    assert len(after(places, followed)) <= max(limit, len(must))
    assert must.isdisjoint(places.drop)


@given(rounds())
def test_what_is_let_in_is_open_new_and_wanted(given_round: tuple) -> None:
    markets, followed, held, limit, wanted, changes = given_round
    places = choose(markets, known(followed), held, limit, wanted, changes)
    for added in places.add:
        assert added.status == "active"
        assert added.ticker not in followed
        assert wanted.names(added)
        assert added.volume_24h_lots >= wanted.least_volume_lots
    assert set(places.drop) <= followed


@given(rounds())
def test_places_are_filled_while_somebody_is_left(given_round: tuple) -> None:
    markets, followed, held, limit, wanted, changes = given_round
    places = choose(markets, known(followed), held, limit, wanted, changes)
    now = after(places, followed)
    left = [
        m
        for m in markets
        if m.status == "active"
        and m.ticker not in now | followed
        and wanted.names(m)
        and m.volume_24h_lots >= wanted.least_volume_lots
    ]
    assert not left or len(now) >= limit


@given(rounds(), st.randoms())
def test_the_order_of_the_list_does_not_matter(given_round: tuple, rng: object) -> None:
    markets, followed, held, limit, wanted, changes = given_round
    shuffled = list(markets)
    rng.shuffle(shuffled)  # type: ignore[attr-defined]
    expected = choose(markets, known(followed), held, limit, wanted, changes)
    assert choose(shuffled, known(followed), held, limit, wanted, changes) == expected


@given(rounds())
def test_rounds_settle_and_then_change_nothing(given_round: tuple) -> None:
    markets, followed, held, limit, wanted, _ = given_round
    wanted = replace(wanted, activity="volume")
    for _ in range(2 + SWAP_SHARE + limit):
        places = choose(markets, known(followed), held, limit, wanted, {})
        followed = after(places, followed)
    assert choose(markets, known(followed), held, limit, wanted, {}) == Places((), ())


@given(MARKETS, LIMITS, st.data())
def test_a_round_exchanges_one_place_in_ten_at_most(
    markets: list[Market], limit: int, data: st.DataObject
) -> None:
    followed = after(choose(markets, {}, set(), limit, ANY, {}), set())
    moved = [replace(m, volume_24h_lots=data.draw(st.integers(0, 50))) for m in markets]
    places = choose(moved, known(followed), set(), limit, ANY, {})
    assert len(places.drop) <= max(1, limit // SWAP_SHARE)


def test_the_most_active_fill_the_free_places() -> None:
    found = [market("A", 1), market("B", 9), market("C", 9), market("D", 99, "closed")]
    assert names(choose(found, {}, set(), 2, ANY, {})) == (["B", "C"], [])
    assert names(choose(found, known({"KXA-1-B"}), set(), 2, ANY, {})) == (["C"], [])


def test_a_market_near_the_limit_keeps_its_place_and_a_far_one_loses_it() -> None:
    limit = 100
    keeps = limit * KEEP_PERCENT // 100
    listed = [market(f"{n:03d}", 1_000 - n) for n in range(200)]
    best = {m.ticker for m in listed[: limit - 1]}
    near = best | {listed[keeps - 1].ticker}
    assert choose(listed, known(near), set(), limit, ANY, {}) == Places((), ())
    far = best | {listed[keeps].ticker}
    assert names(choose(listed, known(far), set(), limit, ANY, {})) == (["099"], ["125"])
    assert choose(listed, known(far), {listed[keeps].ticker}, limit, ANY, {}) == Places((), ())


def test_a_followed_market_that_is_no_longer_listed_stays_while_it_is_asked_for() -> None:
    assert choose([], known({"KXA-1-A"}), set(), 9, ANY, {}) == Places((), ())
    other = MarketFilter(series=("KXB",))
    assert names(choose([], known({"KXA-1-A"}), set(), 9, other, {})) == ([], ["A"])
    assert choose([], known({"KXA-1-A"}), {"KXA-1-A"}, 9, other, {}) == Places((), ())


def test_where_more_must_stay_than_there_are_places_nobody_else_does() -> None:
    listed = [market("A", 9), market("B", 8)]
    followed = {"KXA-1-A", "KXA-1-B", "KXA-1-C", "KXA-1-D"}
    places = choose(listed, known(followed), {"KXA-1-D"}, 1, ANY, {})
    assert names(places) == ([], ["A", "B"])


def test_a_volume_may_halve_before_a_market_leaves() -> None:
    wanted = MarketFilter(least_volume_lots=100)
    assert names(choose([market("A", 60)], known({"KXA-1-A"}), set(), 9, wanted, {})) == ([], [])
    assert names(choose([market("A", 49)], known({"KXA-1-A"}), set(), 9, wanted, {})) == ([], ["A"])
    assert names(choose([market("A", 60)], {}, set(), 9, wanted, {})) == ([], [])


def test_series_events_and_categories_are_alternatives() -> None:
    listed = [market(s[-1], 1, series=s) for s in SERIES]
    mixed = MarketFilter(events=("KXA-1",), categories=("CLIMATE",))
    assert names(choose(listed, {}, set(), 9, mixed, {})) == (["A", "C"], [])
    followed = {m.ticker for m in listed}
    other = MarketFilter(series=("KXB",))
    assert names(choose(listed, known(followed), set(), 9, other, {})) == ([], ["A", "C"])


def test_by_changes_an_unwatched_book_stands_between_busy_and_quiet() -> None:
    wanted = MarketFilter(activity="changes")
    listed = [market("quiet", 99), market("busy", 1), market("new", 5)]
    followed = {"KXA-1-quiet", "KXA-1-busy"}
    seen = {"KXA-1-quiet": 0, "KXA-1-busy": 40}
    assert names(choose(listed, known(followed), set(), 2, wanted, seen)) == (["new"], ["quiet"])


@pytest.mark.parametrize("limit", [0, -1, 1_001])
def test_a_limit_that_no_connection_may_carry_is_refused(limit: int) -> None:
    with pytest.raises(ConfigError, match="ask for 1 to 1000"):
        check_limit(limit)
    assert check_limit(1_000) == 1_000


def test_how_to_rank_is_read_from_its_word_and_is_by_volume_otherwise() -> None:
    told = [activity_of(text) for text in ("changes", "volume", "", "CHANGES", None, 1)]
    assert told == ["changes", "volume", "volume", "volume", "volume", "volume"]
