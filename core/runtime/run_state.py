"""What a run is made of and how it stands: the parts that others read, and what they say together.

Starts nothing, sends nothing and takes nothing in; `Runtime` does.
"""

import logging
import math
import secrets
from typing import TYPE_CHECKING

from core.agent.actor import Actor
from core.agent.policies import POLICIES, Policy
from core.clock import VenueClock, WallClock
from core.errors import ConfigError
from core.events import Bus
from core.kalshi.feed import FeedSession
from core.kalshi.limits import BASIC_WRITE_PER_S, WriteBudget
from core.market.books import Books
from core.market.calendar import Calendar
from core.market.discovery import MarketFilter, activity_of
from core.runtime.checklist import Checklist, StepState
from core.runtime.feed_watch import FeedWatch
from core.runtime.metrics import Metrics, Rates
from core.runtime.portfolio import Portfolio
from core.runtime.recording import Recording
from core.runtime.venue import venue_of
from core.settings import MAX_SPEED, Settings
from core.storage.write_queue import WriteStats
from core.trading.kalshi_order_manager import KalshiOrderManager
from core.trading.ledger import Ledger
from core.trading.order_manager import TradingLimits

if TYPE_CHECKING:
    from core.market.market import Market
    from core.runtime.exchange_process import ExchangeProcess
    from core.runtime.link import Link

_log = logging.getLogger(__name__)


class RunState:
    """The parts of one run.

    Attributes:
        link: connection to the exchange, None until that serves.

    Raises:
        ConfigError: the settings name no venue or no policy of this program.
    """

    def __init__(self, settings: Settings, wall: WallClock) -> None:
        self.settings = settings
        self.venue = venue_of(settings)
        self.wall = wall
        self.clock = VenueClock(wall)
        self.bus = Bus()
        self.books = Books()
        self.markets: dict[str, Market] = {}
        self.metrics = Metrics()
        self.rates = Rates(self.metrics)
        self.checklist = Checklist()
        self.ledger = Ledger()
        self.budget = WriteBudget(BASIC_WRITE_PER_S, BASIC_WRITE_PER_S, wall.now_ms())
        self.orders = KalshiOrderManager(
            self.ledger, self.budget, TradingLimits(), secrets.token_hex(4)
        )
        self.calendar = Calendar()
        self.actor = Actor(_policy(settings), self.calendar)
        self.feed = FeedSession(has_clock=True, held=self.books.get)
        self.feed_watch = FeedWatch(wall, self.clock)
        self.recording = Recording(settings, self.bus)
        self.link: Link | None = None
        self._exchange: ExchangeProcess | None = None

    def _note(self, name: str, state: StepState, detail: str = "") -> None:
        is_news = state is not self.checklist.state(name)
        self.checklist.note(name, state, detail)
        if state is StepState.FAILED:
            _log.error("%s: %s", name, detail)
        elif is_news and state is StepState.DONE:
            _log.info("%s: %s", name, detail or "done")

    @property
    def portfolio(self) -> Portfolio | None:
        """Comparison with the exchange, None before the link stands."""
        return self.link.portfolio if self.link else None

    @property
    def source_text(self) -> str:
        """What the market data are, in one word or by file name."""
        names = [path.name for path in self.settings.sessions]
        return ", ".join(names) if names else "generated"

    @property
    def wanted(self) -> MarketFilter:
        """Which markets this run was started to follow."""
        return MarketFilter(
            series=self.settings.series,
            events=self.settings.events,
            categories=self.settings.categories,
            least_volume_lots=self.settings.least_volume_lots,
            activity=activity_of(self.settings.activity),
        )

    @property
    def trades_kind(self) -> str:
        """real, inferred or none, as the exchange says of its source."""
        return self.link.status.trades if self.link and self.link.status else "none"

    @property
    def exchange_pid(self) -> int | None:
        """Process id of the local exchange, None while there is none."""
        return self._exchange.pid if self._exchange else None

    def recorder_stats(self) -> WriteStats | None:
        """How the recording stands, None without one."""
        return self.recording.stats

    def alert(self) -> str:
        """What is wrong now and what to do about it, "" if nothing is."""
        if self.feed_watch.is_over():
            return "The recording has ended. Open it again to replay it, or go to the sandbox."
        failed = self.checklist.blockers() or self.checklist.failures()
        return f"{failed[0].name}: {failed[0].detail}" if failed else ""

    def actor_state(self) -> tuple[str, str]:
        """Key of the actor's state and one clause about it."""
        if not self.actor.is_armed:
            return "off", "stopped" if self.metrics.decisions else "not started"
        if self.feed_watch.is_over():
            return "paused", "the recording has ended"
        paused = self.calendar.obstacle(self.clock.now_ms())
        if paused:
            return "paused", paused.removeprefix("paused: ")
        return "running", f"{self.actor.policy.name}, {self.metrics.decisions} decisions"

    def rest_ms(self) -> float | None:
        """Round trip of the last request in milliseconds."""
        return self.link.rtt_ms if self.link else None

    def clock_offset_ms(self) -> int | None:
        """Exchange minus wall time, measured; None before any answer."""
        if self.link is None or self.clock.is_published:
            return None  # a local exchange states its time; there is nothing to measure
        return self.link.rest.clock_offset_ms

    def pace(self) -> float:
        """Venue seconds per wall second, infinity for max, 0 while time stands still."""
        is_free = self.settings.speed == MAX_SPEED and self.clock.is_published
        return math.inf if is_free and not self.feed_watch.is_over() else self.clock.speed

    def write_tokens(self) -> int:
        """Write tokens held now."""
        return self.budget.tokens(self.clock.now_ms())


def _policy(settings: Settings) -> Policy:
    if settings.strategy not in POLICIES:
        raise ConfigError(
            f"unknown strategy {settings.strategy!r}: use one of {', '.join(POLICIES)}"
        )
    return POLICIES[settings.strategy](settings.seed)
