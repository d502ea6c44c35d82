"""The dialogs of the window. Each is opened, never executed, and deleted when it is done."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QSettings, SignalInstance
from PySide6.QtWidgets import QDialog, QWidget

from app import follow_settings, resources
from app.dialogs.about import About
from app.dialogs.close_question import CloseQuestion
from app.dialogs.follow_markets import FollowDialog
from app.dialogs.leave_question import LeaveQuestion
from app.dialogs.open_session import OpenSession
from app.dialogs.question import AtStake, Question
from app.dialogs.shortcut_list import ShortcutList
from app.theme import Theme
from core.runtime.commands import FollowMarkets

_FOLDER_KEY = "open_session/folder"

OpenSessions = Callable[[list[Path], float], None]


class WindowDialogs:
    """Open the window's dialogs and hand their answers on."""

    def __init__(self, window: QWidget, settings: QSettings) -> None:
        """Keep the window they stand over and the settings with the last folder."""
        self._window = window
        self._settings = settings
        self._question: Question | None = None
        self._session: OpenSession | None = None

    def ask_close(self, at_stake: AtStake, chosen: SignalInstance) -> None:
        """Ask what happens to the orders, once; `chosen` is emitted unless the trader stays."""
        if self._question is None:
            question = CloseQuestion(at_stake, self._window)
            question.chosen.connect(chosen)
            self._ask(question)

    def ask_leave(self, at_stake: AtStake, leave: Callable[[], None]) -> None:
        """Ask whether this run may end, once, and `leave` unless the trader stays."""
        if self._question is None:
            question = LeaveQuestion(at_stake, self._window)
            question.chosen.connect(lambda _: leave())
            self._ask(question)

    def _ask(self, question: Question) -> None:
        self._question = question
        question.finished.connect(self._forget_question)
        _open(question)

    def ask_session(self, theme: Theme, open_sessions: OpenSessions) -> None:
        """Ask, once, for recorded files and their speed.

        The file chooser starts in the folder of last time, and first in that of the demo session.
        """
        if self._session is not None:
            return
        folder = Path(str(self._settings.value(_FOLDER_KEY, str(resources.path("demo")))))
        dialog = OpenSession(folder, theme, self._window)
        dialog.folder_changed.connect(lambda path: self._settings.setValue(_FOLDER_KEY, path))
        dialog.confirmed.connect(open_sessions)
        dialog.finished.connect(self._forget_session)
        dialog.finished.connect(dialog.deleteLater)
        self._session = dialog
        dialog.choose_files()

    def ask_follow(self, follow: Callable[[FollowMarkets], None]) -> None:
        """Ask which markets to follow, keep the answer for the next start, and hand it on."""
        if self._window.findChild(FollowDialog) is None:
            dialog = FollowDialog(follow_settings.kept(self._settings), self._window)
            dialog.confirmed.connect(lambda asked: follow_settings.keep(self._settings, asked))
            dialog.confirmed.connect(follow)
            _open(dialog)

    def show_shortcuts(self, listed: Sequence[tuple[str, str]]) -> None:
        """List what each shortcut does."""
        _open(ShortcutList(listed, self._window))

    def show_about(self) -> None:
        """Show the versions."""
        _open(About(self._window))

    def _forget_session(self) -> None:
        self._session = None

    def _forget_question(self) -> None:
        self._question = None


def _open(dialog: QDialog) -> None:
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
