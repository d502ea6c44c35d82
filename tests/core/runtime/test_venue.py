from pathlib import Path

import pytest

from core.errors import ConfigError, RefusedError
from core.runtime.venue import LATER, venue_of
from core.settings import Settings

HOME = Path("home")
SESSION = (Path("a.jsonl"),)


def test_sandbox_is_the_default() -> None:
    venue = venue_of(Settings(home=HOME))
    assert (venue.word, venue.source) == ("SANDBOX", "generated")


@pytest.mark.parametrize("mode", ["sandbox", "replay"])
def test_a_session_means_replay(mode: str) -> None:
    venue = venue_of(Settings(home=HOME, mode=mode, sessions=SESSION))
    assert (venue.word, venue.source) == ("REPLAY", "recorded")
    assert "queue-model" in venue.description


@pytest.mark.parametrize("sessions", [(), SESSION])
def test_live_is_refused_whatever_else_is_asked(sessions: tuple[Path, ...]) -> None:
    with pytest.raises(RefusedError, match="never places an order with real money"):
        venue_of(Settings(home=HOME, mode="live", sessions=sessions))


@pytest.mark.parametrize("sessions", [(), SESSION])
@pytest.mark.parametrize("mode", LATER)
def test_modes_of_later_versions_say_what_to_use(mode: str, sessions: tuple[Path, ...]) -> None:
    with pytest.raises(ConfigError, match=rf"mode {mode} .*--mode sandbox") as caught:
        venue_of(Settings(home=HOME, mode=mode, sessions=sessions))
    assert not isinstance(caught.value, RefusedError)


@pytest.mark.parametrize(
    ("mode", "sentence"), [("replay", "add --session FILE"), ("yolo", "unknown mode 'yolo'")]
)
def test_what_is_no_venue_says_what_to_do(mode: str, sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        venue_of(Settings(home=HOME, mode=mode))
