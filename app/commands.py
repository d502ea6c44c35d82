"""The one way widgets act: a command goes to the running core, its answer comes back as a signal.

Each command runs as its own named task on the Qt loop; a widget never awaits.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal, SignalInstance

from core.runtime.commands import (
    Answer,
    CancelAllOrders,
    CancelOneOrder,
    Command,
    FollowMarkets,
    StartTrading,
    StopTrading,
)
from core.runtime.tasks import Tasks

FINISH_SECONDS = 10.0
Execute = Callable[[Command], Awaitable[Answer]]
Open = Callable[[tuple[Path, ...], float], Awaitable[Answer]]


class Commands(QObject):
    """Sends commands and reports each answer as (text, accepted)."""

    _answered = Signal(str, bool)

    @property
    def answered(self) -> SignalInstance:
        """Emitted with (text, accepted) for every answer."""
        return self._answered

    def __init__(self, execute: Execute, open_venue: Open, policy: str) -> None:
        """Take what carries commands out.

        Args:
            execute: carries out a command of the running core.
            open_venue: closes the running core and opens another on these sessions
                (none for generated flow) at this speed.
            policy: the policy that Start trades with.
        """
        super().__init__()
        self._execute = execute
        self._open = open_venue
        self._policy = policy
        self._tasks = Tasks(self._failed)

    def start_trading(self) -> None:
        """Let the agent decide and order."""
        self._run("start trading", self._execute(StartTrading(self._policy)))

    def stop_trading(self) -> None:
        """End its decisions and cancel its orders; positions stay."""
        self._run("stop trading", self._execute(StopTrading()))

    def cancel_all(self) -> None:
        """Cancel every open order."""
        self._run("cancel all orders", self._execute(CancelAllOrders()))

    def cancel_order(self, client_order_id: str) -> None:
        """Cancel one order."""
        self._run("cancel order", self._execute(CancelOneOrder(client_order_id)))

    def follow_markets(self, asked: FollowMarkets) -> None:
        """Follow other markets from now on; what is held stays."""
        self._run("follow markets", self._execute(asked))

    def open_session(self, paths: list[Path], speed: float) -> None:
        """Replay recorded sessions in the local exchange."""
        self._run("open session", self._open(tuple(paths), speed))

    def open_sandbox(self) -> None:
        """Go back to the generated market."""
        self._run("open sandbox", self._open((), 1.0))

    async def close(self) -> None:
        """Let commands that were given finish, but not for ever."""
        await self._tasks.finish(FINISH_SECONDS)

    def _run(self, name: str, answer: Awaitable[Answer]) -> None:
        self._tasks.start(name, self._report(answer))

    async def _report(self, awaited: Awaitable[Answer]) -> None:
        answer = await awaited
        self.answered.emit(answer.text, answer.accepted)

    def _failed(self, name: str, error: BaseException) -> None:
        self.answered.emit(f"{name} failed: {error}", False)
