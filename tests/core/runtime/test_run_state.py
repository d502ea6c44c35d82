"""What a run says of itself before and without an exchange."""

import json
import math
from pathlib import Path

import pytest
from feed_script import snapshot

from core.clock import ManualClock
from core.errors import ConfigError
from core.market.calendar import STANDING
from core.market.events import BookSnapshot, VenueTime
from core.runtime import checklist
from core.runtime.checklist import StepState
from core.runtime.run_state import RunState
from core.settings import Settings


def state(tmp_path: Path, **fields: object) -> RunState:
    return RunState(Settings(home=tmp_path, **fields), ManualClock(1_795_176_360_000))  # type: ignore[arg-type]


def test_without_an_exchange_nothing_is_invented(tmp_path: Path) -> None:
    run = state(tmp_path)
    assert (run.portfolio, run.exchange_pid, run.rest_ms(), run.clock_offset_ms()) == (None,) * 4
    assert (run.trades_kind, run.source_text, run.recorder_stats()) == ("none", "generated", None)
    assert run.actor_state() == ("off", "not started")
    assert run.write_tokens() == 100


def test_recordings_are_named_by_their_files(tmp_path: Path) -> None:
    sessions = (tmp_path / "a.jsonl", tmp_path / "deep" / "b.jsonl.gz")
    assert state(tmp_path, sessions=sessions).source_text == "a.jsonl, b.jsonl.gz"


def test_an_unknown_strategy_is_answered_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="hardcoded"):
        state(tmp_path, strategy="clairvoyant")


def test_the_alert_is_the_first_step_that_failed(tmp_path: Path) -> None:
    run = state(tmp_path)
    assert run.alert() == ""
    run.checklist.note(checklist.DATABASE, StepState.FAILED, "it is away")
    assert run.alert() == f"{checklist.DATABASE}: it is away"


def test_an_actor_says_why_it_rests(tmp_path: Path) -> None:
    run = state(tmp_path)
    run.actor.arm(run.clock.now_ms())
    assert run.actor_state()[0] == "running"
    run.calendar.take(STANDING)
    pause = run.calendar.next_pause(run.clock.now_ms())
    assert pause is not None
    run.clock.publish(pause.begins_ms + 1, 0, 0.0)
    key, why = run.actor_state()
    assert (key, why.startswith("exchange schedule until 05:00")) == ("paused", True)
    run.actor.disarm()
    run.metrics.decisions = 3
    assert run.actor_state() == ("off", "stopped")


def test_the_feed_judges_the_price_scale_by_the_books_of_the_run(tmp_path: Path) -> None:
    run = state(tmp_path)
    right, wrong = [["0.4400", "35.50"]], [["0.5600", "35.50"]]
    run.feed.start(["A"])
    run.feed.connection_made(run.wall.now_ms())
    for seq, asks in enumerate((right, wrong), start=1):
        frame = json.dumps(snapshot(seq, yes_dollars_fp=[["0.4000", "9.00"]], no_dollars_fp=asks))
        for event in run.feed.receive(frame, run.wall.now_ms()):
            if isinstance(event, BookSnapshot):
                run.books.apply_snapshot(event)
    assert run.feed.counters.wrong_scale == 1
    assert run.feed.live_tickers == set()


def test_the_pace_of_a_run_as_fast_as_possible_is_not_that_of_one_that_stands(
    tmp_path: Path,
) -> None:
    run, free = state(tmp_path, speed=4.0), state(tmp_path, speed=0.0)
    assert (run.pace(), free.pace()) == (1.0, 1.0)  # no exchange has told its time
    for each in (run, free):
        each.clock.publish(1_000, 0, 0.0)
    assert (run.pace(), free.pace()) == (0.0, math.inf)
    run.clock.publish(1_000, 0, 4.0)
    assert run.pace() == 4.0
    free.feed_watch.observe([VenueTime(1_000, 0, 0.0, 2_000)])
    assert free.pace() == math.inf
    free.feed_watch.observe([VenueTime(2_000, 0, 0.0, 2_000)])
    free.clock.publish(2_000, 0, 0.0)
    assert free.pace() == 0.0
