import json

import pytest

from core.clock import ManualClock
from core.sandbox.command_params import (
    Command,
    CommandError,
    CommandRate,
    Params,
    error_text,
    id_in,
)


def code_of(error: pytest.ExceptionInfo[CommandError]) -> int:
    return error.value.code


@pytest.mark.parametrize(
    ("params", "names"),
    [
        (Params(), []),
        (Params(market_ticker="A"), ["A"]),
        (Params(market_tickers=["B", "A", "B"]), ["B", "A"]),
        (Params(market_id="1"), ["1"]),
        (Params(market_ids=["1", "2"]), ["1", "2"]),
    ],
)
def test_markets_are_named_in_one_way(params: Params, names: list[str]) -> None:
    assert params.markets() == names
    assert params.has_ids == (names[:1] == ["1"])


@pytest.mark.parametrize(
    "params",
    [
        Params(market_ticker="A", market_tickers=["A"]),
        Params(market_ticker="A", market_id="1"),
        Params(market_ids=["1"], market_tickers=["A"]),
    ],
)
def test_two_ways_at_once_are_refused(params: Params) -> None:
    with pytest.raises(CommandError) as error:
        params.markets()
    assert code_of(error) == 11


def test_an_update_names_one_sid() -> None:
    assert Params(sid=3).one_sid() == Params(sids=[3]).one_sid() == 3
    for params in (Params(), Params(sids=[]), Params(sids=[1, 2]), Params(sid=1, sids=[1])):
        with pytest.raises(CommandError) as error:
            params.one_sid()
        assert code_of(error) == 12


def test_shards_must_make_sense() -> None:
    Params().check_shards()
    Params(shard_factor=100, shard_key=99).check_shards()
    for factor, key, code in ((0, None, 19), (None, 0, 20), (2, 2, 21), (2, -1, 21), (101, 0, 22)):
        with pytest.raises(CommandError) as error:
            Params(shard_factor=factor, shard_key=key).check_shards()
        assert code_of(error) == code


def test_parameters_may_be_required() -> None:
    assert Command(params=Params(sid=1)).required_params().sid == 1
    with pytest.raises(CommandError) as error:
        Command().required_params()
    assert code_of(error) == 2


def test_a_rate_is_counted_over_the_last_second() -> None:
    clock = ManualClock()
    rate = CommandRate(clock, per_s=2)
    assert [rate.allows() for _ in range(3)] == [True, True, False]
    clock.advance_ms(999)
    assert not rate.allows()
    clock.advance_ms(1)
    assert [rate.allows() for _ in range(3)] == [True, True, False]


def test_an_error_is_told_with_its_market() -> None:
    assert json.loads(error_text(5, CommandError(11, 'A"B')) + "}") == {
        "id": 5,
        "type": "error",
        "msg": {"code": 11, "msg": "Invalid parameter", "market_ticker": 'A"B'},
    }
    assert "id" not in json.loads(error_text(0, CommandError(5)) + "}")


@pytest.mark.parametrize(
    ("text", "number"), [('{"id":7,"cmd":1}', 7), ('{"id":"x"}', 0), ("[]", 0)]
)
def test_an_id_is_found_beside_wrong_members(text: str, number: int) -> None:
    assert id_in(text) == number
