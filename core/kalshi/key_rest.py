"""Writes that concern the account itself: its API keys and its usage level.

A generated private key is in one answer and nowhere else; it is never shown or logged here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import quote

import msgspec

from core.kalshi.limits import UPGRADE_COST
from core.kalshi.reader import readable
from core.kalshi.rest_wire import parse
from core.kalshi.writer import Writer

KeyType = Literal["rsa", "ed25519"]


@dataclass(frozen=True, slots=True)
class GeneratedKey:
    """A key that the exchange made; its private half is PEM text."""

    api_key_id: str
    private_key: str = field(repr=False)
    key_type: str = ""
    warning: str = ""


class _KeyMade(msgspec.Struct):
    api_key_id: str


class KeyWriter(Writer):
    """Adds and removes API keys, and asks for a higher usage level."""

    async def create_key(
        self,
        name: str,
        public_key_pem: str,
        *,
        scopes: Sequence[str] | None = None,
        subaccount: int | None = None,
    ) -> str:
        """Have a key accepted whose private half stays here; returns its id.

        Args:
            name: for people.
            public_key_pem: RSA or Ed25519.
            scopes: what it may do; None for all that an account may.
            subaccount: the only one it may use; None for all.
        """
        body = key_body(scopes, subaccount, name=name, public_key=public_key_pem)
        data = await self._write("POST", "/api_keys", body=body)
        return readable(lambda: parse(data, _KeyMade).api_key_id)

    async def generate_key(
        self,
        name: str,
        key_type: KeyType = "ed25519",
        *,
        scopes: Sequence[str] | None = None,
        subaccount: int | None = None,
    ) -> GeneratedKey:
        """Have a key made; nobody shows its private half again. As `create_key` otherwise."""
        body = key_body(scopes, subaccount, name=name, key_type=key_type)
        data = await self._write("POST", "/api_keys/generate", body=body)
        return readable(lambda: parse(data, GeneratedKey))

    async def delete_key(self, api_key_id: str) -> None:
        """Remove a key, which opens nothing any more; an unknown one is a 404 RejectedError."""
        await self._write("DELETE", f"/api_keys/{quote(api_key_id, safe='')}")

    async def upgrade_usage_level(self) -> None:
        """Ask for the tier above the lowest; 403 RejectedError before any order was placed.

        What the account has afterwards is told by its limits.
        """
        await self._write("POST", "/account/api_usage_level/upgrade", cost=UPGRADE_COST)


def key_body(scopes: Sequence[str] | None, subaccount: int | None, **members: str) -> bytes:
    """Body that names a new key, with what it may do where that is limited."""
    body: dict[str, object] = dict(members)
    if scopes is not None:
        body["scopes"] = list(scopes)
    if subaccount is not None:
        body["subaccount"] = subaccount
    return msgspec.json.encode(body)
