"""The command line of `kalshiflow`, an interface that others script. No Qt."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from core.errors import ConfigError
from core.market.discovery import check_limit
from core.settings import Settings, default_home, environment, parse_speed

EXAMPLE = """examples:
  kalshiflow                                   local exchange with generated flow
  kalshiflow --session FILE.jsonl.gz --speed 10
  kalshiflow --smoke 30 --screenshot out.png   the main job for 30 s, without a display
"""


@dataclass(frozen=True)
class Options:
    """What the command line asked for beside the run's settings."""

    settings: Settings
    is_headless: bool
    smoke_seconds: float | None
    screenshot: Path | None
    is_strategy_named: bool
    is_following_named: bool


def parser() -> argparse.ArgumentParser:
    """The argument parser."""
    made = argparse.ArgumentParser(
        prog="kalshiflow",
        description="Collect Kalshi order books and let an agent paper trade. No real money, ever.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument(
        "--mode",
        default="sandbox",
        metavar="MODE",
        help="sandbox (default) or replay; live does not exist",
    )
    made.add_argument(
        "--session", nargs="+", type=Path, default=[], metavar="FILE", help="replay recordings"
    )
    made.add_argument("--speed", default="1", metavar="N|max", help="venue seconds per second")
    made.add_argument("--strategy", default=None, metavar="NAME", help="hardcoded or hold")
    made.add_argument(
        "--markets", type=int, default=None, metavar="N", help="markets to follow, 1 to 1000"
    )
    for name, what in (("series", "series"), ("events", "events"), ("categories", "categories")):
        made.add_argument(
            f"--{name}", nargs="+", default=[], metavar="NAME", help=f"follow these {what} only"
        )
    made.add_argument(
        "--activity",
        choices=("volume", "changes"),
        default=None,
        help="follow the most active by 24 h volume (default) or by recent book changes",
    )
    made.add_argument("--seed", type=int, default=1, metavar="N", help="seed of flow and policy")
    made.add_argument("--home", type=Path, default=None, metavar="DIR", help="folder of all state")
    made.add_argument("--headless", action="store_true", help="run without a window")
    made.add_argument("--smoke", type=float, default=None, metavar="SECONDS")
    made.add_argument("--screenshot", type=Path, default=None, metavar="PNG")
    return made


def parse(arguments: list[str]) -> Options:
    """Read the command line.

    Raises:
        SystemExit: bad usage (2) or --help (0).
        ConfigError: a value that argparse cannot judge.
    """
    made = parser()
    given = made.parse_args(arguments)
    markets = Settings.markets if given.markets is None else given.markets
    try:
        check_limit(markets)
    except ConfigError as error:
        made.error(f"--markets: {error}")
    if given.smoke is not None and given.smoke <= 0:
        made.error("--smoke needs a positive number of seconds")
    if given.screenshot is not None and (given.smoke is None or given.headless):
        made.error("--screenshot is the window's picture at the end of --smoke SECONDS")
    variables = environment()
    settings = Settings(
        home=(given.home or default_home(variables)).expanduser().resolve(),
        mode=given.mode,
        sessions=tuple(path.expanduser().resolve() for path in given.session),
        speed=parse_speed(given.speed),
        strategy=given.strategy or "hardcoded",
        markets=markets,
        series=tuple(given.series),
        events=tuple(given.events),
        categories=tuple(given.categories),
        activity=given.activity or "volume",
        seed=given.seed,
        database_url=Settings.database_from(variables),
    )
    following = (given.markets, given.series, given.events, given.categories, given.activity)
    return Options(
        settings,
        given.headless,
        given.smoke,
        given.screenshot,
        given.strategy is not None,
        any(following),
    )
