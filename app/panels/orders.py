"""Our orders, and the two ways to take them back: one, or all."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from app.models.orders import COLUMNS, OrdersModel
from app.models.sorting import SortedRows
from app.panels.dock_body import DockBody, PanelCommands
from app.selection import Selection
from app.sources import ConsoleSource
from app.theme import Theme
from app.views import OrderRow, SystemsView
from app.widgets.content_or_empty import ContentOrEmpty
from app.widgets.empty_state import EmptyState
from app.widgets.table_view import TableView

_OFF_REASON = "The actor is off. Orders appear here when it trades."
_ON_REASON = "The actor is deciding and has nothing resting."


class OrdersPanel(DockBody):
    """Table of orders with side, price, fill and state."""

    name = "Orders"
    refresh_hz = 10

    def __init__(
        self,
        source: ConsoleSource,
        selection: Selection,
        theme: Theme,
        commands: PanelCommands,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(source, selection, theme, commands, parent)
        self.model = OrdersModel(self)
        self.rows = SortedRows(self.model, self)
        self.view = TableView(self.rows, COLUMNS, theme)
        self.view.setAccessibleName("Orders")
        self.view.setAccessibleDescription("Delete cancels the selected order")
        self._open_count = 0
        self._empty = EmptyState("inbox", "No working orders", _OFF_REASON)
        self.pages = ContentOrEmpty(self.view, self._empty)
        self.column.addWidget(self.pages)
        self.cancel_all = QPushButton("Cancel all")
        self.cancel_all.setProperty("role", "compact")
        self.cancel_all.clicked.connect(commands.cancel_all)
        self._offer_cancel()
        self._show_count(0)
        self.set_theme(theme)

    def refresh(self) -> None:
        """Show the newest state of every order."""
        orders = _as_known(self.source.orders(), self.source.systems())
        chosen = self.chosen_order()
        self.model.show(orders)
        if chosen is not None:
            self._choose(chosen.client_order_id)
        self._show_count(sum(order.is_open for order in orders))
        if not orders:
            is_off = self.source.systems().actor_state == "off"
            self._empty.say("No working orders", _OFF_REASON if is_off else _ON_REASON)
        self.pages.show_content(bool(orders))

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme."""
        super().set_theme(theme)
        self.view.set_theme(theme)
        self._empty.set_theme(theme)

    def title_context(self) -> str:
        """Return how many orders are open."""
        return f"{self._open_count} open"

    def title_controls(self) -> QWidget | None:
        """Return the "Cancel all" button."""
        return self.cancel_all

    def chosen_order(self) -> OrderRow | None:
        """Return the selected order."""
        index = self.view.currentIndex()
        has_choice = index.isValid() and self.view.selectionModel().hasSelection()
        return self.rows.row_at(index.row()) if has_choice else None

    def _choose(self, client_order_id: str) -> None:
        """Select an order wherever it stands now; nothing is selected once it has gone."""
        place = self.model.place_of(client_order_id)
        if place is None:
            self.view.clearSelection()
            self.view.setCurrentIndex(QModelIndex())
            return
        row = self.rows.mapFromSource(self.model.index(place, 0)).row()
        if row != self.view.currentIndex().row():
            self.view.selectRow(row)

    def _show_count(self, open_count: int) -> None:
        self._open_count = open_count
        text = f"Cancel all {open_count}" if open_count else "Cancel all"
        if text != self.cancel_all.text() or not open_count:
            self.cancel_all.setText(text)
            self.cancel_all.setEnabled(bool(open_count))
            self.cancel_all.setAccessibleName(f"{text} open orders")

    def _offer_cancel(self) -> None:
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.customContextMenuRequested.connect(self._open_menu)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Cancel the selected order on Delete, which the table itself does not take."""
        if event.matches(QKeySequence.StandardKey.Delete):
            self._cancel_chosen()
        else:
            super().keyPressEvent(event)

    def _open_menu(self, position: QPoint) -> None:
        order = self.chosen_order()
        if order is None or not order.is_open:
            return
        menu = QMenu(self.view)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(f"Cancel {order.outcome} in {order.title}", self._cancel_chosen)
        menu.popup(self.view.viewport().mapToGlobal(position))

    def _cancel_chosen(self) -> None:
        order = self.chosen_order()
        if order is not None and order.is_open:
            self.commands.cancel_order(order.client_order_id)


def _as_known(orders: Sequence[OrderRow], view: SystemsView) -> Sequence[OrderRow]:
    """Return the orders; with the exchange gone nobody knows whether the open ones still rest."""
    if view.can_trade or view.feed_state != "disconnected":
        return orders
    return [replace(order, state="unknown") if order.is_open else order for order in orders]
