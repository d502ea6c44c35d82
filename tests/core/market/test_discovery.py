from core.market.discovery import choose
from core.market.market import Market


def market(ticker: str, volume: int, status: str = "active") -> Market:
    return Market(ticker, "E", "title", status=status, volume_lots=volume)


def test_most_active_open_markets_fill_the_free_places() -> None:
    found = [market("A", 1), market("B", 9), market("C", 9), market("D", 99, "closed")]
    assert [m.ticker for m in choose(found, [], 2)] == ["B", "C"]
    assert [m.ticker for m in choose(found, ["B"], 2)] == ["C"]
    assert choose(found, ["A", "B"], 2) == []
