"""The running core: owns sockets, tasks and the order of start and stop. No Qt.

Start is a checklist; a step that fails says what to do and the rest goes on where it can. Stop is
the same order backwards: no new decisions, orders cancelled if asked, feed closed, recorder
flushed, exchange and database stopped.
"""

import asyncio
import gc
import logging
from collections.abc import Sequence
from contextlib import AsyncExitStack

from core.clock import SystemClock, WallClock
from core.errors import ConsoleError, JobError, StorageError, VenueError
from core.events import Event
from core.kalshi.requests import OrderRequest
from core.market.book import BookStatus
from core.market.discovery import MarketFilter
from core.market.events import BookDoubted
from core.runtime import checklist
from core.runtime.checklist import StepState
from core.runtime.commands import Answer, Command
from core.runtime.exchange_process import ExchangeProcess, command
from core.runtime.link import Link
from core.runtime.operator import Operator
from core.runtime.pipeline import Pipeline
from core.runtime.run_state import RunState
from core.runtime.standing_time import StandingTime
from core.runtime.tasks import Tasks
from core.runtime.warm_up import compile_kernels
from core.settings import Settings
from core.trading.order_index import ACTOR
from core.trading.reconciliation import Drift
from core.trading.wording import counted

_log = logging.getLogger(__name__)
TICK_SECONDS = 0.05
QUIET_SECONDS = 5.0


