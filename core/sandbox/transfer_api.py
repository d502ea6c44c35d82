"""REST surface of transfers between the accounts of one user.

Kalshi has two calls for them. The wider one also moves cash between shards and to margined
trading; here are one shard and event contracts only, so every transfer it can make is one between
subaccounts and is listed with those, as the venue says.
"""

from typing import Literal
from uuid import UUID

import msgspec
from aiohttp import web

from core.sandbox import queries
from core.sandbox.accounts import Account
from core.sandbox.errors import not_found, refusal
from core.sandbox.exchange import Exchange
from core.sandbox.order_checks import require_fields
from core.sandbox.request_path import RequestPath
from core.sandbox.rest_json import Json, json_response, read_body
from core.sandbox.rights import ACCOUNT, LOCK
from core.sandbox.subaccounts import Subaccounts
from core.sandbox.transfers import Transfer, TransferDesk

_CENTICENTS_PER_CENT = 100

_Instance = Literal["event_contract", "margined"]


class _TransferBody(msgspec.Struct):
    client_transfer_id: UUID | None = None
    from_subaccount: int | None = None
    to_subaccount: int | None = None
    amount_cents: int | None = None
    exchange_index: int = 0


class _WideBody(msgspec.Struct):
    """`amount` is in hundredths of a cent."""

    source: _Instance | None = None
    destination: _Instance | None = None
    amount: int | None = None
    source_exchange_shard: int = 0
    destination_exchange_shard: int = 0
    source_subaccount: int | None = None
    destination_subaccount: int | None = None
    client_transfer_id: UUID | None = None


class TransferApi:
    """Handlers; a transfer goes the way of orders, or it would overtake them."""

    def __init__(self, exchange: Exchange, path: RequestPath) -> None:
        self._exchange = exchange
        self._path = path
        self._subaccounts = Subaccounts(exchange)
        self._desk = TransferDesk(exchange)

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """Routes under the API prefix."""
        portfolio = f"{prefix}/portfolio"
        wide = f"{portfolio}/intra_exchange_instance_transfer"
        return [
            web.post(f"{portfolio}/subaccounts/transfer", self.transfer),
            web.get(f"{portfolio}/subaccounts/transfers", self.transfers),
            web.post(wide, self.wide_transfer),
            web.get(f"{wide}s", self.wide_transfers),
            web.get(f"{wide}s/{{transfer_id}}", self.wide_transfer_of),
        ]

    async def transfer(self, request: web.Request) -> web.Response:
        """Move cents; the client's id names the transfer, which is made once."""
        body = await read_body(request, _TransferBody)
        required = ("client_transfer_id", "from_subaccount", "to_subaccount", "amount_cents")
        require_fields(body, required)
        source = self._subaccounts.named(request, body.from_subaccount, body.exchange_index)
        destination = self._subaccounts.named(request, body.to_subaccount)
        transfer_id = str(body.client_transfer_id)
        await self._move(source, destination, body.amount_cents or 0, transfer_id)
        return json_response({})

    async def transfers(self, request: web.Request) -> web.Response:
        """List transfers, newest first; a locked key sees those of its subaccount."""
        query, lock = request.query, request.get(LOCK)
        limit = queries.integer(query, "limit", 100, "GetSubaccountTransfers", (1, 1000))
        wanted = (
            transfer
            for transfer in self._desk.of_user(request[ACCOUNT])
            if lock in (None, transfer.source, transfer.destination)
        )
        shown, cursor = queries.page(wanted, lambda transfer: transfer.serial, query, limit)
        return json_response({"cursor": cursor, "transfers": [_view(each) for each in shown]})

    async def wide_transfer(self, request: web.Request) -> web.Response:
        """Move hundredths of cents, in whole cents, under an id of the exchange's own."""
        body = await read_body(request, _WideBody)
        require_fields(body, ("source", "destination", "amount"))
        if "margined" in (body.source, body.destination):
            raise refusal(400, "bad_request", "only event contracts are traded here")
        source = self._subaccounts.named(
            request, body.source_subaccount, body.source_exchange_shard
        )
        destination = self._subaccounts.named(
            request, body.destination_subaccount, body.destination_exchange_shard
        )
        if body.client_transfer_id is not None:
            raise refusal(400, "bad_request", "client_transfer_id is for primary accounts alone")
        cents, rest = divmod(body.amount or 0, _CENTICENTS_PER_CENT)
        if rest:
            raise refusal(400, "bad_request", "subaccounts exchange whole cents")
        made = await self._move(source, destination, cents, self._exchange.new_id())
        return json_response({"transfer_id": made.transfer_id})

    async def wide_transfers(self, request: web.Request) -> web.Response:
        """List transfers that leave the shard: there is nowhere to go."""
        operation = "GetIntraExchangeInstanceTransfers"
        queries.integer(request.query, "limit", 100, operation, (1, 500))
        return json_response({"transfers": []})

    async def wide_transfer_of(self, _request: web.Request) -> web.Response:
        """One transfer that left the shard: none did."""
        raise not_found()

    async def _move(
        self, source: Account, destination: Account, cents: int, transfer_id: str
    ) -> Transfer:
        return await self._path.act(
            source, lambda: self._desk.move(source, destination, cents, transfer_id)
        )


def _view(transfer: Transfer) -> Json:
    return {
        "transfer_id": transfer.transfer_id,
        "from_subaccount": transfer.source,
        "to_subaccount": transfer.destination,
        "amount_cents": transfer.amount_cents,
        "created_ts": transfer.created_ms // 1000,
        "exchange_index": 0,
    }
