"""The run's recording: a database that may be missing, and one session in it."""

from core.errors import StorageError
from core.events import Bus
from core.settings import Settings
from core.storage.recorder import Recorder
from core.storage.store import Storage
from core.storage.write_queue import WriteStats


class Recording:
    """Opens the database, records one session, closes both.

    Attributes:
        detail: how it stands, for a person, while nothing is recorded.
    """

    def __init__(self, settings: Settings, bus: Bus) -> None:
        self._settings = settings
        self._bus = bus
        self._storage: Storage | None = None
        self._recorder: Recorder | None = None
        self.detail = "not started"

    @property
    def stats(self) -> WriteStats | None:
        """How the recording stands, None while there is none."""
        return self._recorder.stats if self._recorder else None

    async def open(self) -> None:
        """Open the database.

        Raises:
            StorageError: there is none that can be used; the run goes on without.
        """
        try:
            self._storage = await Storage.open(self._settings.home, self._settings.database_url)
        except StorageError as error:
            self.detail = str(error)
            raise

    async def begin(self, venue: str, source: str, venue_ms: int) -> Recorder | None:
        """Record a session from now on; None without a database.

        Raises:
            StorageError: the database went away; the run goes on without.
        """
        if self._storage is None:
            return None
        try:
            self._recorder = await self._storage.begin_session(
                mode="paper", venue=venue, source=source, venue_ms=venue_ms
            )
        except StorageError as error:
            self.detail = str(error)
            raise
        self._bus.subscribe(self._recorder.observe)
        return self._recorder

    async def end(self, venue_ms: int) -> None:
        """Write what is queued and end the session; the database stays open."""
        if self._recorder is not None:
            await self._recorder.end(venue_ms)

    async def close(self) -> None:
        """Close the database."""
        if self._storage is not None:
            await self._storage.close()
