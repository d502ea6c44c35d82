"""Reading session files of every form, whole and damaged."""

import gzip
import json
from pathlib import Path

import pytest

from core.errors import StorageError
from core.market.events import BookDelta, BookDoubted, BookSnapshot, MarketChanged, Trade
from core.market.ticks import TAPERED_DECI_CENT_RANGES, PriceRange
from core.storage.importing import read_session

TICKER = "KXDEMO-26NOV20-T1"
OTHER = "KXDEMO-26NOV20-T2"


def snapshot(seq: int, yes: object = (), no: object = (), **extra: object) -> dict[str, object]:
    ticker = extra.pop("ticker", TICKER)
    msg = {"market_ticker": ticker, "yes_dollars_fp": yes, "no_dollars_fp": no}
    return {"type": "orderbook_snapshot", "sid": 1, "seq": seq, "msg": msg, **extra}


def delta(
    seq: int, ts_ms: int, price: str = "0.4000", lots: str = "1.00", **extra: object
) -> dict[str, object]:
    msg = {
        "market_ticker": extra.pop("ticker", TICKER),
        "price_dollars": price,
        "delta_fp": lots,
        "side": extra.pop("side", "yes"),
        "ts_ms": ts_ms,
    }
    return {"type": "orderbook_delta", "sid": 1, "seq": seq, "msg": msg, **extra}


def trade(seq: int, ts_ms: int, price: str, count: str, side: str) -> dict[str, object]:
    msg = {
        "trade_id": f"trade-{seq}",
        "market_ticker": TICKER,
        "yes_price_dollars": price,
        "count_fp": count,
        "taker_side": side,
        "ts_ms": ts_ms,
    }
    return {"type": "trade", "sid": 2, "seq": seq, "msg": msg}


def ticker(ts_ms: int, price: str, size: str, volume: str) -> dict[str, object]:
    msg = {
        "market_ticker": TICKER,
        "price_dollars": price,
        "last_trade_size_fp": size,
        "volume_fp": volume,
        "ts_ms": ts_ms,
    }
    return {"type": "ticker", "sid": 3, "msg": msg}


def written(folder: Path, *lines: object, name: str = "session.jsonl") -> Path:
    path = folder / name
    text = "".join(json.dumps(line) + "\n" for line in lines).encode()
    path.write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    return path


def test_no_levels_become_asks_that_ascend(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        snapshot(
            1, [["0.3900", "5.00"], ["0.4000", "2.50"]], [["0.5000", "7.00"], ["0.5500", "1"]]
        ),
        delta(2, 1_000, "0.5500", "-1.00", side="no"),
    )
    session = read_session(path)
    assert session.events == (
        BookSnapshot(
            TICKER, ((3_900, 500), (4_000, 250)), ((4_500, 100), (5_000, 700)), 1, 1, 1_000
        ),
        BookDelta(TICKER, 1, 4_500, -100, 1_000, 1, 2),
    )
    assert (session.name, session.start_ms, session.end_ms) == ("session", 1_000, 1_000)
    assert session.trades == "none"
    assert [market.ticker for market in session.markets] == [TICKER]
    assert session.markets[0].event_ticker == "KXDEMO-26NOV20"


def test_gzip_members_one_after_another_read_as_one_file(tmp_path: Path) -> None:
    path = written(tmp_path, snapshot(1), delta(2, 1_000), name="two.jsonl.gz")
    with gzip.open(path, "ab") as file:
        file.write(json.dumps(delta(3, 1_001)).encode() + b"\n")
    session = read_session(path)
    assert session.report.deltas == 2
    assert session.report.damaged is None
    assert session.name == "two"


def test_gap_doubts_every_book_of_the_subscription(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        snapshot(1),
        snapshot(2, ticker=OTHER),
        delta(3, 1_000),
        delta(6, 1_005),
        snapshot(7),
    )
    session = read_session(path)
    doubts = [event for event in session.events if isinstance(event, BookDoubted)]
    assert [(doubt.ticker, doubt.ts_ms) for doubt in doubts] == [(TICKER, 1_000), (OTHER, 1_000)]
    assert "4 to 5" in doubts[0].reason
    assert session.report.gaps == 1
    assert session.events.index(doubts[0]) == 3


def test_answers_take_numbers_and_a_new_connection_starts_anew(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        {"type": "ok", "id": 4, "sid": 1, "seq": 1, "msg": {"market_tickers": [TICKER]}},
        snapshot(2),
        {"type": "something_new", "sid": 1, "seq": 3, "msg": {}},
        delta(4, 1_000),
        {"type": "recorder.ws_connected", "recv_ns": 5, "msg": {}},
        snapshot(1),
        delta(2, 1_002),
        {"type": "subscribed", "id": 5, "msg": {"channel": "orderbook_delta", "sid": 1}},
        snapshot(1),
    )
    report = read_session(path).report
    assert (report.gaps, report.duplicates, report.snapshots) == (0, 0, 3)
    assert report.ignored == (("something_new", 1),)