class Runtime(RunState):
    """One run: a venue, a feed, an account, an actor and a recording.

    Everything public is for reading, except `start`, `stop`, `quiet` and `execute`.

    Raises:
        ConfigError: the settings name no venue or no policy of this program.
    """

    def __init__(self, settings: Settings, wall: WallClock | None = None) -> None:
        super().__init__(settings, wall or SystemClock())
        self.pipeline = Pipeline(
            markets=self.markets,
            books=self.books,
            actor=self.actor,
            orders=self.orders,
            clock=self.clock,
            bus=self.bus,
            metrics=self.metrics,
            doubt=self._doubt,
            send=self._send,
            account_fed=self._account_fed,
            has_clock=True,
        )
        self._operator = Operator(
            actor=self.actor,
            orders=self.orders,
            clock=self.clock,
            steps=self.checklist,
            markets=self.markets,
            seed=settings.seed,
            is_over=self.feed_watch.is_over,
            follow=self._follow,
        )
        self._standing = StandingTime(self.clock, self.wall, self.budget)
        self._is_stopping = False
        self._tasks = Tasks(self._task_failed)

    # --- start and stop ----------------------------------------------------------------------

    async def start(self) -> None:
        """Run the checklist. A failed step is shown on it and logged; nothing is raised.

        `stop` ends a start under way, which then returns; after it there is none.
        """
        if self._is_stopping:
            return
        await asyncio.wait([self._tasks.start("start-up", self._run_checklist())])
        if not self._is_stopping:
            gc.freeze()  # collecting over everything imported would stop feed and frames for 0.2 s

    async def _run_checklist(self) -> None:
        async with asyncio.TaskGroup() as parts:  # when cancelled, waits until all are undone
            parts.create_task(self._open_storage(), name="open storage")
            parts.create_task(self._start_exchange(), name="start exchange")
            compiling = asyncio.to_thread(compile_kernels, lambda: self._is_stopping)
            parts.create_task(compiling, name="compile kernels")
        if self._exchange is None:
            return
        try:
            await self._open_link(self._exchange)
        except ConsoleError as error:
            self._note(checklist.LINK, StepState.FAILED, str(error))

    async def _open_storage(self) -> None:
        self._note(checklist.DATABASE, StepState.RUNNING)
        try:
            await self.recording.open()
        except StorageError as error:
            self._note(checklist.DATABASE, StepState.FAILED, f"{error} Nothing is recorded.")
        else:
            self._note(checklist.DATABASE, StepState.DONE, "PostgreSQL answers")

    async def _start_exchange(self) -> None:
        self._note(checklist.EXCHANGE, StepState.RUNNING)
        try:
            self._exchange = await ExchangeProcess.start(command(self.settings, self.venue))
        except JobError as error:
            self._note(checklist.EXCHANGE, StepState.FAILED, str(error))
            return
        self._note(checklist.EXCHANGE, StepState.DONE, self.venue.description)
        self._tasks.start("exchange watch", self._watch_exchange(self._exchange))

    async def _watch_exchange(self, exchange: ExchangeProcess) -> None:
        said = await exchange.wait()
        if self._is_stopping:
            return
        self.actor.disarm()
        if self.link is not None:
            self.link.halt()
        self.feed_watch.lost()
        self._note(
            checklist.EXCHANGE,
            StepState.FAILED,
            f"the local exchange ended ({said}): trading stopped, what was recorded is safe; "
            "open the sandbox or a session again to go on",
        )

    async def _open_link(self, exchange: ExchangeProcess) -> None:
        self._note(checklist.LINK, StepState.RUNNING)
        link = Link(
            exchange.served,
            wall=self.wall,
            clock=self.clock,
            feed=self.feed,
            books=self.books,
            orders=self.orders,
            markets=self.markets,
            limit=self.settings.markets,
            wanted=self.wanted,
            calendar=self.calendar,
            metrics=self.metrics,
            bus=self.bus,
            tasks=self._tasks,
            on_events=self._on_events,
            answered=self.pipeline.flush,
            doubt=self._doubt,
        )
        self.link = link
        write = (await link.check()).write
        self.budget.set_limits(write.refill_rate, write.bucket_capacity, self.clock.now_ms())
        self._note(checklist.LINK, StepState.DONE, f"answers in {link.rtt_ms or 0:.0f} ms")
        self._note(checklist.PORTFOLIO, StepState.RUNNING)
        await link.portfolio.open()
        self._note(checklist.PORTFOLIO, StepState.DONE, counted(len(list(self.ledger)), "position"))
        await self._begin_recording(link)
        self._note(checklist.MARKETS, StepState.RUNNING)
        await link.following.find()
        self._note_markets(link)
        self._note(checklist.FEED, StepState.RUNNING)
        link.start()
        self._tasks.start("tick", self._tick(link))

    async def _begin_recording(self, link: Link) -> None:
        venue_ms = link.status.venue_ms if link.status else 0
        try:
            recorder = await self.recording.begin(self.venue.word, self.source_text, venue_ms)
        except StorageError as error:
            advice = "Nothing is recorded; open the sandbox or the session again to record it."
            self._note(checklist.DATABASE, StepState.FAILED, f"{error} {advice}")
            return
        if recorder is not None:
            link.following.record_to(recorder)

    def _note_markets(self, link: Link) -> None:
        wanted = link.following.wanted
        names = [*wanted.series, *wanted.events, *wanted.categories]
        self._note(checklist.MARKETS, *checklist.markets_step(len(self.markets), names))

    async def stop(self) -> None:
        """Close everything in order; leaves no task and no process behind.

        A start under way ends first. Each part is closed even if the one before it failed.
        """
        self._is_stopping = True
        gc.unfreeze()
        self.actor.disarm()
        async with AsyncExitStack() as closing:  # last in, first out
            closing.push_async_callback(self.recording.close)
            closing.push_async_callback(self._stop_exchange)
            closing.push_async_callback(self.recording.end, self.clock.now_ms())
            closing.push_async_callback(self._close_link)
            closing.push_async_callback(self._tasks.close)

    async def _stop_exchange(self) -> None:
        if self._exchange is not None:
            await self._exchange.stop()

    async def _close_link(self) -> None:
        if self.link is not None:
            await self.link.close()

    async def quiet(self, seconds: float = QUIET_SECONDS) -> Drift | None:
        """Cancel the actor's orders and wait until they ended, at most a few seconds.

        Args:
            seconds: wall seconds; a comparison waits for a feed that lags.

        Returns:
            The comparison with the exchange's figures then, None if there was none.
        """
        self.orders.cancel_all(ACTOR, self.clock.now_ms())
        try:
            async with asyncio.timeout(seconds):
                while any(order.origin == ACTOR for order in self.orders.orders.open()):
                    self.pipeline.flush()
                    await asyncio.sleep(TICK_SECONDS)
                while self.link is not None:
                    drift = await self.link.portfolio.sync()
                    if drift is not None:
                        return drift
                    await asyncio.sleep(TICK_SECONDS)
        except TimeoutError:
            _log.warning("orders were still open or the account unclear after %s s", seconds)
        except VenueError as error:
            _log.warning("the account cannot be compared: %s", error)
        return None

    # --- commands ----------------------------------------------------------------------------

    @property
    def can_trade(self) -> bool:
        """True while the exchange answers and markets are followed."""
        return self._operator.can_trade

    async def execute(self, order: Command) -> Answer:
        """Carry out a command; the answer says what was done or why not."""
        answer = self._operator.execute(order)
        self.pipeline.flush()
        return answer

    def _follow(self, wanted: MarketFilter, limit: int) -> bool:
        if self.link is not None:
            self.link.following.ask(wanted, limit)
        return self.link is not None

    # --- what arrives ------------------------------------------------------------------------

    def _on_events(self, events: Sequence[Event]) -> None:
        for state in self.feed_watch.observe(events):
            is_trouble = bool(state.detail) and state.state != "connecting"
            level = logging.WARNING if is_trouble and not self._is_stopping else logging.INFO
            _log.log(level, "feed %s %s", state.state, state.detail)
            step = StepState.DONE if state.state == "live" else StepState.RUNNING
            self._note(checklist.FEED, step, state.detail)
        doubts = [event for event in events if type(event) is BookDoubted]
        if doubts and not self._is_stopping:
            books = counted(len(doubts), "book")
            _log.warning("%s in doubt until a snapshot: %s", books, doubts[0].reason)
        self.pipeline.on_events(events)

    def _doubt(self, ticker: str, reason: str) -> None:
        self._on_events(self.feed.doubt(ticker, reason, self.wall.now_ms()))

    def _send(self, requests: list[OrderRequest]) -> None:
        if self.link is not None:
            self.link.sender.send(requests)

    def _account_fed(self, is_whole: bool) -> None:
        if self.link is not None:
            self.link.portfolio.feed_tells(is_whole=is_whole)

    async def _tick(self, link: Link) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            self._standing.look()
            self.pipeline.tick()
            self.rates.sample(self.wall.monotonic_ns())
            offset_ms = self.clock_offset_ms()
            if offset_ms is not None:
                self.clock.set_offset(offset_ms)
            if self.markets and self.checklist.state(checklist.MARKETS) is StepState.FAILED:
                self._note_markets(link)
            if self.checklist.state(checklist.BOOKS) is not StepState.DONE:
                live = sum(book.status is BookStatus.LIVE for book in self.books)
                state = StepState.DONE if live else StepState.RUNNING
                self._note(checklist.BOOKS, state, f"{live} live")

    def _task_failed(self, name: str, error: BaseException) -> None:
        self.actor.disarm()
        self._note(
            checklist.FEED, StepState.FAILED, f"task {name} failed: {error}; restart the console"
        )
