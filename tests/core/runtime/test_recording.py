"""The recording of a run, with and without a database."""

from pathlib import Path

import pytest

from core.errors import StorageError
from core.events import Bus
from core.market.events import Trade
from core.runtime.recording import Recording
from core.settings import Settings


async def test_what_the_bus_tells_is_recorded_until_the_end(home: Path) -> None:
    bus = Bus()
    recording = Recording(Settings(home=home), bus)
    assert recording.stats is None
    await recording.open()
    assert await recording.begin("SANDBOX", "generated", 1_000) is not None
    bus.publish(Trade("t", "T", 4_000, 100, 0, 1_001))
    await recording.end(2_000)
    bus.publish(Trade("u", "T", 4_000, 100, 0, 2_001))
    stats = recording.stats
    assert stats is not None
    assert (stats.written, stats.queued, stats.dropped) == (1, 0, 0)
    await recording.close()


async def test_without_a_database_nothing_is_recorded_and_the_reason_is_kept(
    tmp_path: Path,
) -> None:
    settings = Settings(home=tmp_path, database_url="postgresql://nobody@127.0.0.1:1/none")
    recording = Recording(settings, Bus())
    with pytest.raises(StorageError):
        await recording.open()
    assert "DATABASE_URL" in recording.detail
    assert await recording.begin("SANDBOX", "generated", 0) is None
    await recording.end(1)
    await recording.close()
    assert recording.stats is None