def test_repeated_frames_are_dropped(tmp_path: Path) -> None:
    path = written(tmp_path, snapshot(1), delta(2, 1_000), delta(2, 1_000), delta(3, 1_001))
    report = read_session(path).report
    assert (report.deltas, report.duplicates, report.gaps) == (2, 1, 0)


def test_time_never_steps_back(tmp_path: Path) -> None:
    path = written(tmp_path, snapshot(1), delta(2, 1_000), delta(3, 990), delta(4, 1_001))
    session = read_session(path)
    assert [event.ts_ms for event in session.events if isinstance(event, BookDelta)] == [
        1_000,
        1_000,
        1_001,
    ]
    assert session.report.clamped == 1


def test_snapshots_take_their_time_from_the_receive_clock(tmp_path: Path) -> None:
    second = 1_000_000_000
    path = written(
        tmp_path,
        snapshot(1, recv_ns=100 * second),
        delta(2, 50_000, recv_ns=100 * second),
        snapshot(3, recv_ns=102 * second),
        delta(4, 60_000, recv_ns=110 * second),
        snapshot(5, recv_ns=125 * second),
        delta(6, 61_000, recv_ns=126 * second),
        snapshot(7, recv_ns=127 * second),
    )
    events = read_session(path).events
    stamps = [event.ts_ms for event in events if isinstance(event, BookSnapshot)]
    assert stamps == [50_000, 52_000, 61_000, 62_000]


def test_real_trade_stands_right_before_the_deltas_it_explains(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        {"type": "subscribed", "id": 1, "msg": {"channel": "trade", "sid": 2}},
        snapshot(1, [["0.4000", "9.00"]]),
        delta(2, 1_000, "0.3000", "5.00"),
        delta(3, 1_001, "0.4000", "-3.00"),
        delta(4, 1_001, "0.3000", "-5.00"),
        trade(1, 1_001, "0.4000", "3.00", "no"),
        delta(5, 1_002),
    )
    session = read_session(path)
    assert session.trades == "real"
    expected = Trade("trade-1", TICKER, 4_000, 300, 1, 1_001, 2, 1)
    assert session.events.index(expected) == 2


def test_lifecycle_and_market_notes(tmp_path: Path) -> None:
    note = {
        "ticker": TICKER,
        "event_ticker": "KXDEMO-26NOV20",
        "title": "Rain?",
        "yes_sub_title": "Rain",
        "open_time": "2026-11-20T09:00:00Z",
        "close_time": "2026-11-20T09:15:00Z",
        "price_ranges": [{"start": "0.0000", "end": "1.0000", "step": "0.0050"}],
    }
    determined = {
        "market_ticker": TICKER,
        "event_type": "determined",
        "result": "no",
        "settlement_value": "0.0000",
    }
    path = written(
        tmp_path,
        {"type": "recorder.market", "recv_ns": 1, "msg": note},
        snapshot(1),
        delta(2, 1_000),
        {"type": "market_lifecycle_v2", "sid": 4, "seq": 1, "msg": determined},
    )
    session = read_session(path)
    market = session.markets[0]
    assert (market.title, market.subtitle, market.result) == ("Rain?", "Rain", "no")
    assert market.close_ms - market.open_ms == 15 * 60_000
    assert market.price_ranges == (PriceRange(0, 10_000, 50),)
    assert session.events[-1] == MarketChanged(TICKER, "determined", "no", 0, 0, 1_000)


def test_watched_markets_take_times_and_outcome_from_beside(tmp_path: Path) -> None:
    name = "KXBTC15M-26MAY131145-45"
    watch = {"market_ticker": name, "close_time": "2026-05-13T15:45:00Z", "strike": 79271.97}
    row = {"ticker": name, "close_time": "2026-05-13T15:45:00Z", "derived_result": "yes"}
    (tmp_path / "markets.json").write_text(json.dumps([row, {"ticker": "KXELSE"}]))
    path = written(
        tmp_path, {"type": "recorder.watch_market", "msg": watch}, snapshot(1, ticker=name)
    )
    market = read_session(path).markets[0]
    assert market.result == "yes"
    assert market.price_ranges == TAPERED_DECI_CENT_RANGES
    assert market.close_ms - market.open_ms == 15 * 60_000
    assert market.event_ticker == "KXBTC15M-26MAY131145"


