"""What a run does with one exchange: follow its feed and markets, keep the account, send orders."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from core.clock import VenueClock, WallClock
from core.events import Bus, Event
from core.kalshi.feed import FeedSession
from core.market.books import Books
from core.market.calendar import Calendar
from core.market.discovery import MarketFilter
from core.market.events import BookSnapshot
from core.market.market import Market
from core.runtime.book_question import BookQuestion
from core.runtime.cross_check import CrossCheck
from core.runtime.event_fees import EventFees
from core.runtime.exchange_clients import ExchangeClients, SandboxStatus
from core.runtime.exchange_process import Served
from core.runtime.following import Following
from core.runtime.metrics import Metrics
from core.runtime.portfolio import Portfolio
from core.runtime.scale_check import ScaleCheck
from core.runtime.sender import OrderSender
from core.runtime.tasks import Tasks
from core.runtime.trading_hours import TradingHours
from core.trading.kalshi_order_manager import KalshiOrderManager

if TYPE_CHECKING:
    import asyncio

    from core.kalshi.rest_wire import AccountLimits


class Link:
    """Everything that talks to the local exchange for one run.

    Args:
        served: where it serves, and our key.
        wanted: which markets to follow, at most `limit`.
        calendar: kept in step with the exchange's hours.
        on_events: takes what the feed gives, in order.
        answered: called after every order answer.
        doubt: distrusts a book for a reason and has it repaired.
    """

    def __init__(
        self,
        served: Served,
        *,
        wall: WallClock,
        clock: VenueClock,
        feed: FeedSession,
        books: Books,
        orders: KalshiOrderManager,
        markets: dict[str, Market],
        limit: int,
        wanted: MarketFilter,
        calendar: Calendar,
        metrics: Metrics,
        bus: Bus,
        tasks: Tasks,
        on_events: Callable[[Sequence[Event]], None],
        answered: Callable[[], None],
        doubt: Callable[[str, str], None],
    ) -> None:
        self._tasks = tasks
        self.status: SandboxStatus | None = None
        self._running: list[asyncio.Task[None]] = []
        self._clients = ExchangeClients(served, wall, metrics.written, clock)
        self.rest = self._clients.rest
        self.hours = TradingHours(self.rest, calendar, clock)
        self.following = Following(
            rest=self.rest,
            feed=feed,
            books=books,
            markets=markets,
            asked=(wanted, limit),
            is_held=orders.is_engaged,
            tasks=tasks,
            clock=clock,
            tell=on_events,
        )
        self._stream = self._clients.stream(feed, on_events)
        self.portfolio = self._portfolio(orders, clock, bus, answered)
        self._feed = feed
        self._clock = clock
        self._on_events = on_events
        self.scale_check, self.cross_check = self._book_checks(books, bus, doubt)
        lost = self.portfolio.question
        self.sender = OrderSender(
            self._clients.orders, orders, clock, tasks, answered=answered, lost=lost
        )
        bus.subscribe(self.following.observe)
        bus.subscribe(EventFees(self.rest, markets, tasks).observe)

    def _portfolio(
        self, orders: KalshiOrderManager, clock: VenueClock, bus: Bus, answered: Callable[[], None]
    ) -> Portfolio:
        return Portfolio(
            self.rest,
            orders,
            clock,
            bus,
            reread_markets=self.following.reread,
            answered=answered,
            caught_up=self._stream.catch_up,
        )

    def _book_checks(
        self, books: Books, bus: Bus, doubt: Callable[[str, str], None]
    ) -> tuple[ScaleCheck, CrossCheck]:
        question = BookQuestion(self.rest, books, bus, self._stream.catch_up)
        scale = ScaleCheck(question, self._feed, books, self._condemn)
        levels = CrossCheck(
            question,
            self._feed,
            bus,
            condemn=self._condemn,
            doubt=doubt,
            grouped=scale.note_group,
        )
        return scale, levels

    async def check(self) -> "AccountLimits":
        """Prove that the exchange answers and knows our key; read what its source is.

        Returns:
            How fast this account may ask.

        Raises:
            VenueError: it does not.
        """
        await self.rest.exchange_status()
        limits = await self.rest.account_limits()
        await self.hours.read()
        self.status = await self._clients.status()
        return limits

    def start(self) -> None:
        """Begin to follow the feed, the markets and the hours, and to compare the portfolio."""
        self.portfolio.feed_tells(is_whole=False)  # it has told nothing yet
        self._running = [
            self._tasks.start("feed stream", self._stream.run()),
            self._tasks.start("portfolio", self.portfolio.run()),
            self._tasks.start("following", self.following.run()),
            self._tasks.start("trading hours", self.hours.run()),
            self._tasks.start("book cross-check", self.cross_check.run()),
            self._tasks.start("price scale check", self.scale_check.run()),
        ]

    def _condemn(self, theirs: BookSnapshot) -> bool:
        events = self._feed.answered(theirs, self._clock.wall_ms())
        self.cross_check.counters.other_scale += bool(events)
        self._on_events(events)
        return bool(events)

    def halt(self) -> None:
        """The exchange is gone: stop following it."""
        for task in self._running:
            task.cancel()

    @property
    def rtt_ms(self) -> float | None:
        """Round trip of the last order request, else of the last read; None before any."""
        return self._clients.rtt_ms

    async def close(self) -> None:
        """Close the REST connections; tasks are their owner's."""
        await self._clients.close()
