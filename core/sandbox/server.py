"""The local exchange as a server on one loopback port."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import uuid4

from aiohttp import web

from core.clock import WallClock
from core.sandbox.account_api import AccountApi
from core.sandbox.auth import ApiKey, KeyRing, PublicKey, make_key
from core.sandbox.batch_api import BatchApi
from core.sandbox.control_api import ControlApi
from core.sandbox.exchange import Exchange
from core.sandbox.exchange_api import ExchangeApi
from core.sandbox.fault_actions import FaultActions
from core.sandbox.fault_injector import FaultInjector
from core.sandbox.fault_requests import RequestFaults, SteppedClock
from core.sandbox.fee_changes import FeeChanges
from core.sandbox.fee_control_api import FeeControlApi
from core.sandbox.gateway import HOST, Gateway
from core.sandbox.group_api import GroupApi
from core.sandbox.keys_api import KeysApi
from core.sandbox.limits import TIERS, RateLimits
from core.sandbox.market_control_api import MarketControlApi
from core.sandbox.publisher import Publisher
from core.sandbox.pump import Pump
from core.sandbox.request_path import RequestPath
from core.sandbox.rest_api import REST_PREFIX, WS_PATH, Guard
from core.sandbox.rest_json import json_response
from core.sandbox.rest_routes import trading_routes
from core.sandbox.rules import DEFAULT_RULES, ExchangeRules
from core.sandbox.sources import Source
from core.sandbox.subaccount_api import SubaccountApi
from core.sandbox.transfer_api import TransferApi
from core.sandbox.ws_api import WsApi
from core.trading.fees import fee_ceiling, fill_fee
from core.trading.queue_model import PRO_RATA, after_cancel, after_trade
from core.units import MICROS_PER_DOLLAR


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    """How to run a local exchange.

    Attributes:
        port: 0 lets the system choose.
        speed: venue seconds per wall second, 0 as fast as subscribers take it.
        cash_micros: what the first account owns.
        seed: of ids.
        rules: switches of the exchange.
        is_paced: venue time waits for every subscriber; it always does at speed 0.
    """

    port: int = 0
    speed: float = 1.0
    cash_micros: int = 1_000 * MICROS_PER_DOLLAR
    seed: int = 1
    rules: ExchangeRules = DEFAULT_RULES
    is_paced: bool = False


class Sandbox:
    """One running local exchange with one account and its key."""

    def __init__(self, settings: SandboxSettings, source: Source, clock: WallClock) -> None:
        self._settings = settings
        self._source = source
        self._clock = clock
        publisher = Publisher()
        self.exchange = Exchange(publisher, settings.seed, source.start_ms, settings.rules, clock)
        self.fee_changes = FeeChanges(self.exchange)
        self.limits = RateLimits(TIERS[settings.rules.tier])
        self._server_clock = SteppedClock(clock)
        self._keys = KeyRing(self._server_clock, settings.rules.timestamp_window_ms)
        is_paced = settings.is_paced or not settings.speed
        self._ws = WsApi(self.exchange, publisher, clock, is_paced=is_paced, seed=settings.seed)
        self.pump = Pump(
            self.exchange, source, clock, settings.speed, self._ws.until_taken, is_paced=is_paced
        )
        self._gateway = Gateway()
        self._requests = RequestFaults()
        actions = FaultActions(
            self.exchange, self._ws, self._requests, self._server_clock, self._gateway.restart
        )
        self.faults = FaultInjector(self.exchange, actions, clock)
        self.private_key = make_key()
        self.api_key_id = self.add_account(self.private_key.public_key())

    @property
    def base_url(self) -> str:
        """REST base, once started."""
        return f"http://{HOST}:{self._gateway.port}{REST_PREFIX}"

    @property
    def ws_url(self) -> str:
        """WebSocket URL, once started."""
        return f"ws://{HOST}:{self._gateway.port}{WS_PATH}"

    def add_account(self, public_key: PublicKey) -> str:
        """Open an account for this key; returns the key id."""
        account = self.exchange.open_account(self._settings.cash_micros)
        key_id = str(uuid4())  # as little told by the seed as the key itself
        self._keys.add(ApiKey(key_id, account.number, public_key))
        return key_id

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Serve, and let venue time run, while the context is open.

        Raises:
            ConfigError: the port is taken.
            Exception: what ended venue time, or left the context, as itself.
        """
        _compile_kernels()
        self._source.open(self.exchange)
        runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=1)
        await runner.setup()
        try:
            await self._gateway.open(runner, self._settings.port)
            if self._settings.rules.faults is not None:
                self.faults.follow(self._settings.rules.faults)
            async with asyncio.TaskGroup() as tasks:
                pumping = tasks.create_task(self.pump.run(), name="sandbox-pump")
                yield
                pumping.cancel()
        except ExceptionGroup as group:
            raise group.exceptions[0] from group
        finally:
            await self.faults.close()
            await self._ws.close()
            await runner.cleanup()

    def _application(self) -> web.Application:
        path = RequestPath(
            self.exchange, self._settings.seed, self._source.end_ms, lambda: self.pump.is_running
        )
        guard = Guard(self.exchange, self._keys, self.limits, self._clock, self._requests, path)
        application = web.Application(middlewares=[guard.middleware()])
        application.on_response_prepare.append(self._server_clock.stamp)
        application.add_routes(ExchangeApi(self.exchange).routes(REST_PREFIX))
        application.add_routes(trading_routes(self.exchange, self.fee_changes, path, REST_PREFIX))
        application.add_routes(KeysApi(self.exchange, self._keys, path).routes(REST_PREFIX))
        application.add_routes(AccountApi(self.exchange, self.limits, path).routes(REST_PREFIX))
        subaccounts = SubaccountApi(self.exchange, self.limits, path)
        application.add_routes(subaccounts.routes(REST_PREFIX))
        application.add_routes(TransferApi(self.exchange, path).routes(REST_PREFIX))
        application.add_routes(BatchApi(self.exchange, path).routes(REST_PREFIX))
        application.add_routes(GroupApi(self.exchange, path).routes(REST_PREFIX))
        application.add_routes(ControlApi(self.faults, self._ws).routes())
        application.add_routes(FeeControlApi(self.exchange, self.fee_changes).routes())
        application.add_routes(MarketControlApi(self.exchange).routes())
        application.add_routes(
            [web.get(WS_PATH, self._ws.serve), web.get("/sandbox/status", self._status)]
        )
        return application

    async def _status(self, _request: web.Request) -> web.Response:
        """Tell scripts where the replay stands."""
        return json_response(
            {
                "venue_ms": self.exchange.now_ms,
                "start_ms": self._source.start_ms,
                "end_ms": self._source.end_ms,
                "speed": self.pump.speed,
                "running": self.pump.is_running,
                "trades": self._source.trades,
            }
        )


def _compile_kernels() -> None:
    """Call each kernel once, so that no order waits for the compiler."""
    fill_fee(0, 100, 5_000, -500_000, 100, 0)
    fee_ceiling(0, 100, 5_000)
    after_trade(0, 0, 0)
    after_cancel(0, 100, 0, PRO_RATA)
