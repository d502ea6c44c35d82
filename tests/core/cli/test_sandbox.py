import asyncio
import json
import os
import signal
import stat
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from core.cli.__main__ import main
from core.clock import SystemClock
from core.kalshi.signing import Signer
from core.sandbox.faults import Schedule, planned


@asynccontextmanager
async def started(*arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "core.cli",
        "sandbox",
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def first_line(process: asyncio.subprocess.Process) -> dict[str, Any]:
    assert process.stdout is not None
    async with asyncio.timeout(60):
        line: dict[str, Any] = json.loads(await process.stdout.readline())
    return line


async def ended(process: asyncio.subprocess.Process) -> int:
    async with asyncio.timeout(20):
        return await process.wait()


async def failure(*arguments: str) -> tuple[int, str]:
    async with started(*arguments) as process, asyncio.timeout(60):
        out, err = await process.communicate()
        assert out == b""
        assert process.returncode is not None
        return process.returncode, err.decode()


def signer(line: dict[str, str]) -> Signer:
    return Signer(line["api_key_id"], Path(line["private_key_file"]).read_text())


def check_private(key_file: Path, home: Path) -> None:
    assert key_file.is_relative_to(home)
    if os.name == "posix":
        assert stat.S_IMODE(key_file.stat().st_mode) == 0o600


def key_files(home: Path) -> list[str]:
    return [str(path) for path in (home.resolve() / "sandbox").iterdir()]


async def test_serves_until_sigterm_and_keeps_its_key_to_itself(tmp_path: Path) -> None:
    async with started("--home", str(tmp_path), "--json", "--cash", "250") as process:
        line = await first_line(process)
        assert set(line) == {"base_url", "ws_url", "api_key_id", "private_key_file"}
        check_private(Path(line["private_key_file"]), tmp_path)
        async with (
            aiohttp.ClientSession() as http,
            http.get(line["base_url"] + "/exchange/status") as reply,
        ):
            assert (await reply.json())["exchange_active"]
        process.send_signal(signal.SIGTERM)
        assert await ended(process) == 0


async def test_two_of_one_home_keep_apart_and_leave_no_key_behind(tmp_path: Path) -> None:
    home = ("--home", str(tmp_path), "--markets", "1")
    async with started(*home) as first, started(*home) as second:
        lines = [await first_line(first), await first_line(second)]
        path = "/trade-api/v2/portfolio/balance"
        async with aiohttp.ClientSession() as http:
            for line in lines:
                headers = signer(line).headers("GET", path, SystemClock().now_ms())
                url = f"{line['base_url']}/portfolio/balance"
                async with http.get(url, headers=headers) as reply:
                    assert reply.status == 200
        first.send_signal(signal.SIGTERM)
        assert await ended(first) == 0
        assert key_files(tmp_path) == [lines[1]["private_key_file"]]
        second.send_signal(signal.SIGTERM)
        assert await ended(second) == 0
    assert key_files(tmp_path) == []


async def test_child_tells_its_key_and_ends_with_stdin() -> None:
    async with started("--child", "--markets", "1") as process:
        line = await first_line(process)
        assert line["private_key_pem"].startswith("-----BEGIN PRIVATE KEY-----")
        assert "private_key_file" not in line
        assert process.stdin is not None
        process.stdin.close()
        assert await ended(process) == 0


async def test_taken_port_is_one_sentence(tmp_path: Path) -> None:
    async with started("--home", str(tmp_path)) as process:
        line = await first_line(process)
        port = line["base_url"].split(":")[2].split("/")[0]
        code, text = await failure("--home", str(tmp_path), "--port", port)
    assert code == 1
    assert text.strip().splitlines()[-1].startswith(f"kalshiflow-rl: port {port} cannot be used")
    assert "Traceback" not in text


@pytest.mark.parametrize("content", [None, b"", b"not a session\n"])
def test_bad_session_file_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None
) -> None:
    path = tmp_path / "session.jsonl"
    if content is not None:
        path.write_bytes(content)
    assert main(["sandbox", "--home", str(tmp_path), "--source", str(path)]) == 1
    captured = capsys.readouterr()
    assert str(path) in captured.err
    assert captured.out == ""


