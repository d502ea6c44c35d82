"""The local exchange as a child: started, watched, stopped, never left behind."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from core.errors import JobError
from core.runtime import exchange_process
from core.runtime.exchange_process import ExchangeProcess, command
from core.runtime.venue import venue_of
from core.settings import Settings

ROOT = Path(__file__).resolve().parents[3]
DEMO = ROOT / "resources" / "demo" / "demo-session.jsonl.gz"
SERVED = (
    'import json; print(json.dumps({"base_url": "u", "ws_url": "w", "api_key_id": "k",'
    ' "private_key_pem": "secret"}), flush=True)\n'
)
Until = Any  # the fixture's type stands in conftest.py, which no test can import


def python(script: str) -> list[str]:
    return [sys.executable, "-c", script]


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_command_of_a_generated_exchange(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, speed=0.0, markets=3, seed=7, cash_micros=250_000_000)
    words = command(settings, venue_of(settings))
    assert words[:6] == [sys.executable, "-m", "core.cli", "sandbox", "--child", "--json"]
    text = " ".join(words)
    assert "--source generated --speed max --seed 7 --markets 3 --cash 250" in text


def test_command_of_a_replay_names_every_session(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, sessions=(tmp_path / "a", tmp_path / "b"), speed=2.5)
    text = " ".join(command(settings, venue_of(settings)))
    assert f"--source {tmp_path / 'a'} {tmp_path / 'b'} --speed 2.5" in text


async def test_serves_until_it_is_stopped(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, sessions=(DEMO,))
    exchange = await ExchangeProcess.start(command(settings, venue_of(settings)))
    assert is_alive(exchange.pid)
    assert exchange.served.base_url.startswith("http://127.0.0.1:")
    assert "PRIVATE KEY" in exchange.served.private_key_pem
    assert "PRIVATE KEY" not in repr(exchange.served)
    await exchange.stop()
    assert not is_alive(exchange.pid)


async def test_a_session_that_is_missing_is_the_sentence(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, sessions=(tmp_path / "missing.jsonl",))
    with pytest.raises(JobError, match=r"did not start: .*missing\.jsonl"):
        await ExchangeProcess.start(command(settings, venue_of(settings)))


@pytest.mark.parametrize("script", ["pass", "print('hello')"])
async def test_a_child_that_says_nothing_useful_is_named(script: str) -> None:
    with pytest.raises(JobError, match="said nothing; start the console again"):
        await ExchangeProcess.start(python(script))


async def test_a_start_that_takes_too_long_leaves_no_child(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(exchange_process, "START_SECONDS", 0.3)
    script = "import os, sys; print('busy reading', file=sys.stderr, flush=True); os.read(0, 1)"
    with pytest.raises(JobError, match="did not start"):
        await ExchangeProcess.start(python(script))


async def test_a_cancelled_start_leaves_no_child(tmp_path: Path, until: Until) -> None:
    note = tmp_path / "pid"
    script = f"import os; open({str(note)!r}, 'w').write(f'{{os.getpid()}} '); os.read(0, 1)"
    starting = asyncio.get_running_loop().create_task(
        ExchangeProcess.start(python(script)), name="start"
    )
    await until(lambda: note.exists() and note.read_text().endswith(" "))
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert not is_alive(int(note.read_text()))


async def test_its_last_words_are_told(caplog: pytest.LogCaptureFixture) -> None:
    last = "import os, sys; os.write(2, b'working\\nout of memory\\n'); sys.exit(3)"
    exchange = await ExchangeProcess.start(python(SERVED + last))
    with caplog.at_level("INFO"):
        assert await exchange.wait() == "out of memory"
    assert "exchange: working" in caplog.text
    await exchange.stop()


async def test_a_line_beyond_the_readers_limit_ends_nothing(
    caplog: pytest.LogCaptureFixture, until: Until
) -> None:
    talk = (
        "import os, sys\n"
        "sys.stderr.write('x' * 1_000_000 + '\\nstill here\\n'); sys.stderr.flush()\n"
        "os.read(0, 1)\nsys.stderr.write('good bye\\n')"
    )
    with caplog.at_level("INFO"):
        exchange = await ExchangeProcess.start(python(SERVED + talk))
        await until(lambda: "exchange: still here" in caplog.text)
        await exchange.stop()
    assert await exchange.wait() == "good bye"


async def test_a_silent_death_is_told_by_its_code() -> None:
    exchange = await ExchangeProcess.start(python(SERVED + "import os; os.read(0, 1)"))
    os.kill(exchange.pid, signal.SIGKILL)
    assert await exchange.wait() == f"exit code {-signal.SIGKILL}"
    await exchange.stop()


async def test_one_that_does_not_go_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange_process, "STOP_SECONDS", 0.2)
    exchange = await ExchangeProcess.start(python(SERVED + "import time; time.sleep(600)"))
    await exchange.stop()
    assert not is_alive(exchange.pid)
