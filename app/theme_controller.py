"""The theme in force: chosen by the trader, kept in the settings, put on the application."""

from PySide6.QtCore import QObject, QSettings, Signal
from PySide6.QtWidgets import QApplication

from app import theme as themes
from app.theme import DARK, DIRECTIONS, THEMES, Theme

_THEME_KEY = "appearance/theme"
_DIRECTION_KEY = "appearance/direction"


class ThemeController(QObject):
    """Apply a theme with its direction colours; `changed` carries the new `Theme`."""

    changed = Signal(object)

    def __init__(
        self, app: QApplication, settings: QSettings, parent: QObject | None = None
    ) -> None:
        """Apply the kept choice, or dark with blue and orange."""
        super().__init__(parent)
        self._app = app
        self._settings = settings
        self._name = _kept(settings, _THEME_KEY, tuple(THEMES), DARK.name)
        self._direction = _kept(settings, _DIRECTION_KEY, DIRECTIONS, DIRECTIONS[0])
        themes.apply(app, self.theme)

    @property
    def theme(self) -> Theme:
        """The theme in force."""
        return THEMES[self._name].with_direction(self._direction)

    @property
    def direction(self) -> str:
        """Name of the direction preset in force."""
        return self._direction

    def choose_theme(self, name: str) -> None:
        """Change to one of `theme.THEMES`."""
        self._name = name
        self._settings.setValue(_THEME_KEY, name)
        self._apply()

    def choose_direction(self, name: str) -> None:
        """Change to one of `theme.DIRECTIONS`."""
        self._direction = name
        self._settings.setValue(_DIRECTION_KEY, name)
        self._apply()

    def _apply(self) -> None:
        themes.apply(self._app, self.theme)
        self.changed.emit(self.theme)


def _kept(settings: QSettings, key: str, known: tuple[str, ...], otherwise: str) -> str:
    value = str(settings.value(key, otherwise))
    return value if value in known else otherwise
