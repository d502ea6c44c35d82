"""What is read out of a displayed book: mirror, summary, ladder rows, depth geometry."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.models.book_summary import depth_to, share_of_bids, summarise
from app.models.depth import DepthRange, height_at, steps, within
from app.models.ladder import LadderWindow, bar_scale_lots, ladder_rows
from app.models.outcome import held_average, held_price, mirrored
from app.views import BookView, Level, OwnLevel
from core.market.ticks import LINEAR_CENT, TAPERED_DECI_CENT_RANGES, TickTable
from core.units import Side

TAPERED = TickTable.from_ranges(TAPERED_DECI_CENT_RANGES)


def book(
    bids: tuple[Level, ...] = ((2800, 176_100), (2700, 221_100), (2600, 33_200)),
    asks: tuple[Level, ...] = ((3000, 81_600), (3100, 11_000), (3200, 220_200)),
) -> BookView:
    return BookView(
        ticker="T",
        title="T",
        status="live",
        bids=bids,
        asks=asks,
        own=(OwnLevel(0, 2600, 2_000, in_flight=False), OwnLevel(1, 3000, 620, in_flight=True)),
        prices=LINEAR_CENT.prices,
        age_ms=38,
        last_trade_pips=3100,
        last_trade_side=0,
        position_lots=-1950,
        average_pips=750.0,
        open_pnl_micros=0,
        realized_micros=0,
        fees_micros=0,
    )


def test_the_no_book_mirrors_prices_and_swaps_sides() -> None:
    turned = mirrored(book())
    assert turned.bids[0] == (7000, 81_600)
    assert turned.asks[0] == (7200, 176_100)
    assert turned.own[0] == OwnLevel(1, 7400, 2_000, in_flight=False)
    assert (turned.last_trade_pips, turned.last_trade_side) == (6900, 1)
    assert turned.prices == tuple(sorted(turned.prices))


def test_mirroring_twice_gives_the_book_back() -> None:
    tapered = replace(book(), prices=TAPERED.prices)
    assert mirrored(mirrored(tapered)) == tapered


def test_a_holder_of_no_reads_no_cents() -> None:
    assert held_price(460, -1950) == 9540
    assert held_average(750.0, -1950) == 9250.0
    assert held_price(460, 100) == 460
    assert held_price(None, -1) is None


def test_a_summary_of_both_sides() -> None:
    summary = summarise(book())
    assert (summary.bid_pips, summary.ask_pips, summary.spread_pips) == (2800, 3000, 200)
    assert summary.mid_pips == 2900
    assert summary.micro_pips == pytest.approx(2936.67, abs=0.01)
    assert summary.imbalance == pytest.approx((430_400 - 312_800) / 743_200)


@pytest.mark.parametrize(("bids", "asks"), [((), ((300, 100),)), (((300, 100),), ())])
def test_a_one_sided_book_has_no_mid(bids: tuple[Level, ...], asks: tuple[Level, ...]) -> None:
    one_sided = book(bids, asks)
    summary = summarise(one_sided)
    assert (summary.mid_pips, summary.spread_pips, summary.micro_pips) == (None, None, None)
    assert summary.anchor_pips == 300
    assert share_of_bids(one_sided, 500) is None


def test_depth_to_a_price_sums_from_the_best() -> None:
    assert depth_to(book(), Side.ASK, 3150).lots == 92_600
    assert depth_to(book(), Side.BID, 2700).lots == 397_200
    assert depth_to(book(), Side.ASK, 2950).average_pips is None


def test_own_quantities_stand_in_their_rows() -> None:
    rows = {row.price_pips: row for row in ladder_rows(book(), (3100, 3000, 2900, 2800, 2600))}
    assert rows[2600].own_bid == (2_000, False)
    assert rows[3000].own_ask == (620, True)
    assert rows[2900].is_spread
    assert rows[3000].is_best_ask
    assert rows[2800].is_best_bid
    assert not rows[3100].is_spread


def test_bars_scale_by_the_second_largest() -> None:
    assert bar_scale_lots(book().bids, (2800, 2600)) == 176_100
    assert bar_scale_lots((), (2800, 2600)) == 1


def test_a_ladder_shows_every_tick_of_a_tapered_grid() -> None:
    window = LadderWindow()
    window.set_height(21)
    window.set_grid(TAPERED.prices)
    window.recentre(1000)
    prices = window.prices()
    assert prices[0] == 2000
    assert prices[10] == 1000
    assert prices[11:13] == (990, 980)
    assert len(prices) == 21


@given(centre=st.integers(1, 9999), height=st.integers(1, 60), scroll=st.integers(-400, 400))
def test_a_ladder_never_leaves_its_grid(centre: int, height: int, scroll: int) -> None:
    window = LadderWindow()
    window.set_height(height)
    window.set_grid(TAPERED.prices)
    window.recentre(centre)
    window.scroll(scroll)
    prices = window.prices()
    assert len(prices) == min(height, len(TAPERED.prices) - 2)
    assert list(prices) == sorted(prices, reverse=True)
    assert 0 < prices[-1] <= prices[0] < 10_000


def test_a_ladder_is_calm_near_its_middle() -> None:
    window = LadderWindow()
    window.set_height(20)
    window.set_grid(LINEAR_CENT.prices)
    window.recentre(2900)
    assert window.is_calm(3300)
    assert not window.is_calm(3600)


def test_steps_rise_outwards_to_the_edge() -> None:
    curve = steps(book().bids, 9.0)
    assert list(curve.x_cents) == [28, 28, 27, 27, 26, 26, 9]
    assert list(curve.y_contracts) == [0, 1761, 1761, 3972, 3972, 4304, 4304]
    assert steps((), 9.0).x_cents.size == 0


def test_height_at_a_price_is_the_curve() -> None:
    assert height_at(book(), 0, 2700) == 3972
    assert height_at(book(), 1, 3000) == 816
    assert within(book().asks, 29.0, 31.0) == ((3000, 81_600), (3100, 11_000))


def test_the_price_range_jumps_only_when_the_mid_has_gone_far() -> None:
    ranges = DepthRange()
    ranges.set_span(20.0)
    assert ranges.x_range(book()) == (9.0, 49.0)
    near = book(((3100, 100),), ((3300, 100),))
    assert ranges.x_range(near) == (9.0, 49.0)
    far = book(((4000, 100),), ((4200, 100),))
    assert ranges.x_range(far) == (21.0, 61.0)
    ranges.set_span(None)
    assert ranges.x_range(far) == (0.0, 100.0)


def test_the_contract_axis_grows_at_once_and_shrinks_late() -> None:
    ranges = DepthRange()
    top = ranges.y_top(1000.0)
    assert top >= 1000.0
    assert ranges.y_top(900.0) == top
    grown = ranges.y_top(5000.0)
    assert grown > top
    tops = [ranges.y_top(100.0) for _ in range(60)]
    assert tops[0] == grown
    assert tops[-1] < grown
