"""Protocol 5.2: every error that a command can be answered with."""

import json
from typing import Any

import pytest
from exchange_host import ANY, Host
from wrong_commands import BOOK, WRONG_COMMANDS


@pytest.mark.parametrize(
    ("command", "code"), [c[1:] for c in WRONG_COMMANDS], ids=[c[0] for c in WRONG_COMMANDS]
)
async def test_wrong_command_is_answered_with_its_code(
    host: Host, command: dict[str, Any] | str, code: int
) -> None:
    async with host.ann.socket() as socket:
        await socket.subscribe(BOOK, market_ticker=ANY.ticker)
        await socket.read()
        text = command if isinstance(command, str) else json.dumps({"id": 77} | command)
        await socket.connection.send(text)
        answer = await socket.read()
        assert (await socket.until_quiet()) == []
    assert answer["type"] == "error"
    assert answer["msg"]["code"] == code
    assert answer["msg"]["msg"]
    if code != 1:
        assert answer["id"] == 77


async def test_a_command_that_times_out_is_told_and_does_nothing(host: Host) -> None:
    async with host.ann.socket() as socket:
        await host.inject(kind="error_18", commands=2)
        told = []
        for _ in range(2):
            number = await socket.command("subscribe", channels=["trade"])
            answer = await socket.read()
            told.append((answer["type"], answer["id"] == number, answer["msg"]["code"]))
        assert told == [("error", True, 18)] * 2
        assert await socket.subscribe("trade") == [1], "the first that is carried out"


async def test_id_0_is_not_returned(host: Host) -> None:
    async with host.ann.socket() as socket:
        await socket.connection.send(json.dumps({"id": 0, "cmd": "list_subscriptions"}))
        answer = await socket.read()
    assert answer.get("id", 0) == 0
    assert (answer["type"], answer["msg"]) == ("ok", [])
