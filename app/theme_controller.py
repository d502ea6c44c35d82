"""The theme in force: chosen by the trader, kept in the settings, put on the application."""

from dataclasses import replace

from PySide6.QtCore import QObject, QSettings, Signal
from PySide6.QtWidgets import QApplication

from app import theme as themes
from app.theme import DARK, DENSITIES, DIRECTIONS, THEMES, Theme

_THEME_KEY = "appearance/theme"
_DENSITY_KEY = "appearance/density"
_CALM_KEY = "appearance/reduce_motion"
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
        self._density = _kept(settings, _DENSITY_KEY, tuple(DENSITIES), next(iter(DENSITIES)))
        self._is_calm = str(settings.value(_CALM_KEY, "")) == "true"
        themes.apply(app, self.theme)

    @property
    def theme(self) -> Theme:
        """The theme in force."""
        theme = THEMES[self._name].with_direction(self._direction).with_density(self._density)
        return replace(theme, has_motion=not self._is_calm)

    @property
    def direction(self) -> str:
        """Name of the direction preset in force."""
        return self._direction

    @property
    def density(self) -> str:
        """Name of the density in force."""
        return self._density

    @property
    def is_calm(self) -> bool:
        """True while motion is reduced."""
        return self._is_calm

    def choose_density(self, name: str) -> None:
        """Change to one of `theme.DENSITIES`."""
        self._density = name
        self._settings.setValue(_DENSITY_KEY, name)
        self._apply()

    def reduce_motion(self, is_calm: bool) -> None:
        """Keep cells from flashing, or let them."""
        self._is_calm = is_calm
        self._settings.setValue(_CALM_KEY, "true" if is_calm else "false")
        self._apply()

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
