"""Steps of the scenario: rate limits, their upgrade, and API keys."""

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from sdk_client import Client, Report, Vendor, refused, word


async def limit_steps(report: Report, ann: Client) -> None:
    """Limits of a new account, and what requests cost; an upgrade needs orders first."""
    with report.step("get_account_api_limits"):
        limits = await ann.get_account_api_limits()
        assert limits.usage_tier == "basic"
        assert (limits.read.refill_rate, limits.read.bucket_capacity) == (200, 200)
        assert (limits.write.refill_rate, limits.write.bucket_capacity) == (100, 100)
    with report.step("get_account_endpoint_costs"):
        costs = await ann.get_account_endpoint_costs()
        assert costs.default_cost == 10
        cancel = "/trade-api/v2/portfolio/events/orders/:order_id"
        assert [c.cost for c in costs.endpoint_costs if c.path == cancel] == [2]
    with report.step("upgrade_account_api_usage_level"):
        await refused(ann.upgrade_account_api_usage_level(), 403)


async def upgrade_steps(report: Report, ann: Client) -> None:
    """Limits after the upgrade of an account that trades."""
    with report.step("upgrade_account_api_usage_level", "get_account_api_limits"):
        assert await ann.upgrade_account_api_usage_level() is None
        limits = await ann.get_account_api_limits()
        assert limits.usage_tier == "advanced"
        assert (limits.read.refill_rate, limits.write.refill_rate) == (300, 300)


async def key_steps(report: Report, ann: Client, vendor: Vendor) -> None:
    """A key that was brought and may only read, and one that was made and may do everything."""
    private_key = ed25519.Ed25519PrivateKey.generate()
    public_form = serialization.PublicFormat.SubjectPublicKeyInfo
    public_pem = private_key.public_key().public_bytes(serialization.Encoding.PEM, public_form)
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    pem = private_key.private_bytes(serialization.Encoding.PEM, form, plain).decode()
    owned = (await ann.get_balance()).balance_dollars
    with report.step("create_api_key", "get_api_keys"):
        made = await ann.create_api_key(
            name="brought", public_key=public_pem.decode(), scopes=["read"]
        )
        (entry,) = [k for k in (await ann.get_api_keys()).api_keys if k.name == "brought"]
        assert entry.api_key_id == made.api_key_id
        assert [word(scope) for scope in entry.scopes] == ["read"]
        reader = vendor.client(made.api_key_id, pem)
        assert (await reader.get_balance()).balance_dollars == owned
        await refused(reader.create_order_group(contracts_limit=1), 403)
        await reader.close()
    with report.step("generate_api_key"):
        made = await ann.generate_api_key(name="made", key_type="rsa")
        assert "PRIVATE KEY" in made.private_key
        writer = vendor.client(made.api_key_id, made.private_key)
        group = await writer.create_order_group(contracts_limit=1)
        await writer.delete_order_group(group.order_group_id)
        await writer.close()
    with report.step("delete_api_key", "get_api_keys"):
        writer = vendor.client(made.api_key_id, made.private_key)
        assert await ann.delete_api_key(made.api_key_id) is None
        await refused(writer.get_balance(), 401)
        await writer.close()
        assert "made" not in [key.name for key in (await ann.get_api_keys()).api_keys]
