"""A scripted peer of the feed session: bytes in at a given time, events and commands out."""

import json
from collections.abc import Callable
from typing import Any

from core.events import Event
from core.kalshi.feed import FeedSession
from core.kalshi.price_scale import Known

BOOK_SID = 1
TRADE_SID = 2


def delta(seq: int, ticker: str = "A", **changes: object) -> dict[str, Any]:
    body = {
        "market_ticker": ticker,
        "market_id": "7c6d5e4f-0000-4000-8000-000000000abc",
        "price_dollars": "0.4100",
        "delta_fp": "-20.00",
        "side": "yes",
        "ts": "2026-11-20T09:30:10.998112Z",
        "ts_ms": 1_795_166_410_998,
    }
    return {
        "type": "orderbook_delta",
        "sid": BOOK_SID,
        "seq": seq,
        "msg": body | changes,
    }


def snapshot(seq: int, ticker: str = "A", **sides: object) -> dict[str, Any]:
    body = {"market_ticker": ticker, "market_id": "x"} | (
        sides or {"yes_dollars_fp": [["0.4000", "250.00"]], "no_dollars_fp": [["0.4400", "35.50"]]}
    )
    return {"type": "orderbook_snapshot", "sid": BOOK_SID, "seq": seq, "msg": body}


class Script:
    """A session and its peer: sends bytes at a given time, keeps events and commands."""

    def __init__(
        self,
        *tickers: str,
        held: Callable[[str], Known | None] = lambda _: None,
        **options: bool,
    ) -> None:
        self.session = FeedSession(held=held, **options)
        self.now_ms = 1_000_000
        self.events: list[Event] = []
        self.commands: list[dict[str, Any]] = []
        self.is_dead = False
        self.session.start(tickers)

    def connect(self) -> "Script":
        self.take(self.session.connection_made(self.now_ms))
        return self

    def confirm(self) -> "Script":
        """Answer every subscribe; book gets sid 1, trade sid 2, others 3 and up."""
        sids = {"orderbook_delta": BOOK_SID, "trade": TRADE_SID}
        commands, self.commands = self.commands, []
        for command in commands:
            if command["cmd"] == "subscribe":
                channel = command["params"]["channels"][0]
                sid = sids.setdefault(channel, len(sids) + 1)
                self.send(
                    {
                        "id": command["id"],
                        "type": "subscribed",
                        "msg": {"channel": channel, "sid": sid},
                    }
                )
        return self

    def live(self) -> "Script":
        """Connected, confirmed, every market with its snapshot (seq 1, 2, ... by ticker)."""
        self.connect().confirm()
        for seq, ticker in enumerate(sorted(self.session.tickers), start=1):
            self.send(snapshot(seq, ticker))
        assert self.session.state == "live"
        self.events.clear()
        self.commands.clear()
        return self

    def send(self, message: dict[str, Any] | bytes) -> list[Event]:
        data = message if isinstance(message, bytes) else json.dumps(message).encode() + b"\n"
        return self.take(self.session.receive(data, self.now_ms))

    def wait(self, ms: int) -> list[Event]:
        """Let time pass; a peer that is not dead answers when it is asked for a word."""
        self.now_ms += ms
        events = self.take(self.session.tick(self.now_ms))
        marks = [c for c in self.commands if c["cmd"] == "list_subscriptions"]
        self.commands = [c for c in self.commands if c not in marks]
        for command in [] if self.is_dead else marks:
            events += self.send({"id": command["id"], "type": "ok", "msg": []})
        return events

    def confirm_book(self, sid: int) -> list[Event]:
        """Answer the newest subscribe to the order books with this sid."""
        command = [c for c in self.commands if c["cmd"] == "subscribe"][-1]
        body = {"channel": "orderbook_delta", "sid": sid}
        return self.send({"id": command["id"], "type": "subscribed", "msg": body})

    def sent(self, cmd: str) -> list[dict[str, Any]]:
        return [command["params"] for command in self.commands if command["cmd"] == cmd]

    def of(self, kind: type[Event]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    def take(self, events: list[Event]) -> list[Event]:
        self.events += events
        self.commands += [json.loads(data) for data in self.session.data_to_send()]
        return events


def asked(script: Script) -> list[list[str]]:
    """Markets of each snapshot request sent."""
    return [
        params["market_tickers"]
        for params in script.sent("update_subscription")
        if params["action"] == "get_snapshot"
    ]
