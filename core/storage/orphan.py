"""A server whose console was killed: the last console that used it ends it."""

import asyncio
import contextlib
import logging
import os
import signal

import asyncpg

from core.storage.cluster import Cluster
from core.storage.processes import is_alive, serves

_log = logging.getLogger(__name__)
_TIMEOUT_S = 10.0
_ANSWER_TIMEOUT_S = 2.0
_POLL_S = 0.01
_FAILURES = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)
_OTHER_USERS = (
    "select count(*) from pg_stat_activity"
    " where backend_type = 'client backend' and pid <> pg_backend_pid()"
)


async def is_orphan(cluster: Cluster, dsn: str) -> bool:
    """True if the server's starter is gone and nobody else is connected."""
    owner = cluster.owner_pid
    if not owner or is_alive(owner):
        return False
    try:
        connection = await asyncpg.connect(dsn, timeout=_ANSWER_TIMEOUT_S)
    except _FAILURES:
        return False
    try:
        return not await connection.fetchval(_OTHER_USERS, timeout=_ANSWER_TIMEOUT_S)
    except _FAILURES:
        return False
    finally:
        connection.terminate()


async def stop_orphan(cluster: Cluster, pid: int) -> None:
    """Ask for a fast shutdown and wait for it; a server that stays is only warned about."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGINT)
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            while await asyncio.to_thread(serves, pid, cluster.data):  # noqa: ASYNC110
                await asyncio.sleep(_POLL_S)
    except TimeoutError:
        _log.warning("the database server of a killed console (process %d) does not stop", pid)
