"""The menu row: what can be done now, and nothing that does not work yet."""

from collections.abc import Callable, Iterable, Sequence

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QMenuBar

from app.actions import Actions
from app.theme_controller import ThemeController

_THEME_NAMES = (("dark", "Dark"), ("light", "Light"), ("contrast", "High contrast"))
_DENSITY_NAMES = (("compact", "Compact"), ("comfortable", "Comfortable"))
_DIRECTION_NAMES = (
    ("blue-orange", "Blue bid, orange ask"),
    ("green-red", "Green bid, red ask"),
    ("red-green", "Red bid, green ask"),
)


def fill(
    bar: QMenuBar,
    actions: Actions,
    docks: Sequence[QAction],
    dock_focus: Sequence[QAction],
    themes: ThemeController,
) -> None:
    """Fill the menu bar.

    Args:
        bar: The empty menu bar.
        actions: The window's actions.
        docks: One checkable action for each dock's visibility.
        dock_focus: One action for each dock's focus.
        themes: Holds and changes the appearance.
    """
    file = bar.addMenu("&File")
    file.addActions([actions.open_session, actions.open_sandbox])
    file.addSeparator()
    file.addAction(actions.quit)
    market = bar.addMenu("&Market")
    market.addAction(actions.follow)
    market.addSeparator()
    market.addActions([actions.next_market, actions.previous_market])
    agent = bar.addMenu("&Agent")
    agent.addActions([actions.start, actions.stop])
    agent.addSeparator()
    agent.addAction(actions.cancel_all)
    _fill_view(bar.addMenu("&View"), actions, docks, dock_focus, themes)
    help_menu = bar.addMenu("&Help")
    help_menu.addActions([actions.shortcuts, actions.about])


def _fill_view(
    menu: QMenu,
    actions: Actions,
    docks: Iterable[QAction],
    dock_focus: Iterable[QAction],
    themes: ThemeController,
) -> None:
    menu.addMenu("Panels").addActions(list(docks))
    menu.addMenu("Go to").addActions(list(dock_focus))
    menu.addSeparator()
    appearance = menu.addMenu("Theme")
    _choices(appearance, _THEME_NAMES, themes.theme.name, themes.choose_theme)
    directions = menu.addMenu("Direction colours")
    _choices(directions, _DIRECTION_NAMES, themes.direction, themes.choose_direction)
    densities = menu.addMenu("Density")
    _choices(densities, _DENSITY_NAMES, themes.density, themes.choose_density)
    calm = menu.addAction("Reduce motion")
    calm.setCheckable(True)
    calm.setChecked(themes.is_calm)
    calm.toggled.connect(themes.reduce_motion)
    menu.addSeparator()
    menu.addActions([actions.reset_layout, actions.full_screen])


def _choices(
    menu: QMenu,
    options: Iterable[tuple[str, str]],
    current: str,
    choose: Callable[[str], None],
) -> None:
    group = QActionGroup(menu)
    for key, label in options:
        action = QAction(label, menu)
        action.setCheckable(True)
        action.setChecked(key == current)
        action.setData(key)
        group.addAction(action)
        menu.addAction(action)
    group.triggered.connect(lambda action: choose(str(action.data())))
