"""The REST surface put together: public reads, and what belongs to one account."""

from aiohttp import web

from core.sandbox.archive import Archive
from core.sandbox.candle_api import CandleApi
from core.sandbox.catalogue_api import CatalogueApi
from core.sandbox.exchange import Exchange
from core.sandbox.fee_changes import FeeChanges
from core.sandbox.fee_changes_api import FeeChangesApi
from core.sandbox.historical_api import HistoricalApi
from core.sandbox.market_api import MarketApi
from core.sandbox.order_api import OrderApi
from core.sandbox.portfolio_api import PortfolioApi
from core.sandbox.request_path import RequestPath
from core.sandbox.selections import Selections


def trading_routes(
    exchange: Exchange, fee_changes: FeeChanges, path: RequestPath, prefix: str
) -> list[web.RouteDef]:
    """Routes of markets and of what accounts hold and order."""
    archive = Archive(exchange)
    selections = Selections(exchange, archive)
    return [
        *MarketApi(exchange, archive, selections).routes(prefix),
        *CandleApi(exchange, archive).routes(prefix),
        *CatalogueApi(exchange, archive, fee_changes).routes(prefix),
        *FeeChangesApi(exchange, fee_changes).routes(prefix),
        *HistoricalApi(exchange, archive, selections).routes(prefix),
        *PortfolioApi(exchange, selections).routes(prefix),
        *OrderApi(exchange, selections, path).routes(prefix),
    ]
