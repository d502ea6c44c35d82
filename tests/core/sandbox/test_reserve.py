from hypothesis import given
from hypothesis import strategies as st

from core.sandbox.orders import Order
from core.sandbox.reserve import Reserve
from core.trading.fees import fee_ceiling
from core.units import PIPS_PER_DOLLAR, Side

STEPS = st.lists(
    st.tuples(
        st.integers(0, 5),
        st.sampled_from(["put", "drop", "try"]),
        st.integers(1, 5).map(lambda place: place * 1_500),
        st.integers(1, 900),
    ),
    max_size=30,
)


def plain(orders: list[Order], position_lots: int, rate: int) -> int:
    """Order by order, the best priced first: these close, the rest opens."""
    total = 0
    for side in Side:
        closing = max(0, -position_lots if side == Side.BID else position_lots)
        for order in sorted(
            (o for o in orders if o.side == side),
            key=lambda o: -o.price_pips if o.side == Side.BID else o.price_pips,
        ):
            opening = max(0, order.remaining_lots - closing)
            closing = max(0, closing - order.remaining_lots)
            bid, ask = order.price_pips, PIPS_PER_DOLLAR - order.price_pips
            total += opening * (bid if side == Side.BID else ask)
            total += fee_ceiling(rate, order.remaining_lots, order.price_pips)
    return total


def order(number: int, price_pips: int, lots: int) -> Order:
    """The number says the side, so that one order never changes it."""
    return Order(str(number), 1, "T", number % 2, price_pips, lots, lots)


@given(STEPS, st.integers(-1_000, 1_000), st.sampled_from([0, 7_000]))
def test_equals_the_sum_over_the_orders(
    steps: list[tuple[int, str, int, int]], position_lots: int, rate: int
) -> None:
    reserve = Reserve(rate)
    resting: dict[str, Order] = {}
    for number, name, price_pips, lots in steps:
        changed = order(number, price_pips, lots)
        if name == "put":
            reserve.put(changed)
            resting[changed.order_id] = changed
        elif name == "drop":
            reserve.drop(changed.order_id)
            resting.pop(changed.order_id, None)
        else:
            others = resting | {changed.order_id: changed}
            expected = plain(list(others.values()), position_lots, rate)
            assert reserve.micros_with(changed, position_lots) == expected
        assert reserve.micros(position_lots) == plain(list(resting.values()), position_lots, rate)


def test_counts_an_order_as_it_was_put_until_it_is_put_again() -> None:
    reserve, resting = Reserve(0), order(0, 4_000, 100)
    reserve.put(resting)
    resting.remaining_lots = 40
    assert reserve.micros(0) == 4_000 * 100
    reserve.put(resting)
    assert reserve.micros(0) == 4_000 * 40
    reserve.drop(resting.order_id)
    assert reserve.micros(0) == 0
