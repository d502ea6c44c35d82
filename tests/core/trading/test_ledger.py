import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.kalshi.events import FillReport, PositionReport
from core.trading.ledger import REMEMBERED_FILLS, Ledger, fold_fill, liquidation_value

Trade = tuple[int, int, int]
trades = st.lists(
    st.tuples(st.integers(0, 1), st.integers(1, 9_999), st.integers(1, 5_000)), max_size=60
)


def fill(number: int, side: int, price: int, lots: int, fee: int = 0) -> FillReport:
    return FillReport(f"t{number}", "o", "T", side, price, lots, fee, is_taker=True, ts_ms=number)


def test_long_five_then_ask_eight_ends_three_short() -> None:
    assert fold_fill(500, 2_500_000, 1, 4_000, 800) == (-300, 1_800_000, 200_000, -500_000)


def test_closing_no_by_bidding_returns_one_minus_the_price() -> None:
    position, cost, cash, realised = fold_fill(-1_000, 7_000_000, 0, 2_000, 1_000)
    assert (position, cost) == (0, 0)
    assert cash == 8_000_000
    assert realised == 1_000_000


@given(trades, st.integers(0, 10_000))
def test_money_is_conserved_to_the_micro_through_settlement(
    trades: list[Trade], yes_pips: int
) -> None:
    ledger = Ledger()
    signed_value = 0
    for number, (side, price, lots) in enumerate(trades):
        ledger.book(fill(number, side, price, lots))
        sign = 1 if side == 0 else -1
        signed_value += sign * lots * (yes_pips - price)
    account = ledger.account("T")
    assert account.cost_micros >= 0
    # cash + what a contract pays, less cost paid: each fill is worth lots x (outcome - price)
    ledger.settle("T", yes_pips)
    assert ledger.cash_micros == signed_value
    assert account.realized_micros == signed_value
    assert account.cash_flow_micros == signed_value


@given(trades)
def test_cost_is_locked_cash_and_position_is_the_signed_sum(trades: list[Trade]) -> None:
    ledger = Ledger()
    for number, (side, price, lots) in enumerate(trades):
        ledger.book(fill(number, side, price, lots))
    account = ledger.account("T")
    assert account.position_lots == sum(lots if side == 0 else -lots for side, _, lots in trades)
    assert ledger.cash_micros == account.realized_micros - account.cost_micros
    if account.position_lots == 0:
        assert account.cost_micros == 0
    else:
        assert account.average_pips is not None
        assert 0 <= account.average_pips <= 10_000


def test_a_fill_told_twice_counts_once_and_fees_are_kept_apart() -> None:
    ledger = Ledger()
    ledger.open(1_000_000_000, [])
    once = fill(1, 0, 4_400, 400, fee=69_000)
    assert ledger.book(once)
    assert not ledger.book(once)
    account = ledger.account("T")
    assert ledger.cash_micros == 1_000_000_000 - 1_760_000 - 69_000
    assert (account.realized_micros, account.fees_micros, ledger.fills) == (0, 69_000, 1)


def test_opening_takes_positions_from_the_exchange() -> None:
    ledger = Ledger()
    ledger.open(5_000_000, [PositionReport("T", -300, 1_800_000, -500_000, 20_000)])
    ledger.mark_booked([fill(9, 1, 4_000, 300)])
    assert not ledger.book(fill(9, 1, 4_000, 300))
    account = ledger.account("T")
    assert account.position_lots == -300
    assert account.average_pips == 4_000
    assert account.cash_flow_micros == -500_000 - 1_800_000 - 20_000


@pytest.mark.parametrize(
    ("position", "value"),
    [(0, 0), (150, 100 * 4_000 + 50 * 3_900), (500, 100 * 4_000 + 200 * 3_900), (-50, 50 * 5_800)],
)
def test_liquidation_walks_the_book_and_what_it_cannot_take_is_worth_nothing(
    position: int, value: int
) -> None:
    bids = np.array([4_000, 3_900]), np.array([100, 200])
    asks = np.array([4_200]), np.array([80])
    assert liquidation_value(position, *bids, *asks) == value


def test_the_oldest_fills_are_forgotten_and_the_count_goes_on() -> None:
    ledger = Ledger()
    for number in range(REMEMBERED_FILLS + 10):
        ledger.book(fill(number, 0, 1, 1))
    assert ledger.fills == REMEMBERED_FILLS + 10
    assert not ledger.book(fill(REMEMBERED_FILLS, 0, 1, 1))
    assert ledger.account("T").position_lots == REMEMBERED_FILLS + 10


def test_of_many_fills_before_the_opening_the_newest_are_remembered() -> None:
    ledger = Ledger()
    newest_first = [fill(number, 0, 1, 1) for number in range(REMEMBERED_FILLS + 10, 0, -1)]
    ledger.mark_booked(newest_first)
    assert ledger.has_booked(newest_first[0])
    assert ledger.has_booked(newest_first[REMEMBERED_FILLS - 1])
    assert not ledger.has_booked(newest_first[REMEMBERED_FILLS])
    assert not ledger.book(newest_first[0])
    assert ledger.cash_micros == 0