def test_ticker_steps_become_inferred_trades(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        snapshot(1, [["0.4000", "9.00"]], [["0.5000", "9.00"]]),
        ticker(1_000, "0.4000", "1.00", "100.00"),
        delta(2, 1_500, "0.4000", "-3.00"),
        ticker(2_000, "0.4000", "3.00", "106.00"),
    )
    session = read_session(path)
    assert session.trades == "inferred"
    assert [event.taker_side for event in session.events if isinstance(event, Trade)] == [1]
    report = session.report
    assert (report.trades, report.step_lots, report.inferred_lots) == (1, 300, 300)
    ids = [event.trade_id for event in read_session(path).events if isinstance(event, Trade)]
    assert ids == [event.trade_id for event in session.events if isinstance(event, Trade)]


@pytest.mark.parametrize("cut", [1_000, 2_000])
def test_broken_off_gzip_yields_what_came_before(tmp_path: Path, cut: int) -> None:
    lines = [snapshot(1), *(delta(seq, 1_000 + seq * seq) for seq in range(2, 2_000))]
    path = written(tmp_path, *lines, name="cut.jsonl.gz")
    path.write_bytes(path.read_bytes()[:cut])
    report = read_session(path).report
    assert 0 < report.deltas < 1_998
    assert report.damaged is not None
    assert "breaks off" in report.damaged
    assert f"after {report.frames} good lines" in report.damaged


@pytest.mark.parametrize(
    "bad",
    [
        b'{"type":"orderbook_delta","sid":1,"se',
        b'{"type":"orderbook_delta","sid":1,"seq":3,"msg":{"market_ticker":"A"}}',
        b'{"type":"orderbook_delta","sid":1,"seq":3,"msg":{"market_ticker":"KXDEMO-26NOV20-T1",'
        b'"price_dollars":"x","delta_fp":"1.00","side":"yes","ts_ms":1001}}',
        b"\xff\xfe",
        b'{"type":"recorder.watch_market","msg":{"market_ticker":"KXDEMO-26NOV20-T1",'
        b'"close_time":"2026-11-20T09:15:00"}}',
    ],
)
def test_damaged_line_ends_the_reading(tmp_path: Path, bad: bytes) -> None:
    path = written(tmp_path, snapshot(1), delta(2, 1_000))
    path.write_bytes(path.read_bytes() + bad + b"\n" + json.dumps(delta(4, 1_002)).encode())
    report = read_session(path).report
    assert report.deltas == 1
    assert report.damaged is not None
    assert report.damaged.startswith("after 2 good lines")


@pytest.mark.parametrize(
    "content", [b"", b"hello\n", b"[1,2]\n", b'{"a":1}\n', b"\x1f\x8b\x08 no gzip", b"\0" * 50]
)
def test_what_is_no_session_is_refused_with_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "thing.jsonl"
    path.write_bytes(content)
    with pytest.raises(StorageError, match="is not a session file"):
        read_session(path)


def test_missing_file_and_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="check the path"):
        read_session(tmp_path / "nowhere.jsonl")
    with pytest.raises(StorageError, match="check the path"):
        read_session(tmp_path)


def test_delta_before_its_snapshot_is_ignored(tmp_path: Path) -> None:
    path = written(tmp_path, delta(1, 1_000), snapshot(2), delta(3, 1_001))
    report = read_session(path).report
    assert report.deltas == 1
    assert report.ignored == (("orderbook_delta before its snapshot", 1),)


def test_cent_form_checks_its_checkpoints(tmp_path: Path) -> None:
    def line(second: int, kind: str, origin: str, **msg: object) -> dict[str, object]:
        return {
            "recv_ts": f"2023-08-31T13:30:{second:02d}.174873Z",
            "type": f"orderbook_{kind}",
            "msg": {"market_ticker": "INXD-23AUG31-B4437", **msg},
            "origin": origin,
        }

    path = written(
        tmp_path,
        line(11, "snapshot", "feed", yes=[[40, 10]], no=[[50, 3]]),
        line(12, "delta", "feed", price=40, delta=-10, side="yes"),
        line(13, "delta", "recovered", price=51, delta=2, side="no"),
        line(13, "snapshot", "checkpoint", yes=[], no=[[51, 2], [50, 3]]),
        line(14, "snapshot", "checkpoint", yes=[], no=[[50, 3]]),
    )
    session = read_session(path)
    assert session.events == (
        BookSnapshot(
            "INXD-23AUG31-B4437", ((4_000, 1_000),), ((5_000, 300),), ts_ms=1_693_488_611_174
        ),
        BookDelta("INXD-23AUG31-B4437", 0, 4_000, -1_000, 1_693_488_612_174),
        BookDelta("INXD-23AUG31-B4437", 1, 4_900, 200, 1_693_488_613_174),
    )
    report = session.report
    assert (report.checkpoints, report.checkpoint_mismatches) == (2, 1)
    assert session.markets[0].price_ranges == ()
