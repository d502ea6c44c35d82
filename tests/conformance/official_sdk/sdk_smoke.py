"""The first steps of a new user (protocol 9.2) with the vendor's asynchronous client.

    python sdk_smoke.py < access

The access is the line that the exchange prints. Prints one JSON line of what came back.
"""

import asyncio
import json
import sys
from pathlib import Path

from kalshi_python_async import Configuration, KalshiClient


async def main() -> None:
    """Read the balance, place an order, look at it and cancel it."""
    access = json.loads(sys.stdin.readline())
    configuration = Configuration(host=access["base_url"])
    configuration.api_key_id = access["api_key_id"]
    configuration.private_key_pem = await asyncio.to_thread(
        Path(access["private_key_file"]).read_text
    )
    client = KalshiClient(configuration)
    try:
        balance = (await client.get_balance()).balance_dollars
        page = await client.get_markets(limit=5, status="open")
        dearest = max(page.markets, key=lambda market: float(market.yes_bid_dollars))
        made = await client.create_order_v2(
            ticker=dearest.ticker,
            side="bid",
            count="1.00",
            price="0.0100",
            time_in_force="good_till_canceled",
            self_trade_prevention_type="taker_at_cross",
            client_order_id="smoke-1",
        )
        status = (await client.get_order(made.order_id)).order.status
        canceled = await client.cancel_order_v2(made.order_id)
    finally:
        await client.close()
    told = {
        "balance": balance,
        "markets": len(page.markets),
        "status": getattr(status, "value", status),
        "reduced_by": canceled.reduced_by,
    }
    print(json.dumps(told))


if __name__ == "__main__":
    asyncio.run(main())
