import base64

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

from core.clock import ManualClock
from core.sandbox.auth import (
    KEY_HEADER,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    ApiKey,
    KeyRing,
    make_key,
    private_pem,
)
from core.sandbox.errors import ApiError

NOW = 1_795_166_401_000
PATH = "/trade-api/v2/portfolio/balance"
RSA_KEY = make_key()
ED_KEY = ed25519.Ed25519PrivateKey.generate()


@pytest.fixture
def ring() -> KeyRing:
    ring = KeyRing(ManualClock(NOW))
    ring.add(ApiKey("rsa", 1, RSA_KEY.public_key()))
    ring.add(ApiKey("ed", 2, ED_KEY.public_key()))
    return ring


def headers(signature: bytes, key_id: str = "rsa", stamp: str = str(NOW)) -> dict[str, str]:
    return {
        KEY_HEADER: key_id,
        TIMESTAMP_HEADER: stamp,
        SIGNATURE_HEADER: base64.b64encode(signature).decode(),
    }


def sign(key: rsa.RSAPrivateKey, text: str, salt: int = 32) -> bytes:
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), salt)
    return key.sign(text.encode(), pss, hashes.SHA256())


def test_rsa_and_ed25519_are_accepted(ring: KeyRing) -> None:
    text = f"{NOW}GET{PATH}"
    assert ring.verified(headers(sign(RSA_KEY, text)), "get", PATH).account == 1
    assert ring.verified(headers(ED_KEY.sign(text.encode()), "ed"), "GET", PATH).account == 2


@pytest.mark.parametrize("salt", [0, 20, padding.PSS.MAX_LENGTH])
def test_other_salt_lengths_are_refused(ring: KeyRing, salt: int) -> None:
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), salt)
    signature = RSA_KEY.sign(f"{NOW}GET{PATH}".encode(), pss, hashes.SHA256())
    assert refusal(ring, headers(signature)) == "INCORRECT_API_KEY_SIGNATURE"


@pytest.mark.parametrize(
    "text", [f"{NOW}GET{PATH}?limit=5", f"{NOW}POST{PATH}", f"{NOW + 1}GET{PATH}"]
)
def test_other_texts_are_refused(ring: KeyRing, text: str) -> None:
    assert refusal(ring, headers(sign(RSA_KEY, text))) == "INCORRECT_API_KEY_SIGNATURE"


@pytest.mark.parametrize("stamp", ["", "1" * 5_000, f"-{NOW}", f"{NOW}.0", "\u0661" * 13, "²" * 13])
def test_a_stamp_that_is_no_time_is_expired(ring: KeyRing, stamp: str) -> None:
    assert refusal(ring, headers(b"signed", stamp=stamp)) == "header_timestamp_expired"


@pytest.mark.parametrize("signature", ["é", "\udcff", "=", "%"])
def test_a_signature_that_is_no_base64_is_incorrect(ring: KeyRing, signature: str) -> None:
    sent = headers(b"signed") | {SIGNATURE_HEADER: signature}
    assert refusal(ring, sent) == "INCORRECT_API_KEY_SIGNATURE"


def refusal(ring: KeyRing, sent: dict[str, str]) -> object:
    with pytest.raises(ApiError) as error:
        ring.verified(sent, "GET", PATH)
    assert error.value.status == 401
    body = error.value.body["error"]
    assert isinstance(body, dict)
    return body.get("details", body["code"])


def test_the_other_refusals(ring: KeyRing) -> None:
    good = sign(RSA_KEY, f"{NOW}GET{PATH}")
    assert refusal(ring, {}) == "signature_is_missing_from_headers"
    assert refusal(ring, headers(good, key_id="who")) == "NOT_FOUND"
    unreadable = headers(good) | {SIGNATURE_HEADER: "%%%"}
    assert refusal(ring, unreadable) == "INCORRECT_API_KEY_SIGNATURE"


@pytest.mark.parametrize(
    ("skew_ms", "is_accepted"), [(-10_000, True), (10_000, True), (-15_000, False), (15_000, False)]
)
def test_clock_window(ring: KeyRing, skew_ms: int, is_accepted: bool) -> None:
    stamp = str(NOW + skew_ms)
    sent = headers(sign(RSA_KEY, f"{stamp}GET{PATH}"), stamp=stamp)
    if is_accepted:
        assert ring.verified(sent, "GET", PATH).account == 1
    else:
        assert refusal(ring, sent) == "header_timestamp_expired"


def test_seconds_instead_of_milliseconds_are_expired(ring: KeyRing) -> None:
    stamp = str(NOW // 1000)
    sent = headers(sign(RSA_KEY, f"{stamp}GET{PATH}"), stamp=stamp)
    assert refusal(ring, sent) == "header_timestamp_expired"


def test_private_pem_reads_back() -> None:
    read = serialization.load_pem_private_key(private_pem(RSA_KEY).encode(), None)
    assert isinstance(read, rsa.RSAPrivateKey)
    assert read.private_numbers() == RSA_KEY.private_numbers()
