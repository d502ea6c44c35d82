"""The policy's cash: a sleeve a market and market life, and what of it is free now."""

from collections.abc import Iterable

from core.market.book import OrderBook
from core.market.market import TAKER_FEE_RATE, Market
from core.trading.ledger import Ledger
from core.trading.order_index import ACTOR, OrderIndex
from core.trading.order_manager import TradingLimits
from core.trading.orders import OwnOrder
from core.trading.planner import Desk, collateral


class Sleeves:
    """Reads ledger and orders; changes nothing."""

    def __init__(self, ledger: Ledger, orders: OrderIndex, limits: TradingLimits) -> None:
        self._ledger = ledger
        self._orders = orders
        self._limits = limits
        self._fee_rates: dict[str, int] = {}

    def desk(self, market: Market, book: OrderBook) -> Desk:
        """What the planner looks at in this market now, on the net book."""
        account = self._ledger.account(market.ticker)
        bid, ask = (self._orders.resting(market.ticker, side, ACTOR) for side in (0, 1))
        best_bid, best_ask = book.net_best(0), book.net_best(1)
        return Desk(
            best_bid=-1 if best_bid is None else best_bid,
            best_ask=-1 if best_ask is None else best_ask,
            position=account.position_lots,
            own_bid=bid.price_pips if bid else -1,
            own_bid_lots=bid.remaining_lots if bid else 0,
            own_ask=ask.price_pips if ask else -1,
            own_ask_lots=ask.remaining_lots if ask else 0,
            cash_micros=self.free_micros(market),
            size_lots=self._limits.size_lots,
            limit_lots=self._limits.position_lots,
            fee_rate=market.fees.taker_rate,
        )

    def forget(self, ticker: str) -> None:
        """The market is settled."""
        self._fee_rates.pop(ticker, None)

    def free_micros(self, market: Market) -> int:
        """Sleeve left in this market, never more than the account itself has free."""
        self._fee_rates[market.ticker] = market.fees.taker_rate
        account = self._ledger.account(market.ticker)
        held_here = self._held(self._orders.open_in(market.ticker))
        sleeve = self._limits.sleeve_micros + account.cash_flow_micros - held_here
        held_anywhere = self._held(self._orders.open())
        return min(sleeve, self._ledger.cash_micros - held_anywhere)

    def _held(self, orders: Iterable[OwnOrder]) -> int:
        return sum(
            collateral(
                order.side,
                order.price_pips,
                order.remaining_lots,
                self._ledger.account(order.ticker).position_lots,
                self._fee_rates.get(order.ticker, TAKER_FEE_RATE),
            )
            for order in orders
        )
