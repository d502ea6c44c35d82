"""One way to call the vendor's blocking and its asynchronous client, and to note what failed.

Runs in the environment of the vendor's clients, not in this project's.
"""

import asyncio
import importlib
import inspect
import json
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

PAUSE_S = 0.1
PATIENCE = 100


class Vendor:
    """The vendor's package for one manner of calling: `sync` or `async`."""

    def __init__(self, manner: str, base_url: str) -> None:
        self._package = importlib.import_module(f"kalshi_python_{manner}")
        self._base_url = base_url

    def client(self, key_id: str, pem: str) -> "Client":
        """A client of one key."""
        configuration = self._package.Configuration(host=self._base_url)
        configuration.api_key_id = key_id
        configuration.private_key_pem = pem
        return Client(self._package.KalshiClient(configuration))


class Client:
    """The vendor's client; every method is awaited, whichever package it comes from."""

    def __init__(self, inner: Any) -> None:  # noqa: ANN401  (from a package unknown here)
        self._inner = inner

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        method = getattr(self._inner, name)

        async def call(*arguments: object, **fields: object) -> Any:  # noqa: ANN401
            for _ in range(PATIENCE):
                try:
                    result = method(*arguments, **fields)
                    return await result if inspect.isawaitable(result) else result
                except Exception as error:
                    if getattr(error, "status", None) != 429:
                        raise
                await asyncio.sleep(PAUSE_S)
            raise TimeoutError(f"{name}: nothing but 429")

        return call

    async def close(self) -> None:
        """Let go of connections, where the package keeps any open."""
        closing = getattr(self._inner, "close", None)
        result = closing() if closing else None
        if inspect.isawaitable(result):
            await result


class Report:
    """What each method did, printed as one JSON line for each."""

    def __init__(self) -> None:
        self._errors: dict[str, list[str]] = {}

    @contextmanager
    def step(self, *methods: str) -> Iterator[None]:
        """Steps that show these methods; whatever goes wrong is held against all of them."""
        for method in methods:
            self._errors.setdefault(method, [])
        try:
            yield
        except Exception:  # the report tells it, and the other steps still run
            for method in methods:
                self._errors[method].append(traceback.format_exc(limit=-2))

    def print(self) -> None:
        """Print the lines."""
        for method, errors in self._errors.items():
            print(json.dumps({"method": method, "errors": errors}), flush=True)


def word(value: object) -> str:
    """Text of an enumeration's member, or of text."""
    return str(getattr(value, "value", value))


async def refused(call: Any, status: int) -> None:  # noqa: ANN401  (an awaitable)
    """Check that a call is refused with this status."""
    found = None
    try:
        await call
    except Exception as error:
        found = getattr(error, "status", repr(error))
    assert found == status, found
