from core.sandbox.orders import Effects, Order


def test_filling_moves_lots() -> None:
    order = Order("o", 1, "T", 0, 4_000, 100, 100)
    order.fill(30)
    assert (order.filled_lots, order.remaining_lots, order.initial_lots) == (30, 70, 100)


def test_effects_share_nothing() -> None:
    first, second = Effects(), Effects()
    first.cancelled.append(Order("o", 1, "T", 0, 4_000, 100, 100))
    assert second.cancelled == []
