"""Where the local exchange of the command line gets its liquidity from."""

import argparse
import json
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from core.clock import WallClock
from core.errors import ConfigError
from core.kalshi.endpoints import REST_PATH, WS_PATH, DataEndpoint
from core.kalshi.signing import Signer
from core.market.discovery import MarketFilter
from core.sandbox.flow import GeneratedFlow
from core.sandbox.flow_profiles import FAST_CRYPTO, PROFILES
from core.sandbox.generated_source import GeneratedSource
from core.sandbox.mirror import MirrorSource
from core.sandbox.recorded_source import RecordedSource
from core.sandbox.sources import Source
from core.sandbox.upstream import Upstream
from core.storage.importing import read_session
from core.storage.recorded_session import RecordedSession

GENERATED = "generated"
MIRROR = "mirror:"
_LONGEST_PAUSE_MS = 3_600_000
_log = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what says where liquidity comes from."""
    parser.add_argument(
        "--source",
        nargs="+",
        default=[GENERATED],
        metavar="SOURCE",
        help="'generated' (default); recorded session files, played in order of time; or "
        "mirror:production, mirror:demo, mirror:BASE_URL, whose books are shown live: the key, "
        "which may only read, comes by stdin as one JSON line {api_key_id, private_key_pem}",
    )
    parser.add_argument(
        "--series", nargs="+", default=[], metavar="TICKER", help="series a mirror follows; all"
    )
    parser.add_argument(
        "--profile",
        choices=sorted(PROFILES),
        default=FAST_CRYPTO.name,
        help="what generated flow is like (default %(default)s)",
    )
    parser.add_argument("--seed", type=int, default=1, help="of the generated flow and of ids")
    parser.add_argument(
        "--markets",
        type=positive,
        default=8,
        help="generated markets an event; of a mirror, in all",
    )
    parser.add_argument(
        "--speed", type=_speed, default=1.0, metavar="N|max", help="venue seconds per second"
    )


@asynccontextmanager
async def opened_source(args: argparse.Namespace, clock: WallClock) -> AsyncIterator[Source]:
    """The source that the arguments name, fed while the context is open.

    Raises:
        ConfigError: it cannot be used as asked.
        RefusedError: a mirror's key may write.
        VenueError: the mirrored exchange does not answer.
    """
    first = args.source[0]
    if not first.startswith(MIRROR):
        yield _generated(args, clock) if args.source == [GENERATED] else _recorded(args.source)
        return
    if len(args.source) > 1 or args.speed != 1.0:
        raise ConfigError("a mirror shows one exchange in its own time: leave the rest out")
    endpoint, signer = _endpoint(first.removeprefix(MIRROR)), _signer()
    wanted = MarketFilter(series=tuple(args.series))
    mirror = MirrorSource(Upstream(endpoint, signer, clock, args.markets, wanted), clock)
    async with mirror.mirroring():
        yield mirror


def _endpoint(name: str) -> DataEndpoint:
    if name == "production":
        return DataEndpoint.production()
    if name == "demo":
        return DataEndpoint.demo()
    if not name.startswith(("http://", "https://")):
        raise ConfigError(
            f"cannot mirror {name!r}: use {MIRROR}production, {MIRROR}demo, or {MIRROR} and the "
            "base_url of a local exchange"
        )
    base = name.removesuffix("/").removesuffix(REST_PATH)
    return DataEndpoint(base + REST_PATH, f"ws{base.removeprefix('http')}{WS_PATH}")


def _signer() -> Signer:
    """The key of a mirror, one JSON line on stdin: arguments and environment can be read by others.

    Raises:
        ConfigError: no such line, or a key that cannot be used.
    """
    try:
        key = json.loads(sys.stdin.buffer.readline())
        key_id, pem = key["api_key_id"], key["private_key_pem"]
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            'a mirror takes its key from stdin, as one JSON line: {"api_key_id": "...", '
            '"private_key_pem": "..."}'
        ) from error.with_traceback(None)
    return Signer(str(key_id), str(pem))


def _generated(args: argparse.Namespace, clock: WallClock) -> GeneratedSource:
    start_ms = clock.now_ms()
    flow = GeneratedFlow(args.seed, args.markets, start_ms, PROFILES[args.profile])
    return GeneratedSource(flow, start_ms)


def _recorded(names: list[str]) -> RecordedSource:
    sessions = [read_session(Path(name)) for name in names]
    for session in sessions:
        if session.report.damaged:
            _log.warning(
                "session %s is damaged (%s): it is played up to there",
                session.name,
                session.report.damaged,
            )
    _refuse_long_pauses(sessions)
    return RecordedSource(sessions)


def _refuse_long_pauses(sessions: list[RecordedSession]) -> None:
    """Sessions play in their own time, so days between them would be days of nothing.

    Raises:
        ConfigError: two neighbours lie more than an hour apart.
    """
    played = sorted(sessions, key=lambda session: session.start_ms)
    end_ms = played[0].end_ms
    for session in played[1:]:
        if session.start_ms - end_ms > _LONGEST_PAUSE_MS:
            hours = (session.start_ms - end_ms) / 3_600_000
            raise ConfigError(
                f"session {session.name} begins {hours:.1f} hours after the one before it ends; "
                "replay them one by one"
            )
        end_ms = max(end_ms, session.end_ms)


def positive(text: str) -> int:
    """A whole number above 0."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _speed(text: str) -> float:
    speed = 0.0 if text == "max" else float(text)
    if text != "max" and not 0 < speed <= 1e6:
        raise argparse.ArgumentTypeError("a positive number, or max")
    return speed
