"""The dialogs of the window. None is executed, and each is deleted when it is done.

Stop and Cancel all work in every one of them, since nothing on the screen may delay those.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QSettings, SignalInstance
from PySide6.QtGui import QAction
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

    def __init__(self, window: QWidget, settings: QSettings, always: Sequence[QAction]) -> None:
        """Keep what the dialogs need.

        Args:
            window: The window they stand over.
            settings: Where the last folder and the markets to follow are kept.
            always: Actions whose shortcuts work in every dialog.
        """
        self._window = window
        self._settings = settings
        self._always = always
        self._informing: dict[type[QDialog], QDialog] = {}
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
        self._open(question)

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
        dialog.addActions(self._always)
        self._session = dialog
        dialog.choose_files()

    def ask_follow(self, follow: Callable[[FollowMarkets], None]) -> None:
        """Ask which markets to follow, keep the answer for the next start, and hand it on."""
        if self._window.findChild(FollowDialog) is None:
            dialog = FollowDialog(follow_settings.kept(self._settings), self._window)
            dialog.confirmed.connect(lambda asked: follow_settings.keep(self._settings, asked))
            dialog.confirmed.connect(follow)
            self._open(dialog)

    def show_shortcuts(self, listed: Sequence[tuple[str, str]]) -> None:
        """List what each shortcut does; they work there too."""
        self._inform(ShortcutList, lambda: ShortcutList(listed, self._window))

    def show_about(self) -> None:
        """Show the versions."""
        self._inform(About, lambda: About(self._window))

    def close(self) -> None:
        """Close what only informs: the window it stands beside goes."""
        for dialog in tuple(self._informing.values()):
            dialog.reject()

    def _inform(self, kind: type[QDialog], make: Callable[[], QDialog]) -> None:
        """Show a dialog that asks nothing, once: the window goes on with all its shortcuts."""
        dialog = self._informing.get(kind)
        if dialog is None:
            dialog = self._informing[kind] = make()
            dialog.addActions(self._window.actions())
            dialog.finished.connect(lambda _: self._informing.pop(kind))
            dialog.finished.connect(dialog.deleteLater)
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()

    def _open(self, dialog: QDialog) -> None:
        dialog.addActions(self._always)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _forget_session(self) -> None:
        self._session = None

    def _forget_question(self) -> None:
        self._question = None
