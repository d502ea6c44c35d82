"""What the exchange tells one account, in integer units. Prices are YES prices in pips."""

from core.events import Event


class FillReport(Event, frozen=True, gc=False):
    """One fill of an own order, from the `fill` channel or the fills list.

    `fee_micros` is this fill's net fee. `post_position_lots` is the signed position after it
    (None where the source does not say). Key fills by (trade_id, order_id), never by order of
    arrival.
    """

    trade_id: str
    order_id: str
    ticker: str
    side: int
    price_pips: int
    quantity_lots: int
    fee_micros: int
    is_taker: bool
    ts_ms: int
    client_order_id: str = ""
    post_position_lots: int | None = None


class OrderReport(Event, frozen=True, gc=False):
    """State of an own order as the exchange knows it. `status`: resting, canceled, executed."""

    order_id: str
    client_order_id: str
    ticker: str
    side: int
    price_pips: int
    initial_lots: int
    filled_lots: int
    remaining_lots: int
    status: str
    ts_ms: int
    reason: str = ""


class PositionReport(Event, frozen=True, gc=False):
    """A market position as the exchange knows it. `position_lots`: + is YES, - is NO."""

    ticker: str
    position_lots: int
    cost_micros: int
    realized_micros: int
    fees_micros: int


class BalanceReport(Event, frozen=True, gc=False):
    """Cash of the account: free for trading, and held back for resting orders."""

    available_micros: int
    reserved_micros: int
    portfolio_micros: int


class FeedState(Event, frozen=True, gc=False):
    """State of the feed connection: connecting, live, recovering, disconnected."""

    state: str
    detail: str = ""


class AccountFeed(Event, frozen=True, gc=False):
    """Whether the feed tells of all our orders and fills and of every market's end from now on.

    What happened before it became whole may have been told to nobody.
    """

    is_whole: bool
