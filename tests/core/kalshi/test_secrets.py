"""No secret leaves the program: not by a representation, not by an error, not by the log."""

import asyncio
import dataclasses
import logging
import pickle
import pkgutil
import random
import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import core
from core.clock import SystemClock
from core.errors import ConfigError, RejectedError
from core.kalshi.endpoints import DataEndpoint, OrderEndpoint
from core.kalshi.feed import FeedSession
from core.kalshi.order_rest import OrderRest
from core.kalshi.rest import KalshiRest
from core.kalshi.signing import Signer, load_key
from core.kalshi.stream import FeedStream
from core.kalshi.transport import Transport
from core.runtime.exchange_process import Served
from core.sandbox.auth import private_pem

# The fixture's type stands in conftest.py, which no test can import.
ScriptUser = Any
SECRET = re.compile(r"private|secret|password|pem$|signer|dsn$|database_url")


def values() -> Iterator[type]:
    """Every class of the core that writes its own members into its representation."""
    for found in pkgutil.walk_packages(core.__path__, "core."):
        for kind in vars(import_module(found.name)).values():
            if isinstance(kind, type) and kind.__module__ == found.name:
                is_struct = issubclass(kind, msgspec.Struct) and "__repr__" not in vars(kind)
                if is_struct or dataclasses.is_dataclass(kind):
                    yield kind


def shown(kind: type) -> list[str]:
    """Names of the members that its representation shows."""
    if dataclasses.is_dataclass(kind):
        return [member.name for member in dataclasses.fields(kind) if member.repr]
    return list(kind.__struct_fields__)


def test_no_value_shows_a_member_that_is_secret() -> None:
    kinds = list(values())
    assert len(kinds) > 100
    found = {f"{k.__name__}.{name}" for k in kinds for name in shown(k) if SECRET.search(name)}
    assert found == set()


def lines_of(pem: str) -> list[str]:
    """The lines of a key that tell anything."""
    return [line for line in pem.splitlines() if line and "PRIVATE KEY" not in line]


def test_what_holds_a_key_does_not_show_it() -> None:
    pem = private_pem(Ed25519PrivateKey.generate())
    signer = Signer("0c9b8c52-7f6e-4f43-8d21-0f8f1a6e7e10", pem)
    rest_url, ws_url = "http://127.0.0.1:1/trade-api/v2", "ws://127.0.0.1:1/trade-api/ws/v2"
    wall, rng = SystemClock(), random.Random(1)
    holders = [
        signer,
        Served(rest_url, ws_url, signer.key_id, pem),
        Transport(rest_url, wall, signer),
        KalshiRest(DataEndpoint(rest_url, ws_url), signer, wall, rng),
        OrderRest(OrderEndpoint.sandbox(rest_url), signer, wall),
        FeedStream(ws_url, signer, FeedSession(), wall, lambda _: None, rng),
    ]
    for holder in holders:
        for text in (repr(holder), str(holder), f"{holder!r:}"):
            assert not any(line in text for line in lines_of(pem))
            assert signer.key_id not in text
    with pytest.raises(TypeError, match="stays in its process"):
        pickle.dumps(signer)


def test_an_error_about_a_key_does_not_quote_it() -> None:
    pem = private_pem(Ed25519PrivateKey.generate())
    (secret,) = lines_of(pem)
    broken = pem.replace("BEGIN", "BEGYN")
    with pytest.raises(ConfigError) as caught:
        load_key(broken)
    texts = (str(caught.value), repr(caught.value), repr(caught.value.__cause__))
    assert not any(secret in text for text in texts)


async def test_the_log_at_its_most_talkative_holds_no_secret(
    user: ScriptUser, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    signatures: list[str] = []
    sign = Signer.headers

    def noted(self: Signer, method: str, path: str, now_ms: int) -> dict[str, str]:
        headers = sign(self, method, path, now_ms)
        signatures.append(headers["KALSHI-ACCESS-SIGNATURE"])
        return headers

    monkeypatch.setattr(Signer, "headers", noted)
    caplog.set_level(logging.DEBUG)
    pem = private_pem(user.sandbox.private_key)
    signer = Signer(user.sandbox.api_key_id, pem)
    session = FeedSession()
    session.start(user.tickers)
    events: list[object] = []
    stream = FeedStream(
        user.sandbox.ws_url, signer, session, SystemClock(), events.extend, random.Random(1)
    )
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(stream.run(), name="stream")
        await user.place(0, 3_000, 100)
        await user.rest.balance()
        with pytest.raises(RejectedError):
            await user.rest.order("nobody")
        while session.state != "live":  # noqa: ASYNC110  (state behind a socket)
            await asyncio.sleep(0.005)
        running.cancel()
    assert len(signatures) >= 4
    secrets = [*signatures, *lines_of(pem), signer.key_id]
    logging.getLogger("core.kalshi.stream").debug("this is heard")
    said = [caplog.text, *map(repr, events)]
    assert "this is heard" in said[0]
    assert not [secret for secret in secrets for text in said if secret in text]
