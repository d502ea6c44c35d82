"""Keys of the local exchange and the check of signed requests (protocol section 2)."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

from core.clock import WallClock
from core.sandbox.errors import ApiError, refusal

PublicKey = rsa.RSAPublicKey | ed25519.Ed25519PublicKey
PrivateKey = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey

KEY_HEADER = "KALSHI-ACCESS-KEY"
TIMESTAMP_HEADER = "KALSHI-ACCESS-TIMESTAMP"
SIGNATURE_HEADER = "KALSHI-ACCESS-SIGNATURE"

FULL_ACCESS = ("read", "write")

_STAMP = re.compile(r"[0-9]{1,18}")
_PSS = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A public key and the account it speaks for.

    Attributes:
        subaccount: the only one it may name, None for any.
    """

    key_id: str
    account: int
    public_key: PublicKey
    name: str = "local"
    scopes: tuple[str, ...] = FULL_ACCESS
    subaccount: int | None = None


class KeyRing:
    """Knows the keys and verifies signatures against the wall clock."""

    def __init__(self, clock: WallClock, window_ms: int = 10_000) -> None:
        self._clock = clock
        self._window_ms = window_ms
        self._keys: dict[str, ApiKey] = {}

    def add(self, key: ApiKey) -> None:
        """Accept a key from now on."""
        self._keys[key.key_id] = key

    def of_account(self, account: int) -> list[ApiKey]:
        """Keys of an account, oldest first."""
        return [key for key in self._keys.values() if key.account == account]

    def remove(self, key: ApiKey) -> None:
        """Accept a key no longer; sessions it opened go on."""
        del self._keys[key.key_id]

    def verified(self, headers: Mapping[str, str], method: str, path: str) -> ApiKey:
        """The key of a correctly signed request.

        Args:
            headers: request headers.
            method: HTTP method.
            path: path as sent, without query.

        Raises:
            ApiError: one of the four 401 answers.
        """
        signature = headers.get(SIGNATURE_HEADER)
        if not signature:
            raise refusal(
                401, "signature_is_missing_from_headers", "", "signature is missing from headers"
            )
        stamp = headers.get(TIMESTAMP_HEADER, "")
        if not _STAMP.fullmatch(stamp) or abs(int(stamp) - self._clock.now_ms()) > self._window_ms:
            raise refusal(401, "header_timestamp_expired")
        key = self._keys.get(headers.get(KEY_HEADER, ""))
        if key is None:
            raise _unauthenticated("NOT_FOUND")
        text = f"{stamp}{method.upper()}{path}".encode()
        try:
            _verify(key.public_key, base64.b64decode(signature, validate=True), text)
        except (InvalidSignature, ValueError) as error:
            raise _unauthenticated("INCORRECT_API_KEY_SIGNATURE") from error
        return key


def make_key() -> rsa.RSAPrivateKey:
    """A new RSA-2048 private key."""
    return rsa.generate_private_key(public_exponent=65_537, key_size=2048)


def private_pem(key: PrivateKey) -> str:
    """PKCS#8 text of a private key."""
    form = serialization.PrivateFormat.PKCS8
    plain = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, plain).decode()


def _verify(key: PublicKey, signature: bytes, text: bytes) -> None:
    if isinstance(key, ed25519.Ed25519PublicKey):
        key.verify(signature, text)
    else:
        key.verify(signature, text, _PSS, hashes.SHA256())


def _unauthenticated(details: str) -> ApiError:
    return refusal(401, "authentication_error", details, "authentication_error")
