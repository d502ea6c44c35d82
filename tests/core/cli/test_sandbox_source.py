"""`kalshiflow-rl sandbox --source mirror:…`: one local exchange shows another, key by stdin."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from core.clock import SystemClock
from core.kalshi.signing import Signer

Line = dict[str, Any]
PATH = "/trade-api/v2/api_keys/generate"
NAMES = {"api_key_id": "api_key_id", "private_key_pem": "private_key"}
"""Members of the line a mirror reads, and of the exchange's answer."""


@asynccontextmanager
async def sandbox(
    *arguments: str, stdin: str = ""
) -> AsyncIterator[tuple[asyncio.subprocess.Process, Line]]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "core.cli", "sandbox", *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(stdin.encode())
    try:
        async with asyncio.timeout(60):
            line = await process.stdout.readline()
        yield process, json.loads(line) if line else {}
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(20):
            await process.communicate()


def signer(line: Line) -> Signer:
    return Signer(line["api_key_id"], Path(line["private_key_file"]).read_text())


async def key_of(line: Line, *scopes: str) -> str:
    """A new key of the exchange's account with these scopes, as the line a mirror reads."""
    headers = signer(line).headers("POST", PATH, SystemClock().now_ms())
    url = line["base_url"].removesuffix("/trade-api/v2") + PATH
    body = {"name": "mirror", "scopes": list(scopes)}
    async with (
        aiohttp.ClientSession() as http,
        http.post(url, json=body, headers=headers) as reply,
    ):
        made = await reply.json()
    return json.dumps({k: made[n] for k, n in NAMES.items()}) + "\n"


async def tickers(line: Line) -> set[str]:
    async with aiohttp.ClientSession() as http, http.get(line["base_url"] + "/markets") as reply:
        return {market["ticker"] for market in (await reply.json())["markets"]}


async def test_a_mirror_shows_the_markets_of_another_exchange(tmp_path: Path) -> None:
    async with sandbox("--home", str(tmp_path), "--markets", "2") as (_, original):
        key = await key_of(original, "read")
        source = f"mirror:{original['base_url']}"
        arguments = ("--home", str(tmp_path / "mirror"), "--source", source)
        async with sandbox(*arguments, stdin=key) as (process, mirror):
            assert mirror["base_url"] != original["base_url"]
            assert await tickers(mirror) == await tickers(original) != set()
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(20):
                assert await process.wait() == 0


async def test_a_key_that_may_write_is_refused_on_principle(tmp_path: Path) -> None:
    async with sandbox("--home", str(tmp_path), "--markets", "1") as (_, original):
        key = await key_of(original, "read", "write")
        arguments = ("--home", str(tmp_path), "--source", f"mirror:{original['base_url']}")
        async with sandbox(*arguments, stdin=key) as (process, line):
            assert line == {}
            assert process.stderr is not None
            text = (await process.stderr.read()).decode()
            assert await process.wait() == 3
    assert "only read" in text
    assert "Traceback" not in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--source", "mirror:production"), "stdin"),
        (("--source", "mirror:elsewhere"), "mirror:production"),
        (("--source", "mirror:demo", "--speed", "2"), "its own time"),
        (("--source", "mirror:https://example.com"), "exchange's own hosts"),
    ],
)
async def test_what_cannot_be_mirrored_is_one_sentence(
    tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    async with sandbox("--home", str(tmp_path), *arguments, stdin="{}\n") as (process, line):
        assert line == {}
        assert process.stderr is not None
        text = (await process.stderr.read()).decode()
        assert await process.wait() == 1
    assert said in text.splitlines()[-1]
    assert "Traceback" not in text
