"""Steps of the scenario: subaccounts, what is done in them, and money between them."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

from sdk_client import Client, Report, refused, word
from sdk_orders import Facts, body


async def subaccount_steps(report: Report, ann: Client, bob: Client, facts: Facts) -> None:
    """Ann opens two subaccounts and trades in the first; bob's tier has none."""
    with report.step("create_subaccount"):
        assert (await ann.create_subaccount()).subaccount_number == 1
        assert (await ann.create_subaccount(exchange_index=0)).subaccount_number == 2
        await refused(bob.create_subaccount(), 403)
    whole = Decimal((await ann.get_balance()).balance_dollars)
    with report.step("apply_subaccount_transfer", "get_subaccount_transfers"):
        transfer = {"from_subaccount": 0, "to_subaccount": 1, "amount_cents": 2_000}
        transfer_id = uuid4()
        for _ in range(2):  # the same id is the same transfer, which is made once
            await ann.apply_subaccount_transfer(client_transfer_id=transfer_id, **transfer)
        (entry,) = (await ann.get_subaccount_transfers()).transfers
        assert told(entry) == (str(transfer_id), 0, 1, 2_000, 0)
        assert abs(entry.created_ts - facts["start_ms"] // 1000) <= 1
        other = transfer | {"amount_cents": 1}
        await refused(ann.apply_subaccount_transfer(client_transfer_id=transfer_id, **other), 400)
        for wrong in (
            {"amount_cents": 100_000_000},
            {"amount_cents": 0},
            {"amount_cents": -1},
            {"to_subaccount": 0},
        ):
            asked = transfer | wrong
            await refused(ann.apply_subaccount_transfer(client_transfer_id=uuid4(), **asked), 400)
        assert len((await ann.get_subaccount_transfers()).transfers) == 1
        assert (await bob.get_subaccount_transfers()).transfers == []
        assert await balances(ann) == [whole - 20, 20, 0]
    with report.step("get_subaccount_balances", "get_balance"):
        entries = (await ann.get_subaccount_balances()).subaccount_balances
        assert [entry.subaccount_number for entry in entries] == [0, 1, 2]
        assert await balances(ann) == [whole - 20, 20, 0]
        assert (await ann.get_balance(subaccount=1)).balance == 2_000
        await refused(ann.get_balance(subaccount=3), 400)
    with report.step("create_order_v2", "get_orders", "cancel_order_v2", "create_order_group"):
        group = await ann.create_order_group(contracts_limit=5, subaccount=1)
        assert group.subaccount == 1
        fields = {"subaccount": 1, "order_group_id": group.order_group_id, "exchange_index": -1}
        rested = await ann.create_order_v2(**body(facts["open"], "bid", "0.0500", "9.00", **fields))
        (order,) = (await ann.get_orders(subaccount=1)).orders
        assert (order.order_id, order.subaccount_number) == (rested.order_id, 1)
        await refused(ann.cancel_order_v2(rested.order_id), 404)
        assert (await ann.cancel_order_v2(rested.order_id, subaccount=1)).reduced_by == "9.00"
        await ann.delete_order_group(group.order_group_id, subaccount=1)
    with report.step("update_subaccount_netting", "get_subaccount_netting"):
        assert await ann.update_subaccount_netting(subaccount_number=1, enabled=True) is None
        configs = (await ann.get_subaccount_netting()).netting_configs
        assert [config.enabled for config in configs] == [False, True, False]
        await ann.update_subaccount_netting(subaccount_number=1, enabled=False)


def told(entry: Any) -> tuple[object, ...]:  # noqa: ANN401  (the vendor's model)
    """What a listed transfer says, but for its time."""
    return (
        entry.transfer_id,
        entry.from_subaccount,
        entry.to_subaccount,
        entry.amount_cents,
        entry.exchange_index,
    )


async def balances(client: Client) -> list[Decimal]:
    """What each subaccount has."""
    entries = (await client.get_subaccount_balances()).subaccount_balances
    return [Decimal(entry.balance) for entry in entries]


async def transfer_steps(report: Report, ann: Client, bob: Client, facts: Facts) -> None:
    """Cash that an order needs stays; the wider call brings back the rest, in the same list."""
    own = {"source": "event_contract", "destination": "event_contract"}
    back = own | {"source_subaccount": 1}
    before = await balances(ann)
    with report.step("apply_subaccount_transfer", "get_subaccount_balances"):
        rested = await ann.create_order_v2(
            **body(facts["open"], "bid", "0.1000", "50", subaccount=1)
        )
        transfer = {"from_subaccount": 1, "to_subaccount": 2, "amount_cents": 1_600}
        await refused(ann.apply_subaccount_transfer(client_transfer_id=uuid4(), **transfer), 400)
        await ann.cancel_order_v2(rested.order_id, subaccount=1)
        assert await balances(ann) == before
        await ann.apply_subaccount_transfer(client_transfer_id=uuid4(), **transfer)
        assert await balances(ann) == [before[0], before[1] - 16, before[2] + 16]
    with report.step("intra_exchange_instance_transfer", "get_subaccount_transfers"):
        made = await ann.intra_exchange_instance_transfer(**back, amount=40_000)
        latest = await ann.get_subaccount_transfers(limit=1)
        assert [told(entry) for entry in latest.transfers] == [(made.transfer_id, 1, 0, 400, 0)]
        older = (await ann.get_subaccount_transfers(cursor=latest.cursor)).transfers
        assert [entry.amount_cents for entry in older] == [1_600, 2_000]
        assert await balances(ann) == [before[0] + 4, before[1] - 20, before[2] + 16]
        second = {"source_subaccount": 2, "destination_subaccount": 0}
        again = await ann.intra_exchange_instance_transfer(**own, **second, amount=160_000)
        assert again.transfer_id != made.transfer_id
        assert await balances(ann) == [sum(before), 0, 0]
        assert (await ann.get_balance(subaccount=1)).balance == 0
        for wrong in (
            own | {"destination": "margined", "amount": 100},
            back | {"amount": 100},
            back | {"amount": 50},
            own | {"amount": 100},
            own | {"destination_subaccount": 9, "amount": 100},
        ):
            await refused(ann.intra_exchange_instance_transfer(**wrong), 400)
        assert (await bob.get_subaccount_transfers()).transfers == []
        assert await balances(ann) == [sum(before), 0, 0]
    with report.step("get_intra_exchange_instance_transfers"):
        listed = await ann.get_intra_exchange_instance_transfers()
        assert (listed.transfers, word(listed.cursor or "")) == ([], "")
    with report.step("get_intra_exchange_instance_transfer"):
        await refused(ann.get_intra_exchange_instance_transfer(str(uuid4())), 404)
