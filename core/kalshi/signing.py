"""Request signatures: RSA-PSS with a salt of 32 bytes, or Ed25519. Never shows key material."""

from base64 import b64encode

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from core.errors import ConfigError

PrivateKey = RSAPrivateKey | Ed25519PrivateKey
_MIN_RSA_BITS = 2048
_PSS = PSS(MGF1(hashes.SHA256()), PSS.DIGEST_LENGTH)


def load_key(pem: str | bytes) -> PrivateKey:
    """Read a private key; its kind is taken from the key, not from the PEM label.

    Raises:
        ConfigError: no PEM, a passphrase, or a kind the exchange does not take.
    """
    data = pem.encode() if isinstance(pem, str) else pem
    try:
        key = load_pem_private_key(data, password=None)
    except TypeError as error:
        raise ConfigError(
            "the private key is protected by a passphrase: store it without one"
        ) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        # The parser's own text may quote the input, so it goes no further.
        raise ConfigError(
            "the private key cannot be read: it must be a PEM file as the exchange issued it, "
            "from its BEGIN to its END line"
        ) from error.with_traceback(None)
    if isinstance(key, Ed25519PrivateKey):
        return key
    if isinstance(key, RSAPrivateKey):
        if key.key_size < _MIN_RSA_BITS:
            raise ConfigError(f"the RSA key has {key.key_size} bits: make one of 2048 or more")
        return key
    raise ConfigError(f"the exchange takes RSA and Ed25519 keys, not {type(key).__name__}")


class Signer:
    """Signs requests of one API key."""

    __slots__ = ("_key", "key_id")

    def __init__(self, key_id: str, private_key: str | bytes | PrivateKey) -> None:
        """Take a key id and its private key, as PEM or parsed.

        Raises:
            ConfigError: no key id, or a key that cannot be used.
        """
        if not key_id.strip():
            raise ConfigError("the API key id is missing: enter the id shown beside the key")
        self.key_id = key_id.strip()
        self._key = load_key(private_key) if isinstance(private_key, str | bytes) else private_key

    def headers(self, method: str, path: str, now_ms: int) -> dict[str, str]:
        """Headers of one request.

        Args:
            method: HTTP method.
            path: from the root of the host; a query string is not signed.
            now_ms: wall time; the exchange accepts a few seconds of difference.
        """
        text = f"{now_ms}{method.upper()}{path.split('?', 1)[0]}".encode()
        if isinstance(self._key, Ed25519PrivateKey):
            signature = self._key.sign(text)
        else:
            signature = self._key.sign(text, _PSS, hashes.SHA256())
        return {
            "KALSHI-ACCESS-KEY": self.key_id,
            "KALSHI-ACCESS-TIMESTAMP": str(now_ms),
            "KALSHI-ACCESS-SIGNATURE": b64encode(signature).decode(),
        }

    def __repr__(self) -> str:
        return f"Signer(key …{self.key_id[-4:]})"

    def __reduce__(self) -> str:
        raise TypeError("a signer stays in its process")
