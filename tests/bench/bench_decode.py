"""Decode, apply and read books of a recorded stream, interleaved with the usual design."""

import argparse
import re
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import TypeVar

import naive_books

from core.clock import SystemClock
from core.errors import JobError, StorageError
from core.kalshi.feed import FeedSession
from core.market.books import Books
from core.market.events import BookDelta, BookSnapshot
from core.storage.session_lines import read_lines

_NOTE = re.compile(rb'"type": ?"recorder\.')
_RECEIVED = re.compile(rb'^\{"recv_ns": ?\d+, ?')
_TICKER = re.compile(rb'"market_ticker": ?"([^"]+)"')
_CONNECTED = b"recorder.ws_connected"
_CLOCK = SystemClock()
_T = TypeVar("_T")


def measure(args: argparse.Namespace) -> dict[str, object]:
    """Return messages a second of both designs and the ratio of their medians."""
    connections = read_connections(args.session)
    if not any(connections):
        raise StorageError(f"{args.session} holds no messages; name a recorded session.")
    frames = [frame for connection in connections for frame in connection]
    tickers = {match.group(1).decode() for frame in frames if (match := _TICKER.search(frame))}
    ours_ns, naive_ns = [], []
    for _ in range(args.runs):
        books, elapsed_ns = _timed(lambda: replay(connections, tickers))
        ours_ns.append(elapsed_ns)
        naive, elapsed_ns = _timed(lambda: naive_books.replay(frames))
        naive_ns.append(elapsed_ns)
        _compare(books, naive)
    return {
        "session": args.session.name,
        "runs": args.runs,
        "messages": len(frames),
        "messages_per_s": round(len(frames) * 1e9 / median(ours_ns)),
        "naive_messages_per_s": round(len(frames) * 1e9 / median(naive_ns)),
        "ratio": round(median(naive_ns) / median(ours_ns), 2),
    }


def read_connections(path: Path) -> list[list[bytes]]:
    """Read the wire frames of a session, without the recorder's notes, by connection."""
    connections: list[list[bytes]] = [[]]
    for line in read_lines(path):
        if not _NOTE.search(line):
            connections[-1].append(_RECEIVED.sub(b"{", line))
        elif _CONNECTED in line and connections[-1]:
            connections.append([])
    return connections


def replay(connections: list[list[bytes]], tickers: set[str]) -> Books:
    """Bring every frame through feed and books, and read the book it changed."""
    books = Books()
    session = FeedSession(use_yes_price=False, has_account=False)
    session.start(tickers)
    for frames in connections:
        session.connection_made(0)
        for frame in frames:
            for event in session.receive(frame, 0):
                if type(event) is BookDelta:
                    books.apply_delta(event)
                elif type(event) is BookSnapshot:
                    books.apply_snapshot(event)
                else:
                    continue
                book = books.get(event.ticker)
                if book is not None:
                    book.best_bid(), book.best_ask(), book.top(0), book.top(1)
        session.connection_lost(0)
    return books


def _timed(work: Callable[[], _T]) -> tuple[_T, int]:
    began_ns = _CLOCK.monotonic_ns()
    result = work()
    return result, _CLOCK.monotonic_ns() - began_ns


def _compare(books: Books, naive: dict[str, naive_books.NaiveBook]) -> None:
    for book in books:
        other = naive[book.ticker]
        ours = dict(book.displayed(0)), dict(book.displayed(1))
        if ours != (dict(other.bids), dict(other.asks)):
            raise JobError(f"both designs end with different books of {book.ticker}")
