"""The command line: what belongs together, and what makes no sense is said."""

import pytest

from app.arguments import parse


@pytest.mark.parametrize(
    "arguments",
    [
        ["--screenshot", "out.png"],
        ["--headless", "--screenshot", "out.png"],
        ["--headless", "--smoke", "5", "--screenshot", "out.png"],
    ],
)
def test_a_picture_needs_the_window_of_a_smoke_run(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as refused:
        parse(arguments)
    assert refused.value.code == 2
    assert "--screenshot is the window's picture" in capsys.readouterr().err
    assert parse(["--smoke", "5", "--screenshot", "out.png"]).screenshot is not None


@pytest.mark.parametrize(
    "arguments",
    [
        ["--markets", "6"],
        ["--series", "A"],
        ["--events", "A"],
        ["--categories", "A"],
        ["--activity", "changes"],
        ["--activity", "volume"],
    ],
)
def test_any_word_about_markets_names_what_to_follow(arguments: list[str]) -> None:
    assert parse(arguments).is_following_named
    assert not parse([]).is_following_named
    assert parse([]).settings.activity == "volume"
