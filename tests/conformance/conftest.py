"""The local exchange under test, with two accounts of plain clients."""

from collections.abc import AsyncIterator

import pytest
from exchange_host import Host, hosting


@pytest.fixture
async def host() -> AsyncIterator[Host]:
    """An exchange with the default rules, but without rate limits."""
    async with hosting() as running:
        yield running
