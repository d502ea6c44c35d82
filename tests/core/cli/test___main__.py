import argparse

import pytest

from core.cli import __main__ as entry
from core.errors import ConfigError, RefusedError


class Command:
    """A command that fails as told."""

    def __init__(self, error: Exception | None) -> None:
        self._error = error

    def add_parser(self, subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
        subparsers.add_parser("try").set_defaults(run=self.run)

    def run(self, _args: argparse.Namespace) -> int:
        if self._error:
            raise self._error
        return 0


@pytest.mark.parametrize(
    ("error", "code"),
    [(None, 0), (ConfigError("say why"), 1), (RefusedError("say why"), 3)],
)
def test_exit_codes(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: Exception | None,
    code: int,
) -> None:
    monkeypatch.setattr(entry, "_COMMANDS", (Command(error),))
    assert entry.main(["try"]) == code
    assert capsys.readouterr().err == ("kalshiflow-rl: say why\n" if error else "")


def test_wrong_usage_exits_with_two(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as error:
        entry.main(["nonsense"])
    assert error.value.code == 2
    assert "nonsense" in capsys.readouterr().err
