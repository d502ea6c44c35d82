import os
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from core.errors import ConfigError
from core.settings import MAX_SPEED, Settings, default_home, environment, parse_speed


def test_home_is_named_by_the_environment_or_lies_in_the_users() -> None:
    assert default_home({"KALSHIFLOW_HOME": "/data/flow"}) == Path("/data/flow")
    assert default_home({}) == Path.home() / ".kalshiflow"
    assert default_home({"KALSHIFLOW_HOME": ""}) == Path.home() / ".kalshiflow"


@pytest.mark.parametrize(
    ("text", "speed"), [("max", MAX_SPEED), ("1", 1.0), ("0.25", 0.25), ("100000", 100_000.0)]
)
def test_speeds(text: str, speed: float) -> None:
    assert parse_speed(text) == speed


@pytest.mark.parametrize("text", ["0", "-3", "100001", "nan", "inf", "fast", ""])
def test_what_is_no_speed_is_a_sentence(text: str) -> None:
    with pytest.raises(ConfigError, match="speed"):
        parse_speed(text)


def test_the_database_address_is_never_shown() -> None:
    address = Settings.database_from({"DATABASE_URL": "postgresql://me:secret@host/db"})
    assert address == "postgresql://me:secret@host/db"
    assert "secret" not in repr(Settings(home=Path("home"), database_url=address))
    assert Settings.database_from({}) is None
    assert Settings.database_from({"DATABASE_URL": ""}) is None


def test_settings_do_not_change() -> None:
    settings = Settings(home=Path("home"))
    with pytest.raises(FrozenInstanceError):
        settings.speed = 2.0  # type: ignore[misc]


def test_environment_is_the_process_own() -> None:
    assert environment() == os.environ
