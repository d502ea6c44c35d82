"""What a liquidity source asks the local exchange to do."""

import msgspec

from core.market.market import Market


class PlaceOrder(msgspec.Struct, frozen=True):
    """Place an order of the crowd. `side` is 0 bid, 1 ask; an immediate one never rests."""

    key: int
    ticker: str
    side: int
    price_pips: int
    quantity_lots: int
    immediate: bool


class CancelOrder(msgspec.Struct, frozen=True):
    """Take back what is left of the order with this key; nothing left is no error."""

    key: int


class AnnounceMarket(msgspec.Struct, frozen=True):
    """List a market that opens later, at its own time."""

    market: Market


class OpenMarket(msgspec.Struct, frozen=True):
    """Begin trading in a market, listing it if it is not."""

    market: Market


class CloseMarket(msgspec.Struct, frozen=True):
    """End trading; all its resting orders are gone."""

    ticker: str


class SettleMarket(msgspec.Struct, frozen=True):
    """Determine a closed market as `yes` or `no` and pay out."""

    ticker: str
    result: str


FlowAction = PlaceOrder | CancelOrder | AnnounceMarket | OpenMarket | CloseMarket | SettleMarket
