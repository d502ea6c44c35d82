"""Positions and cash as a fold over fills. Average cost; fees kept apart from profit.

A position is one signed number a market: + is YES, - is NO. Opening YES costs p, opening NO
costs 1 - p; each pair that closes comes back at the price of the closing trade.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.kalshi.events import FillReport, PositionReport
from core.kernels import kernel
from core.units import PIPS_PER_DOLLAR


@kernel
def fold_fill(
    position_lots: int, cost_micros: int, side: int, price_pips: int, quantity_lots: int
) -> tuple[int, int, int, int]:
    """Fold one fill into a position.

    Args:
        position_lots: signed position before.
        cost_micros: what the open position cost.
        side: 0 a bid of ours filled, 1 an ask.
        price_pips: YES price.
        quantity_lots: filled quantity, positive.

    Returns:
        (position, cost, cash change before the fee, realised profit), lots and micros.
    """
    sign = 1 if side == 0 else -1
    opening_price = price_pips if side == 0 else 10_000 - price_pips
    closing_price = 10_000 - opening_price
    held = -sign * position_lots
    closed = min(quantity_lots, held) if held > 0 else 0
    opened = quantity_lots - closed
    released = cost_micros * closed // held if closed else 0
    cash = closing_price * closed - opening_price * opened
    realised = closing_price * closed - released
    cost = cost_micros - released + opening_price * opened
    return position_lots + sign * quantity_lots, cost, cash, realised


@kernel
def liquidation_value(
    position_lots: int,
    bid_prices: NDArray[np.int64],
    bid_lots: NDArray[np.int64],
    ask_prices: NDArray[np.int64],
    ask_lots: NDArray[np.int64],
) -> int:
    """What resting orders of the net book would pay for the position now, gross of fees.

    Levels are best first; what the book cannot take is worth nothing. Returns micros.
    """
    left = abs(position_lots)
    value = 0
    prices, lots = (bid_prices, bid_lots) if position_lots > 0 else (ask_prices, ask_lots)
    for index in range(len(prices)):
        taken = min(left, lots[index])
        price = prices[index] if position_lots > 0 else 10_000 - prices[index]
        value += price * taken
        left -= taken
        if left == 0:
            break
    return value


REMEMBERED_FILLS = 5_000
"""Fills known by id, so that none counts twice; the exchange is never asked for so many again."""


@dataclass
class MarketAccount:
    """Our account in one market; the ledger is its only writer. Micros and lots."""

    ticker: str
    position_lots: int = 0
    cost_micros: int = 0
    realized_micros: int = 0
    fees_micros: int = 0
    cash_flow_micros: int = 0
    volume_lots: int = 0

    @property
    def average_pips(self) -> float | None:
        """Average entry as a YES price, None when flat."""
        if not self.position_lots:
            return None
        paid = self.cost_micros / abs(self.position_lots)
        return paid if self.position_lots > 0 else PIPS_PER_DOLLAR - paid


class Ledger:
    """Cash and positions of the account.

    `cash_micros` is all cash, resting orders' collateral included.
    """

    def __init__(self) -> None:
        self.cash_micros = 0
        self._accounts: dict[str, MarketAccount] = {}
        self._booked: dict[tuple[str, str], None] = {}
        self._fills = 0

    def __iter__(self) -> Iterator[MarketAccount]:
        return iter(self._accounts.values())

    @property
    def fills(self) -> int:
        """How many fills have been booked in this run."""
        return self._fills

    def account(self, ticker: str) -> MarketAccount:
        """Our account in a market, made flat when first asked for."""
        return self._accounts.setdefault(ticker, MarketAccount(ticker))

    def open(self, cash_micros: int, positions: list[PositionReport]) -> None:
        """Start from what the exchange holds for us."""
        self.cash_micros = cash_micros
        self._accounts = {
            report.ticker: MarketAccount(
                report.ticker,
                report.position_lots,
                report.cost_micros,
                report.realized_micros,
                report.fees_micros,
                report.realized_micros - report.cost_micros - report.fees_micros,
            )
            for report in positions
        }

    def mark_booked(self, fills: list[FillReport]) -> None:
        """These fills, newest first, are already inside the opening figures."""
        for fill in reversed(fills[:REMEMBERED_FILLS]):
            self._remember(fill)

    def has_booked(self, fill: FillReport) -> bool:
        """True if this fill is in the figures; only the newest are remembered."""
        return (fill.trade_id, fill.order_id) in self._booked

    def _remember(self, fill: FillReport) -> None:
        self._booked[fill.trade_id, fill.order_id] = None
        if len(self._booked) > REMEMBERED_FILLS:
            del self._booked[next(iter(self._booked))]

    def book(self, fill: FillReport) -> bool:
        """Fold a fill in; False if it was booked before."""
        if self.has_booked(fill):
            return False
        self._remember(fill)
        self._fills += 1
        account = self.account(fill.ticker)
        account.position_lots, account.cost_micros, cash, realised = fold_fill(
            account.position_lots,
            account.cost_micros,
            fill.side,
            fill.price_pips,
            fill.quantity_lots,
        )
        account.realized_micros += realised
        account.fees_micros += fill.fee_micros
        account.volume_lots += fill.quantity_lots
        self._pay(account, cash - fill.fee_micros)
        return True

    def settle(self, ticker: str, yes_pips: int) -> int:
        """Pay out a determined market: `yes_pips` a YES contract. Returns the payout in micros."""
        account = self.account(ticker)
        lots = account.position_lots
        payout = lots * yes_pips if lots > 0 else -lots * (PIPS_PER_DOLLAR - yes_pips)
        account.realized_micros += payout - account.cost_micros
        account.position_lots = account.cost_micros = 0
        self._pay(account, payout)
        return payout

    def _pay(self, account: MarketAccount, micros: int) -> None:
        account.cash_flow_micros += micros
        self.cash_micros += micros
