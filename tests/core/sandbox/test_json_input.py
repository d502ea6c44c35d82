import msgspec
import pytest

from core.sandbox.json_input import decode


def test_decodes_a_kind_or_says_that_it_is_none() -> None:
    assert decode(b"[1,2]", list[int]) == [1, 2]
    with pytest.raises(msgspec.ValidationError):
        decode('["1"]', list[int])


@pytest.mark.parametrize("text", [b"", b"{", b"[" * 100_000, b'["\xff"]', b"\xff", "[" * 100_000])
def test_whatever_is_wrong_is_a_decode_error(text: str | bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode(text, list[object])
