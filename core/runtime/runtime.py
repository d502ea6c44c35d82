"""The running core: owns sockets, tasks and the order of start and stop. No Qt.

Start is a checklist; a step that fails says what to do and the rest goes on where it can. Stop is
the same order backwards: no new decisions, orders cancelled if asked, feed closed, recorder
flushed, exchange and database stopped.
"""

import asyncio
import logging
import secrets

from core.agent.actor import Actor
from core.agent.policies import POLICIES
from core.clock import SystemClock, VenueClock, WallClock
from core.errors import ConfigError, ConsoleError, JobError, StorageError, VenueError
from core.events import Bus, Event
from core.kalshi.endpoints import DataEndpoint, OrderEndpoint
from core.kalshi.events import FeedState
from core.kalshi.feed import FeedSession
from core.kalshi.limits import WriteBudget
from core.kalshi.requests import OrderRequest
from core.kalshi.rest import KalshiRest, OrderRest
from core.kalshi.signing import Signer
from core.kalshi.stream import FeedStream
from core.market.books import Books
from core.market.market import Market
from core.runtime import checklist
from core.runtime.checklist import Checklist, StepState
from core.runtime.commands import (
    Answer,
    CancelAllOrders,
    CancelOneOrder,
    Command,
    StartTrading,
    StopTrading,
)
from core.runtime.exchange_process import ExchangeProcess, command
from core.runtime.following import Following
from core.runtime.metrics import Metrics
from core.runtime.pipeline import Pipeline
from core.runtime.portfolio import Portfolio
from core.runtime.sender import OrderSender
from core.runtime.tasks import Tasks
from core.runtime.venue import venue_of
from core.runtime.warm_up import compile_kernels
from core.settings import Settings
from core.storage.recorder import Recorder
from core.storage.store import Storage
from core.trading.kalshi_order_manager import KalshiOrderManager
from core.trading.ledger import Ledger
from core.trading.order_manager import TradingLimits

_log = logging.getLogger(__name__)
