"""The orders table: what we asked for, what came of it, and how long ago."""

from PySide6.QtCore import QObject

from app.formatting import age, contracts, price_cents
from app.models.table import Align, Cell, Column, RowTableModel, filler
from app.states import ORDER
from app.views import OrderRow
from core.units import PIPS_PER_DOLLAR

_SIDE_COLOURS = ("bid", "ask")


def outcome_price(order: OrderRow, price_pips: int) -> int:
    """Return a YES price in the cents of the outcome the order's words name."""
    return PIPS_PER_DOLLAR - price_pips if order.outcome.endswith("NO") else price_pips


def _name(order: OrderRow) -> Cell:
    return Cell(order.title, "text" if order.is_open else "text3", 500)


def _side(order: OrderRow) -> Cell:
    return Cell(order.outcome, _SIDE_COLOURS[order.side] if order.is_open else "text3", 600)


def _price(order: OrderRow) -> Cell:
    text = price_cents(outcome_price(order, order.price_pips))
    return Cell(text, "text" if order.is_open else "text3")


def _filled(order: OrderRow) -> Cell:
    text = f"{contracts(order.filled_lots)} / {contracts(order.total_lots)}"
    return Cell(text, "text2" if order.is_open else "text3")


def _state(order: OrderRow) -> Cell:
    state = ORDER[order.state]
    word_colour = "text" if state.colour in {"ok", "text2"} else state.colour
    return Cell(
        state_words(order),
        word_colour if order.is_open else "text3",
        400,
        state.icon,
        state.colour,
    )


DETAILS = {
    "Trade": "",
    "Amend": "",
    "Decrease": "",
    "CloseCancel": "market closed",
    "ExpiryCancel": "time ran out",
    "HaltCancel": "trading halted",
    "SelfTradeCancel": "would trade with ourselves",
    "PostOnlyCrossCancel": "would trade at once",
    "ReduceOnlyCancel": "would not reduce the position",
    "MarginCancel": "insufficient balance",
}
"""The exchange's word for an order's last change, as a trader says it."""


def detail_words(order: OrderRow) -> str:
    """Return why the order is as it is, in words."""
    return DETAILS.get(order.detail, order.detail)


def state_words(order: OrderRow) -> str:
    """Return the state's word, with the price asked for while an amend is in flight."""
    if order.state == "amending" and order.target_pips is not None:
        return f"Price → {price_cents(outcome_price(order, order.target_pips))}"
    return ORDER[order.state].word


def _share_filled(order: OrderRow) -> float | None:
    return order.filled_lots / order.total_lots if order.total_lots else None


COLUMNS: tuple[Column[OrderRow], ...] = (
    Column(
        "Market",
        "≥ 5,012.50",
        _name,
        lambda order: order.title,
        whole=True,
        tooltip=lambda order: order.ticker,
    ),
    Column("Side", "Buy YES", _side, lambda order: order.outcome, weight=600),
    Column(
        "Price ¢",
        "88.88",
        _price,
        lambda o: outcome_price(o, o.price_pips),
        Align.RIGHT,
    ),
    Column(
        "Filled",
        "8.88 / 18.8",
        _filled,
        _share_filled,
        Align.RIGHT,
        1,
        flash=lambda order: order.filled_lots,
    ),
    Column(
        "Age",
        "88:88",
        lambda order: Cell(age(order.age_ms), "text3"),
        lambda order: order.age_ms,
        Align.RIGHT,
        2,
    ),
    Column(
        "State",
        "● Price → 88.8",
        _state,
        state_words,
        tooltip=lambda order: detail_words(order) or ORDER[order.state].word,
        flash=lambda order: order.state,
    ),
    Column("From", "manual", lambda o: Cell(o.origin, "text3"), lambda o: o.origin, drop=3),
    Column(
        "Detail",
        "insufficient balance",
        lambda order: Cell(detail_words(order), "text3"),
        lambda order: detail_words(order) or None,
        drop=4,
        stretches=True,
        tooltip=detail_words,
    ),
    filler(),
)


class OrdersModel(RowTableModel[OrderRow]):
    """Orders by client order id."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(COLUMNS, lambda order: order.client_order_id, parent)
