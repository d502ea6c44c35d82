"""Carries out the operator's commands on a running core; each is answered in one sentence."""

import logging
from collections.abc import Callable, Mapping

from core.agent.actor import Actor
from core.agent.policies import POLICIES
from core.clock import VenueClock
from core.errors import ConfigError
from core.market.discovery import MarketFilter
from core.market.market import Market
from core.runtime import checklist
from core.runtime.checklist import Checklist, StepState
from core.runtime.commands import (
    Answer,
    CancelAllOrders,
    CancelOneOrder,
    Command,
    FollowMarkets,
    StartTrading,
    StopTrading,
)
from core.trading.kalshi_order_manager import KalshiOrderManager
from core.trading.order_index import ACTOR
from core.trading.wording import contracts, counted

_log = logging.getLogger(__name__)


class Operator:
    """Starts and stops the actor and cancels orders, as the trader commands.

    Args:
        seed: of a policy that is made when trading starts with another one.
        is_over: tells whether a recorded session has ended.
        follow: takes which markets to follow; False while there is no exchange to ask.
    """

    def __init__(
        self,
        *,
        actor: Actor,
        orders: KalshiOrderManager,
        clock: VenueClock,
        steps: Checklist,
        markets: Mapping[str, Market],
        seed: int,
        is_over: Callable[[], bool],
        follow: Callable[[MarketFilter, int], bool],
    ) -> None:
        self._actor = actor
        self._orders = orders
        self._clock = clock
        self._steps = steps
        self._markets = markets
        self._seed = seed
        self._is_over = is_over
        self._follow = follow

    @property
    def can_trade(self) -> bool:
        """True while the exchange answers, tells its time, and markets are followed."""
        needed = (checklist.EXCHANGE, checklist.MARKETS)
        is_ready = all(self._steps.state(name) is StepState.DONE for name in needed)
        return is_ready and self._clock.is_published and not self._is_over()

    def execute(self, command: Command) -> Answer:
        """Carry out a command; the answer says what was done or why not."""
        now_ms = self._clock.now_ms()
        match command:
            case StartTrading():
                answer = self._start(command.policy, now_ms)
            case StopTrading():
                self._actor.disarm()
                count = self._orders.cancel_all(ACTOR, now_ms)
                answer = Answer(True, f"Stopped: {_cancelling(count)}, {self._held()}.")
            case CancelAllOrders():
                count = self._orders.cancel_all("", now_ms)
                answer = Answer(True, f"{_cancelling(count).capitalize()}.")
            case CancelOneOrder():
                answer = self._cancel(command.client_order_id, now_ms)
            case FollowMarkets():
                answer = self._follow_markets(command)
        _log.info("%s", answer.text)
        return answer

    def _start(self, policy: str, now_ms: int) -> Answer:
        if policy not in POLICIES:
            return Answer(False, f"Unknown policy {policy}: use one of {', '.join(POLICIES)}.")
        if not self.can_trade:
            return Answer(False, f"Cannot trade: {self._obstacle()}.")
        if policy != self._actor.policy.name:
            self._actor.policy = POLICIES[policy](self._seed)
        self._actor.arm(now_ms)
        return Answer(True, f"Trading with {policy}.")

    def _obstacle(self) -> str:
        if self._is_over():
            return "the recording has ended; open it again to replay it"
        failed = self._steps.blockers()
        return f"{failed[0].name}: {failed[0].detail}" if failed else "start-up is not done"

    def _cancel(self, client_order_id: str, now_ms: int) -> Answer:
        order = self._orders.orders.get(client_order_id)
        if order is None or not order.is_open:
            return Answer(False, "That order has ended already.")
        self._orders.doom([client_order_id], now_ms)
        return Answer(True, "The order is being cancelled.")

    def _follow_markets(self, asked: FollowMarkets) -> Answer:
        wanted = MarketFilter(
            asked.series,
            asked.events,
            asked.categories,
            asked.least_volume_lots,
            asked.activity,
        )
        try:
            has_begun = self._follow(wanted, asked.limit)
        except ConfigError as error:
            return Answer(False, f"{str(error)[:1].upper()}{str(error)[1:]}.")
        if not has_begun:
            return Answer(False, "The exchange does not answer yet: try again in a moment.")
        return Answer(True, f"Following up to {counted(asked.limit, 'market')} {_scope(asked)}.")

    def _held(self) -> str:
        held = [
            f"{contracts(abs(account.position_lots))} {_outcome(account.position_lots)} "
            f"{self._title(account.ticker)}"
            for account in self._orders.ledger
            if account.position_lots
        ]
        return "positions stay: " + ", ".join(held) if held else "no position is held"

    def _title(self, ticker: str) -> str:
        market = self._markets.get(ticker)
        return market.short_title if market else ticker


def _scope(asked: FollowMarkets) -> str:
    names = [*asked.series, *asked.events, *asked.categories]
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return f"of {shown}" if names else "of the whole exchange"


def _cancelling(count: int) -> str:
    if count == 0:
        return "no order to cancel"
    return f"{counted(count, 'order')} {'is' if count == 1 else 'are'} being cancelled"


def _outcome(position_lots: int) -> str:
    return "YES" if position_lots > 0 else "NO"
