"""Lets many orders of ten accounts rest in a thousand markets and prints the memory taken."""

import gc
import json
import sys

import psutil

from core.errors import JobError
from core.market.market import Market
from core.sandbox.desk import Desk
from core.sandbox.engine import MatchingBook
from core.sandbox.exchange import Exchange
from core.sandbox.market_life import MarketLife
from core.sandbox.order_bodies import CreateBody
from core.sandbox.publisher import Publisher
from core.units import MICROS_PER_DOLLAR, format_price

MARKETS = 1_000
ACCOUNTS = 10
_MIB = 1024 * 1024


def measure(wanted: int) -> dict[str, float]:
    """Return MiB: what the orders added, and the whole process with them.

    Raises:
        JobError: not all orders rest.
    """
    exchange = Exchange(Publisher(), seed=1, now_ms=0)
    life, desk = MarketLife(exchange), Desk(exchange)
    for number in range(MARKETS):
        life.list_market(Market(f"KXB-{number:04d}", "KXB", title="M"), MatchingBook())
    accounts = [exchange.open_account(10**7 * MICROS_PER_DOLLAR) for _ in range(ACCOUNTS)]
    desk.create(accounts[0], _body(0))  # compiles the kernels
    gc.collect()
    process = psutil.Process()
    before = process.memory_info().rss
    for number in range(1, wanted):
        desk.create(accounts[number % ACCOUNTS], _body(number))
    resting = sum(len(orders) for a in accounts for orders in a.resting.values())
    if resting != wanted:
        raise JobError(f"{resting} orders rest instead of {wanted}")
    after = process.memory_info().rss
    return {
        "resting_orders": resting,
        "resting_mib": round((after - before) / _MIB, 1),
        "process_mib": round(after / _MIB, 1),
    }


def _body(number: int) -> CreateBody:
    """Bids below and asks above one half, spread over markets and prices."""
    place = number // MARKETS
    side, level = place % 2, place // 2 % 45
    return CreateBody(
        ticker=f"KXB-{number % MARKETS:04d}",
        side=("bid", "ask")[side],
        price=format_price(100 * (51 + level if side else 49 - level)),
        count="5.00",
        time_in_force="good_till_canceled",
        self_trade_prevention_type="maker",
        client_order_id=f"3b1c5a0e-9d34-4a3c-8ad4-{number:012d}",
    )


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]))))