def test_unwritable_home_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    assert main(["sandbox", "--home", str(blocked)]) == 1
    assert "--home" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [("--speed", "0"), ("--speed", "fast"), ("--port", "70000"), ("--markets", "0")]
)
def test_wrong_usage(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as error:
        main(["sandbox", *arguments])
    assert error.value.code == 2
    assert arguments[0] in capsys.readouterr().err


def test_help_has_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as error:
        main(["sandbox", "--help"])
    assert error.value.code == 0
    shown = capsys.readouterr().out
    assert "example:" in shown
    assert "--set tier=advanced" in shown
    assert "--set faults=7,every_ms=500,scope=all" in shown
    assert "off, or SEED[,every_ms=N]" in shown
    assert "refuse or cancel (default refuse)" in shown


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("teir=off", "read_lag_ms"),
        ("tier=x", "basic"),
        ("faults=x", "off, or SEED"),
        ("faults=7,kinds=rain", "Invalid enum value 'rain'"),
    ],
)
def test_a_wrong_setting_is_answered_with_the_right_ones(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], setting: str, told: str
) -> None:
    assert main(["sandbox", "--home", str(tmp_path), "--set", setting]) == 1
    captured = capsys.readouterr()
    assert captured.err.startswith("kalshiflow-rl: ")
    assert told in captured.err
    assert captured.out == ""


async def test_settings_rule_the_exchange(tmp_path: Path) -> None:
    async with started("--home", str(tmp_path), "--set", "tier=prime") as process:
        line = await first_line(process)
        path = "/trade-api/v2/account/limits"
        headers = signer(line).headers("GET", path, SystemClock().now_ms())
        url = f"{line['base_url']}/account/limits"
        async with aiohttp.ClientSession() as http, http.get(url, headers=headers) as reply:
            assert (await reply.json())["usage_tier"] == "prime"
        process.send_signal(signal.SIGTERM)
        assert await ended(process) == 0


async def test_starts_with_a_seeded_schedule_of_faults(tmp_path: Path) -> None:
    faults = "faults=7,every_ms=5,kinds=balance,time=wall,count=3"
    async with started("--home", str(tmp_path), "--markets", "1", "--set", faults) as process:
        line = await first_line(process)
        url = line["base_url"].removesuffix("/trade-api/v2") + "/sandbox/faults"
        async with aiohttp.ClientSession() as http, asyncio.timeout(20):
            told: dict[str, Any] = {"counts": {}}
            while told["counts"] != {"balance": 3}:
                async with http.get(url) as reply:
                    told = await reply.json()
        changes = [entry["fault"]["change_micros"] for entry in told["done"]]
        steps = planned(Schedule(7, 5, ("balance",), time="wall", count=3))
        assert changes == [getattr(step.fault, "change_micros", None) for step in steps]
        process.send_signal(signal.SIGTERM)
        assert await ended(process) == 0


async def test_every_account_has_its_own_key_and_cash(tmp_path: Path) -> None:
    async with started("--home", str(tmp_path), "--accounts", "3", "--cash", "250") as process:
        line = await first_line(process)
        accounts = [line, *line["other_accounts"]]
        path = "/trade-api/v2/portfolio/balance"
        assert len({account["api_key_id"] for account in accounts}) == 3
        async with aiohttp.ClientSession() as http:
            for account in accounts:
                check_private(Path(account["private_key_file"]), tmp_path)
                headers = signer(account).headers("GET", path, SystemClock().now_ms())
                url = f"{line['base_url']}/portfolio/balance"
                async with http.get(url, headers=headers) as reply:
                    assert (await reply.json())["balance_dollars"] == "250.0000"
        process.send_signal(signal.SIGTERM)
        assert await ended(process) == 0
