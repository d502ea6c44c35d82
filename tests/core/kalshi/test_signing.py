import pickle
from base64 import b64decode

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from core.errors import ConfigError
from core.kalshi.signing import Signer, load_key

RSA_KEY = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
ED_KEY = ed25519.Ed25519PrivateKey.generate()
PKCS1 = PrivateFormat.TraditionalOpenSSL
PKCS8 = PrivateFormat.PKCS8
TEXT = b"1700000000123GET/trade-api/v2/portfolio/orders"


def pem(key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey, form: PrivateFormat = PKCS8) -> bytes:
    return key.private_bytes(Encoding.PEM, form, NoEncryption())


def signature(signer: Signer, path: str = "/trade-api/v2/portfolio/orders") -> bytes:
    headers = signer.headers("get", path, 1_700_000_000_123)
    assert headers["KALSHI-ACCESS-KEY"] == "key-id-1"
    assert headers["KALSHI-ACCESS-TIMESTAMP"] == "1700000000123"
    return b64decode(headers["KALSHI-ACCESS-SIGNATURE"], validate=True)


@pytest.mark.parametrize("form", [PKCS1, PKCS8])
def test_rsa_signature_is_pss_with_a_salt_of_32_bytes(form: PrivateFormat) -> None:
    signed = signature(Signer("key-id-1", pem(RSA_KEY, form)))
    mgf = padding.MGF1(hashes.SHA256())
    RSA_KEY.public_key().verify(signed, TEXT, padding.PSS(mgf, 32), hashes.SHA256())
    for other_length in (0, 20, 222):
        with pytest.raises(InvalidSignature):
            RSA_KEY.public_key().verify(
                signed, TEXT, padding.PSS(mgf, other_length), hashes.SHA256()
            )


def test_ed25519_signs_the_plain_text() -> None:
    signed = signature(Signer("key-id-1", pem(ED_KEY).decode()))
    ED_KEY.public_key().verify(signed, TEXT)


def test_query_string_is_not_signed() -> None:
    signer = Signer("key-id-1", ED_KEY)
    with_query = signature(signer, "/trade-api/v2/portfolio/orders?status=resting&limit=5")
    assert with_query == signature(signer)


@pytest.mark.parametrize("bad", ["", "hello", "-----BEGIN PRIVATE KEY-----\nsecret\n", b"\xff\x00"])
def test_unreadable_key_is_a_sentence_without_the_key(bad: str | bytes) -> None:
    with pytest.raises(ConfigError, match="cannot be read") as caught:
        load_key(bad)
    assert "secret" not in str(caught.value)


def test_keys_the_exchange_does_not_take_are_refused() -> None:
    curve = ec.generate_private_key(ec.SECP256R1())
    with pytest.raises(ConfigError, match="RSA and Ed25519"):
        load_key(curve.private_bytes(Encoding.PEM, PKCS8, NoEncryption()))
    locked = ED_KEY.private_bytes(Encoding.PEM, PKCS8, BestAvailableEncryption(b"x"))
    with pytest.raises(ConfigError, match="passphrase"):
        load_key(locked)
    small = rsa.generate_private_key(public_exponent=65_537, key_size=1024)
    with pytest.raises(ConfigError, match="1024 bits"):
        load_key(pem(small))


def test_missing_key_id_is_refused() -> None:
    with pytest.raises(ConfigError, match="key id is missing"):
        Signer("  ", ED_KEY)


def test_signer_shows_and_hands_out_no_secret() -> None:
    signer = Signer("key-id-1", ED_KEY)
    assert repr(signer) == "Signer(key …id-1)"
    with pytest.raises(TypeError):
        pickle.dumps(signer)
