"""The local exchange under test, and the record of a long walk through it."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from exchange_host import Host, hosting
from journey import Journey, travel


@pytest.fixture
async def host() -> AsyncIterator[Host]:
    """An exchange with the default rules, but without rate limits."""
    async with hosting() as running:
        yield running


@pytest.fixture(scope="session")
def journey() -> Journey:
    """What the long walk was answered; only to be read."""
    return asyncio.run(travel())
