"""Order operations a second, beside the usual engine, and the memory of many resting orders."""

import argparse
import gc
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import TypeVar

import order_mix
from naive_engine import NaiveEngine, NaiveOrder
from order_mix import CANCEL, HIGHEST_PIPS, LOWEST_PIPS, PLACE, REDUCE, TAKE, Operation

from core.clock import SystemClock
from core.errors import JobError
from core.sandbox.engine import MatchingBook
from core.sandbox.orders import Order

OPERATIONS = 200_000
RESTING = 100_000
SEED = 3
_CLOCK = SystemClock()
_T = TypeVar("_T")


def measure(args: argparse.Namespace) -> dict[str, object]:
    """Return medians of interleaved runs, and memory; the ratio is of processor time.

    Raises:
        JobError: both engines end with different books.
    """
    operations = order_mix.draw(SEED, OPERATIONS)
    ours: list[tuple[float, float]] = []
    naive: list[tuple[float, float]] = []
    for _ in range(args.runs):
        book, *seconds = _timed(lambda: work(operations))
        ours.append((seconds[0], seconds[1]))
        engine, *seconds = _timed(lambda: work_naively(operations))
        naive.append((seconds[0], seconds[1]))
        if book.levels() != (engine.levels(0), engine.levels(1)):
            raise JobError("both engines end with different books")
    wall, cpu = (median(column) for column in zip(*ours, strict=True))
    naive_wall, naive_cpu = (median(column) for column in zip(*naive, strict=True))
    return {
        "operations": OPERATIONS,
        "runs": args.runs,
        "load_average": round(os.getloadavg()[0], 2),
        "operations_per_s": round(OPERATIONS / wall),
        "operations_per_cpu_s": round(OPERATIONS / cpu),
        "naive_operations_per_s": round(OPERATIONS / naive_wall),
        "ratio": round(naive_cpu / cpu, 2),
        **_memory(),
    }


def work(operations: list[Operation]) -> MatchingBook:
    """Carry the operations out; those on orders that are gone do nothing."""
    book = MatchingBook()
    orders: dict[int, Order] = {}
    for kind, key, side, price, lots in operations:
        if kind == PLACE:
            order = orders[key] = Order(str(key), 0, "T", side, price, lots, lots)
            book.place(order)
        elif kind == TAKE:
            order = Order(str(key), 0, "T", side, price, lots, lots)
            order.time_in_force = "immediate_or_cancel"
            book.place(order)
        elif (order := orders[key]).remaining_lots:
            if kind == CANCEL:
                book.cancel(order)
            elif kind == REDUCE:
                book.reduce(order, -(-order.remaining_lots // 2))
            else:
                moved = min(HIGHEST_PIPS, max(LOWEST_PIPS, order.price_pips + price))
                book.replace(order, moved, order.remaining_lots)
    return book


def work_naively(operations: list[Operation]) -> NaiveEngine:
    """The same in the usual engine."""
    engine = NaiveEngine()
    for kind, key, side, price, lots in operations:
        if kind in (PLACE, TAKE):
            engine.place(NaiveOrder(key, 0, side, price, lots), kind == TAKE)
        elif (order := engine.orders.get(key)) is not None:
            if kind == CANCEL:
                engine.cancel(key)
            elif kind == REDUCE:
                engine.reduce(key, -(-order.lots // 2))
            else:
                moved = min(HIGHEST_PIPS, max(LOWEST_PIPS, order.price + price))
                engine.replace(key, moved, order.lots)
    return engine


def _timed(action: Callable[[], _T]) -> tuple[_T, float, float]:
    """Result, wall seconds and processor seconds."""
    gc.collect()
    began_ns, began = _CLOCK.monotonic_ns(), resource.getrusage(resource.RUSAGE_SELF)
    result = action()
    ended = resource.getrusage(resource.RUSAGE_SELF)
    cpu_s = ended.ru_utime + ended.ru_stime - began.ru_utime - began.ru_stime
    return result, (_CLOCK.monotonic_ns() - began_ns) / 1e9, cpu_s


def _memory() -> dict[str, float]:
    """Measure in a process of its own, whose memory nobody used before."""
    program = Path(__file__).with_name("resting_orders.py")
    command = [sys.executable, str(program), str(RESTING)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures
