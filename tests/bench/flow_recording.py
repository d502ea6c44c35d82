"""Market tapes from the published messages of an exchange in this process, or from a recording.

The exchange is driven by its generated source and read through the console's own feed client, so
that only what a subscriber receives is measured. A subscriber asks for an event's markets right
after they opened.
"""

from collections import deque
from collections.abc import Iterable
from pathlib import Path

from flow_tape import MarketTape

from core.clock import SystemClock
from core.events import Event
from core.kalshi.feed import FeedSession
from core.market.events import BookDelta, BookSnapshot, Trade
from core.sandbox.commands import Session
from core.sandbox.exchange import Exchange
from core.sandbox.flow import GeneratedFlow
from core.sandbox.flow_profile import FlowProfile
from core.sandbox.generated_source import GeneratedSource
from core.sandbox.orders import CROWD
from core.sandbox.publisher import Publisher
from core.storage.importing import read_session

START_MS = 1_795_176_000_000
SHORTEST_MS = 60_000
"""Markets watched for less are left out: their shares and rates say nothing."""
_CLOCK = SystemClock()


class Subscriber:
    """A client without a socket; keeps messages until it is told to read them.

    Attributes:
        is_stamped: its messages carry no send stamp.
        sent_count: messages received.
        tapes: what it has read, by market.
    """

    is_stamped = False

    def __init__(self, exchange: Exchange, publisher: Publisher) -> None:
        self.sent_count = 0
        self.tapes: dict[str, MarketTape] = {}
        self._exchange = exchange
        self._session = Session(exchange, publisher, self, CROWD)
        self._feed = FeedSession(use_yes_price=True, has_account=False)
        self._texts: deque[str] = deque()
        self._known = 0

    def send(self, text: str) -> None:
        """Take one message, given without its last brace."""
        self.sent_count += 1
        self._texts.append(text)

    def is_full(self) -> bool:
        """Say that there is always room."""
        return False

    def follow_new(self) -> None:
        """Subscribe to the markets opened since the last call."""
        later = list(self._exchange.listings.values())[self._known :]
        tickers = [listing.ticker for listing in later if listing.status != "initialized"]
        if not tickers:
            return
        now_ms = self._exchange.now_ms
        if self._known:
            self._feed.add_markets(tickers, now_ms)
        else:
            self._feed.start(tickers)
            self._feed.connection_made(now_ms)
        self._known += len(tickers)
        self.read()

    def read(self) -> None:
        """Read what was sent, and answer what the feed client wants to say."""
        self._hear()
        while commands := self._feed.data_to_send():
            for command in commands:
                self._session.receive(command)
            self._hear()

    def _hear(self) -> None:
        while self._texts:
            events = self._feed.receive(self._texts.popleft() + "}", self._exchange.now_ms)
            take(self.tapes, events)


def generated(
    profile: FlowProfile, seed: int, markets: int, minutes: float
) -> tuple[list[MarketTape], float]:
    """Tapes of a generated exchange, and the book messages it made a second of wall time."""
    publisher = Publisher()
    exchange = Exchange(publisher, seed, START_MS)
    source = GeneratedSource(GeneratedFlow(seed, markets, START_MS, profile), START_MS)
    source.open(exchange)
    subscriber = Subscriber(exchange, publisher)
    until_ms = START_MS + int(minutes * 60_000)
    spent_ns = 0
    while exchange.now_ms < until_ms:
        begun_ns = _CLOCK.monotonic_ns()
        _play(exchange, source, min(until_ms, exchange.now_ms + 1_000))
        spent_ns += _CLOCK.monotonic_ns() - begun_ns
        subscriber.read()
        subscriber.follow_new()
    return _ended(subscriber.tapes), subscriber.sent_count * 1e9 / max(1, spent_ns)


def recorded(path: Path) -> list[MarketTape]:
    """Tapes of a recorded session."""
    tapes: dict[str, MarketTape] = {}
    take(tapes, read_session(path).events)
    return _ended(tapes)


def take(tapes: dict[str, MarketTape], events: Iterable[Event]) -> None:
    """Let every market's tape replay its messages."""
    for event in events:
        if isinstance(event, BookDelta | BookSnapshot | Trade):
            tape = tapes.get(event.ticker)
            if tape is None:
                tape = tapes[event.ticker] = MarketTape(event.ticker)
            tape.take(event)


def _play(exchange: Exchange, source: GeneratedSource, until_ms: int) -> None:
    """Let everything happen that is due before this venue time."""
    while (due_ms := source.next_ms()) is not None and due_ms < until_ms:
        exchange.advance(due_ms)
        source.take()
    exchange.advance(until_ms)


def _ended(tapes: dict[str, MarketTape]) -> list[MarketTape]:
    for tape in tapes.values():
        tape.end()
    return [tape for tape in tapes.values() if tape.last_ms - tape.first_ms >= SHORTEST_MS]
