"""Steps of the scenario: subaccounts, what is done in them, and money between them."""

from decimal import Decimal
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
        for _ in range(2):
            await ann.apply_subaccount_transfer(client_transfer_id=transfer_id, **transfer)
        (entry,) = (await ann.get_subaccount_transfers()).transfers
        assert entry.transfer_id == str(transfer_id)
        assert (entry.from_subaccount, entry.to_subaccount, entry.amount_cents) == (0, 1, 2_000)
        too_much = transfer | {"amount_cents": 100_000_000}
        await refused(ann.apply_subaccount_transfer(client_transfer_id=uuid4(), **too_much), 400)
    with report.step("get_subaccount_balances", "get_balance"):
        entries = (await ann.get_subaccount_balances()).subaccount_balances
        assert [entry.subaccount_number for entry in entries] == [0, 1, 2]
        assert [Decimal(entry.balance) for entry in entries] == [whole - 20, 20, 0]
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


async def transfer_steps(report: Report, ann: Client) -> None:
    """The wider call brings everything back, and is listed among subaccounts only."""
    own = {"source": "event_contract", "destination": "event_contract"}
    with report.step("intra_exchange_instance_transfer", "get_subaccount_transfers"):
        made = await ann.intra_exchange_instance_transfer(
            **own, amount=200_000, source_subaccount=1
        )
        latest = (await ann.get_subaccount_transfers(limit=1)).transfers[0]
        assert (latest.transfer_id, latest.amount_cents) == (made.transfer_id, 2_000)
        assert (await ann.get_balance(subaccount=1)).balance == 0
        elsewhere = own | {"destination": "margined"}
        await refused(ann.intra_exchange_instance_transfer(**elsewhere, amount=100), 400)
    with report.step("get_intra_exchange_instance_transfers"):
        listed = await ann.get_intra_exchange_instance_transfers()
        assert (listed.transfers, word(listed.cursor or "")) == ([], "")
    with report.step("get_intra_exchange_instance_transfer"):
        await refused(ann.get_intra_exchange_instance_transfer(str(uuid4())), 404)
