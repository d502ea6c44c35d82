from dataclasses import fields

import pytest

from core.errors import ConfigError
from core.sandbox.faults import KINDS, Schedule
from core.sandbox.rule_settings import describe_rules, parse_rules
from core.sandbox.rules import ExchangeRules


def test_nothing_set_is_the_default() -> None:
    assert parse_rules([]) == ExchangeRules()


def test_every_switch_can_be_set() -> None:
    texts = {
        "timestamp_window_ms=5000": 5_000,
        "post_only_cross=cancel": "cancel",
        "precision_micros=10000": 10_000,
        "reserves_resting=off": False,
        "read_lag_ms=300-1000": (300, 1_000),
        "event_order=fixed": "fixed",
        "use_yes_price=on": True,
        "tier=off": "off",
        "request_latency_ms=20": (20, 20),
        "read_latency_ms=1-9": (1, 9),
        "cancel_all_ms=0-60000": (0, 60_000),
        "feed_latency_ms=5-50": (5, 50),
        "cancels_ahead=behind": "behind",
        "weekly_pause=off": False,
        "live_data_ms=60000": 60_000,
        "faults=7,every_ms=500,kinds=drop+error_10,scope=all": Schedule(
            7, 500, ("drop", "error_10"), "all"
        ),
    }
    rules, usual = parse_rules(texts), ExchangeRules()
    assert {text.split("=")[0] for text in texts} == {field.name for field in fields(rules)}
    for text, value in texts.items():
        name = text.split("=")[0]
        assert getattr(rules, name) == value
        assert getattr(usual, name) != value


def test_the_last_of_two_counts() -> None:
    assert parse_rules(["tier=prime", "tier=expert"]).tier == "expert"


@pytest.mark.parametrize("text", ["teir=basic", "tier", "", "=", "rules=on"])
def test_an_unknown_name_is_answered_with_all_names(text: str) -> None:
    name = text.split("=")[0]
    if name == "tier":
        with pytest.raises(ConfigError, match="basic or advanced"):
            parse_rules([text])
        return
    with pytest.raises(ConfigError) as caught:
        parse_rules([text])
    for field in fields(ExchangeRules):
        assert field.name in str(caught.value)


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("tier=gold", "basic or advanced or expert"),
        ("post_only_cross=maybe", "refuse or cancel"),
        ("precision_micros=1000", "100 or 10000"),
        ("use_yes_price=true", "on or off"),
        ("timestamp_window_ms=-1", "0 to 3600000"),
        ("timestamp_window_ms=ten", "0 to 3600000"),
        ("read_lag_ms=900-300", "LEAST-GREATEST"),
        ("read_lag_ms=99999999", "LEAST-GREATEST"),
        ("feed_latency_ms=", "LEAST-GREATEST"),
    ],
)
def test_a_wrong_value_is_answered_with_the_allowed_ones(text: str, allowed: str) -> None:
    with pytest.raises(ConfigError, match=allowed):
        parse_rules([text])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "Expected `int`, got `str` - at `$.seed`"),
        ("on", "Expected `int`, got `str` - at `$.seed`"),
        ("7,rate=2", "unknown field `rate`"),
        ("7,every_ms=0", "Expected `int` >= 1 - at `$.every_ms`"),
        ("7,kinds=drop+rain", "Invalid enum value 'rain' - at `$.kinds[1]`"),
        ("7,kinds=", "Invalid enum value '' - at `$.kinds[0]`"),
        ("7,scope=half", "Invalid enum value 'half' - at `$.scope`"),
        ("7,count=-1", "Expected `int` >= 0 - at `$.count`"),
    ],
)
def test_a_wrong_schedule_of_faults_is_told_what_is_wrong(text: str, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_rules([f"faults={text}"])
    sentence = str(caught.value)
    assert told in sentence
    assert "SEED[,every_ms=N]" in sentence
    assert all(kind in sentence for kind in KINDS)


def test_faults_can_be_switched_off_again() -> None:
    assert parse_rules(["faults=7", "faults=off"]).faults is None
    assert parse_rules(["faults=7"]).faults == Schedule(7)


def test_the_description_has_a_line_for_each_switch() -> None:
    lines = describe_rules().splitlines()
    assert len(lines) == len(fields(ExchangeRules))
    assert any("read_lag_ms" in line and "(default 0)" in line for line in lines)
    assert any("reserves_resting" in line and "(default on)" in line for line in lines)
