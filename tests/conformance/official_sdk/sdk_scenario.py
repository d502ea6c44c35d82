"""Drives the local exchange with the vendor's own client and asserts what every reply means.

    python sdk_scenario.py sync|async < configuration

The configuration is one JSON line with `base_url`, two `accounts` (`api_key_id`, `pem`), the
markets `open` and `ending` of one event, and `start_ms`. Venue time stands until this program has
printed `{"let_time_pass": true}`. Then it prints one line a method: `{"method", "errors"}`.
"""

import asyncio
import json
import sys
from typing import Any

from sdk_account import key_steps, limit_steps, upgrade_steps
from sdk_client import Report, Vendor
from sdk_fees import changed_fee_steps, fee_steps
from sdk_market import candle_steps, catalogue_steps, exchange_steps, market_steps
from sdk_orders import batch_steps, group_steps, order_steps, portfolio_steps
from sdk_settled import history_steps, settlement_steps
from sdk_subaccounts import subaccount_steps, transfer_steps


async def main() -> None:
    """Run all steps."""
    facts: dict[str, Any] = json.loads(sys.stdin.readline())
    vendor = Vendor(sys.argv[1], facts["base_url"])
    ann, bob = (vendor.client(a["api_key_id"], a["pem"]) for a in facts["accounts"])
    report = Report()
    await limit_steps(report, ann)
    await exchange_steps(report, ann, facts)
    await catalogue_steps(report, ann, facts)
    await order_steps(report, ann, bob, facts)
    await upgrade_steps(report, ann)
    await market_steps(report, ann, facts)
    await candle_steps(report, ann, facts)
    await portfolio_steps(report, ann, facts)
    await batch_steps(report, ann, facts)
    await group_steps(report, ann, bob, facts)
    await key_steps(report, ann, vendor)
    await subaccount_steps(report, ann, bob, facts)
    await transfer_steps(report, ann, bob, facts)
    await fee_steps(report, ann, bob, facts)
    print(json.dumps({"let_time_pass": True}), flush=True)
    await settlement_steps(report, ann, bob, facts)
    await changed_fee_steps(report, ann, facts)
    await history_steps(report, ann, facts)
    for client in (ann, bob):
        await client.close()
    report.print()


if __name__ == "__main__":
    asyncio.run(main())
