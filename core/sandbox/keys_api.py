"""REST surface of API keys: list, add by public key, generate, remove (protocol 2.7)."""

import asyncio

import msgspec
from aiohttp import web
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from core.sandbox.auth import (
    FULL_ACCESS,
    ApiKey,
    KeyRing,
    PrivateKey,
    PublicKey,
    make_key,
    private_pem,
)
from core.sandbox.errors import not_found, refusal
from core.sandbox.exchange import Exchange
from core.sandbox.request_path import RequestPath
from core.sandbox.rest_json import Json, json_response, read_body
from core.sandbox.rights import ACCOUNT, LOCK, check_scopes
from core.sandbox.subaccounts import Subaccounts

_LEAST_RSA_BITS = 2048


class _KeyBody(msgspec.Struct):
    name: str = ""
    scopes: list[str] | None = None
    subaccount: int | None = None
    fcm_subtrader_id: str = ""  # of intermediaries: read, and nobody here is one


class _PublicKeyBody(_KeyBody):
    public_key: str = ""


class _GenerateBody(_KeyBody):
    key_type: str = "rsa"


class KeysApi:
    """Handlers."""

    def __init__(self, exchange: Exchange, keys: KeyRing, path: RequestPath) -> None:
        self._exchange = exchange
        self._keys = keys
        self._path = path
        self._subaccounts = Subaccounts(exchange)

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """Routes under the API prefix."""
        keys = f"{prefix}/api_keys"
        return [
            web.get(keys, self.keys),
            web.post(keys, self.create),
            web.post(f"{keys}/generate", self.generate),
            web.delete(f"{keys}/{{key_id}}", self.delete),
        ]

    async def keys(self, request: web.Request) -> web.Response:
        """List the account's keys."""
        found = self._keys.of_account(request[ACCOUNT])
        return json_response({"api_keys": [_view(key) for key in found]})

    async def create(self, request: web.Request) -> web.Response:
        """Accept a key whose private half the caller keeps."""
        body = await read_body(request, _PublicKeyBody)
        if not body.public_key:
            raise refusal(400, "missing_parameters", "public_key")
        key_id = await self._add(request, body, _public_key(body.public_key))
        return json_response({"api_key_id": key_id}, 201)

    async def generate(self, request: web.Request) -> web.Response:
        """Make a key; its private half is in this answer and nowhere else."""
        body = await read_body(request, _GenerateBody)
        _check(body)
        private_key = await _generated(body.key_type)
        key_id = await self._add(request, body, private_key.public_key())
        answer = {
            "api_key_id": key_id,
            "private_key": private_pem(private_key),
            "key_type": body.key_type,
        }
        return json_response(answer, 201)

    async def delete(self, request: web.Request) -> web.Response:
        """Remove a key; it opens nothing any more."""
        key_id, user = request.match_info["key_id"], self._subaccounts.user(request)[0]
        await self._path.act(user, lambda: self._remove(request[ACCOUNT], key_id))
        return web.Response(status=204)

    def _remove(self, account: int, key_id: str) -> None:
        for key in self._keys.of_account(account):
            if key.key_id == key_id:
                self._keys.remove(key)
                return
        raise not_found()

    async def _add(self, request: web.Request, body: _KeyBody, public_key: PublicKey) -> str:
        _check(body)
        scopes = tuple(body.scopes) if body.scopes is not None else FULL_ACCESS
        key_id = self._exchange.new_id()
        lock = self._lock(request, body)
        key = ApiKey(key_id, request[ACCOUNT], public_key, body.name, scopes, lock)
        await self._path.act(self._subaccounts.user(request)[0], lambda: self._keys.add(key))
        return key_id

    def _lock(self, request: web.Request, body: _KeyBody) -> int | None:
        """What a new key is locked to: a locked key cannot beget a free one."""
        number = request.get(LOCK) if body.subaccount is None else body.subaccount
        return None if number is None else self._subaccounts.named(request, number).subaccount


def _check(body: _KeyBody) -> None:
    if not body.name:
        raise refusal(400, "missing_parameters", "name")
    if body.scopes is not None:
        check_scopes(body.scopes)


async def _generated(key_type: str) -> PrivateKey:
    match key_type:
        case "rsa":
            return await asyncio.to_thread(make_key)
        case "ed25519":
            return ed25519.Ed25519PrivateKey.generate()
        case _:
            raise refusal(400, "bad_request", "key_type must be rsa or ed25519")


def _public_key(pem: str) -> PublicKey:
    """Read a PEM public key of a kind the exchange verifies.

    Raises:
        ApiError: 400.
    """
    try:
        key = serialization.load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise refusal(400, "bad_request", "public_key is no PEM public key") from error
    if isinstance(key, ed25519.Ed25519PublicKey):
        return key
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= _LEAST_RSA_BITS:
        return key
    raise refusal(400, "bad_request", "public_key must be RSA of 2048 bits or more, or Ed25519")


def _view(key: ApiKey) -> Json:
    view: Json = {"api_key_id": key.key_id, "name": key.name, "scopes": list(key.scopes)}
    if key.subaccount is not None:
        view["subaccount"] = key.subaccount
    return view
