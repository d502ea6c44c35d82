"""What is compiled at the start is all that trading calls: no decision waits for the compiler."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = """
import sys

from core.kalshi.events import FillReport
from core.kalshi.limits import WriteBudget
from core.market.books import Books
from core.market.events import BookSnapshot
from core.market.market import Market
from core.runtime.valuation import equity_micros
from core.runtime.warm_up import compile_kernels
from core.trading.kalshi_order_manager import KalshiOrderManager
from core.trading.ledger import Ledger
from core.trading.order_manager import TradingLimits
from core.trading.planner import masks, plan


def compiled():
    modules = [module for name, module in sys.modules.items() if name.startswith("core.")]
    kernels = {id(k): k for m in modules for k in vars(m).values() if hasattr(k, "signatures")}
    return {(k.__name__, str(s)) for k in kernels.values() for s in k.signatures}


compile_kernels()
before = compiled()
assert len(before) >= 6, before
market, books, ledger = Market("T", "E", "title"), Books(), Ledger()
books.follow(market)
book = books.apply_snapshot(BookSnapshot("T", ((4000, 500),), ((4100, 500),), ts_ms=1))
ledger.open(1_000_000_000, [])
orders = KalshiOrderManager(ledger, WriteBudget(100, 100, 0), TradingLimits(), "tag")
for action in range(5):
    desk = orders.desk(market, book)
    assert masks(desk)[0]
    orders.execute(plan(desk, action), market, action)
for side in (0, 1, 1):
    orders.on_fill(FillReport(f"t{side}{ledger.fills}", "v", "T", side, 4000, 100, 7, False, 5))
assert ledger.account("T").position_lots == -100
assert equity_micros(ledger, books) is not None
assert compiled() == before, compiled() - before
"""


def test_trading_compiles_nothing_more() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
