"""Make resources/demo/demo-session.jsonl.gz: a recording of our own exchange on generated flow.

Run by path from the repository root. Same program, same bytes. The recording holds one event's
markets from the middle of its life to their settlement, in the exchange's wire form with a
recorder's notes. A moment's book changes are left out on purpose, followed by the snapshots that
a client asks for then.
"""

import argparse
import gzip
import json
import sys
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from core.sandbox import frames
from core.sandbox.exchange import Exchange
from core.sandbox.flow import GeneratedFlow
from core.sandbox.flow_profiles import FAST_CRYPTO
from core.sandbox.generated_source import GeneratedSource
from core.sandbox.listings import Listing
from core.sandbox.market_views import market_view
from core.sandbox.orders import CROWD
from core.sandbox.publisher import BOOK, LIFECYCLE, TRADE, Publisher, Subscription

OUTPUT = Path("resources/demo/demo-session.jsonl.gz")
START_MS = 1_795_176_000_000  # 2026-11-20T12:00:00Z: the first event closes at 12:15
MARKETS = 6
LATENCY_MS = 20
QUIET = replace(FAST_CRYPTO, groups_per_s=20.0, strike_gap=15.0)
"""Slower than the real thing, so that the file stays small; strikes near enough to trade all."""
_DELTA_HEAD = '{"type":"orderbook_delta"'
_NEXT_EVENT_HEAD = '{"type":"event_lifecycle"'


class DemoVenue:
    """The exchange with the flow as its only trader."""

    def __init__(self, seed: int) -> None:
        self.publisher = Publisher()
        self.exchange = Exchange(self.publisher, seed, START_MS)
        self._source = GeneratedSource(GeneratedFlow(seed, MARKETS, START_MS, QUIET), START_MS)
        self._source.open(self.exchange)

    def play(self, until_ms: int) -> None:
        """Let everything happen that is due before this venue time."""
        while (next_ms := self._source.next_ms()) is not None and next_ms < until_ms:
            self.exchange.advance(next_ms)
            self._source.take()
        self.exchange.advance(until_ms)


class Recording:
    """A client that writes down what it receives.

    Attributes:
        is_stamped: its messages carry no send stamp.
        sent_count: messages received.
    """

    is_stamped = False

    def __init__(self, venue: DemoVenue) -> None:
        self.lines: list[str] = []
        self.sent_count = 0
        self._venue = venue
        self._listings = list(venue.exchange.listings.values())
        self._tickers: dict[str, str] = {}
        self._is_deaf = False

    def send(self, text: str) -> None:
        """Take one message, given without its last brace; the next event is not recorded."""
        self.sent_count += 1
        if text.startswith(_NEXT_EVENT_HEAD):
            return
        if not (self._is_deaf and text.startswith(_DELTA_HEAD)):
            self._write(text + "}")

    def is_full(self) -> bool:
        """Say that there is always room."""
        return False

    def begin(self) -> Subscription:
        """Note the connection and the markets, subscribe, take the first snapshots."""
        self._note("recorder.ws_connected", {})
        for listing in self._listings:
            self._note("recorder.market", market_view(listing, self._venue.exchange.now_ms))
        book, _, _ = (
            self._subscribe(sid, channel)
            for sid, channel in enumerate((BOOK, TRADE, LIFECYCLE), start=1)
        )
        now_ms = self._venue.exchange.now_ms
        for listing in self._listings:
            self._venue.publisher.snapshot_to(book, listing, now_ms)
        return book

    def listen(self, until_ms: int) -> None:
        """Record up to this venue time, with a ticker every second."""
        exchange = self._venue.exchange
        while exchange.now_ms < until_ms:
            self._venue.play(min(until_ms, exchange.now_ms + 1_000))
            for listing in self._listings:
                self._take_ticker(listing)

    def miss(self, until_ms: int) -> None:
        """Lose the book changes that the exchange sends up to this venue time."""
        self._is_deaf = True
        self._venue.play(until_ms)
        self._is_deaf = False

    def repair(self, book: Subscription) -> None:
        """Take the snapshots that answer a `get_snapshot` for all markets."""
        now_ms = self._venue.exchange.now_ms
        for listing in self._listings:
            self._venue.publisher.snapshot_to(book, listing, now_ms, command_id=4)

    def _subscribe(self, sid: int, channel: str) -> Subscription:
        tickers = {listing.ticker for listing in self._listings}
        subscription = Subscription(sid, channel, self, CROWD, tickers)
        self._venue.publisher.add(subscription)
        self._write(
            f'{{"type":"subscribed","id":{sid},"msg":{{"channel":"{channel}","sid":{sid}}}}}'
        )
        return subscription

    def _take_ticker(self, listing: Listing) -> None:
        fields = frames.ticker_fields(listing)
        if listing.status == "active" and self._tickers.get(listing.ticker) != fields:
            self._tickers[listing.ticker] = fields
            msg = frames.ticker_msg(listing, fields, self._venue.exchange.now_ms)
            self._write(f'{{"type":"ticker","sid":4,"msg":{msg}}}')

    def _note(self, kind: str, msg: dict[str, object]) -> None:
        self._write(json.dumps({"type": kind, "msg": msg}, separators=(",", ":")))

    def _write(self, text: str) -> None:
        recv_ns = (self._venue.exchange.now_ms + LATENCY_MS) * 1_000_000
        self.lines.append(f'{{"recv_ns":{recv_ns},{text[1:]}')


def record(seed: int, begin_s: float, gap_s: float, end_s: float) -> list[str]:
    """Lines of a recording; all times in seconds from the opening of the event."""
    venue = DemoVenue(seed)
    venue.play(START_MS + int(begin_s * 1_000))
    recording = Recording(venue)
    book = recording.begin()
    recording.listen(START_MS + int(gap_s * 1_000))
    recording.miss(venue.exchange.now_ms + 300)
    recording.listen(venue.exchange.now_ms + 150)
    recording.repair(book)
    recording.listen(START_MS + int(end_s * 1_000))
    return recording.lines


def packed(lines: list[str]) -> bytes:
    """Lines as gzip without name and time, so that equal lines give equal bytes."""
    return gzip.compress("".join(line + "\n" for line in lines).encode(), 9, mtime=0)


def main() -> int:
    """Write the file named on the command line, the shipped one by default."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", type=Path, nargs="?", default=OUTPUT)
    parser.add_argument("--seed", type=int, default=23)
    args = parser.parse_args()
    content = packed(record(args.seed, begin_s=360.0, gap_s=510.0, end_s=917.0))
    args.output.parent.mkdir(parents=True, exist_ok=True)
    args.output.write_bytes(content)
    sys.stdout.write(f"{args.output}: {len(content)} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
