"""The OrderManager interface: what the agent side may ask of any venue, real or simulated."""

from typing import NamedTuple, Protocol

from core.market.book import OrderBook
from core.market.market import Market
from core.trading.planner import Desk, Plan


class TradingLimits(NamedTuple):
    """What one market may use.

    `sleeve_micros` is the policy's cash a market and market life, `size_lots` one order's size,
    `position_lots` the largest position either way.
    """

    sleeve_micros: int = 100_000_000
    size_lots: int = 1_000
    position_lots: int = 20_000


class Execution(NamedTuple):
    """What became of a plan: "ordered", "kept", "hold" or "blocked", why, and which order."""

    outcome: str
    reason: str
    client_order_id: str = ""


class OrderManager(Protocol):
    """Orders of one account. Time is venue milliseconds and always an argument."""

    def desk(self, market: Market, book: OrderBook) -> Desk:
        """What the planner looks at in this market now."""

    def obstacle(self, ticker: str) -> str:
        """Why this market takes no new plan now, "" if it does."""

    def execute(self, plan: Plan, market: Market, now_ms: int) -> Execution:
        """Carry a plan out, or say why not."""

    def cancel_all(self, origin: str, now_ms: int) -> int:
        """Ask to cancel every open order of an origin ("" is any); returns how many."""
