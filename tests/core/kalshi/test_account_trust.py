"""Feed session cases (ARCHITECTURE.md): what the account may have missed."""

import pytest
from feed_script import Script, snapshot

from core.kalshi.account_trust import AccountTrust
from core.kalshi.events import AccountFeed, FeedState

LOST, WHOLE = AccountFeed(is_whole=False), AccountFeed(is_whole=True)
SIDS = {"fill": 3, "user_orders": 4, "market_positions": 5, "market_lifecycle_v2": 6}


def told(script: Script) -> list[AccountFeed]:
    return script.of(AccountFeed)


def renewed(script: Script, channel: str, sid: int) -> None:
    """Confirm the newest subscribe to a channel with this sid."""
    (command,) = [
        c
        for c in script.commands
        if c["cmd"] == "subscribe" and c["params"]["channels"] == [channel]
    ]
    body = {"channel": channel, "sid": sid}
    script.send({"id": command["id"], "type": "subscribed", "msg": body})


def test_f81_account_is_whole_once_all_its_channels_are_confirmed() -> None:
    script = Script("A").connect()
    assert told(script) == []
    script.confirm()
    assert told(script) == [WHOLE]


def test_f82_account_is_not_whole_from_the_loss_of_the_connection() -> None:
    script = Script("A").live()
    script.take(script.session.connection_lost("gone"))
    assert told(script) == [LOST]
    script.connect()
    assert told(script) == [LOST]
    script.confirm()
    assert told(script) == [LOST, WHOLE]


@pytest.mark.parametrize("channel", SIDS)
def test_f83_account_is_not_whole_until_a_channel_that_ended_is_confirmed_again(
    channel: str,
) -> None:
    script = Script("A").live()
    over = {"code": 25, "msg": "outbound buffer overflow"}
    script.send({"type": "error", "sid": SIDS[channel], "seq": 1, "msg": over})
    assert told(script) == [LOST]
    script.wait(1_000)
    assert told(script) == [LOST]
    renewed(script, channel, 19)
    assert told(script) == [LOST, WHOLE]
    assert script.session.live_tickers == {"A"}


def test_f84_gap_on_the_only_numbered_channel_of_the_account_is_a_loss_that_is_over() -> None:
    script = Script("A").live()
    body = {"market_ticker": "A", "event_type": "determined", "result": "yes"}
    frame = {"type": "market_lifecycle_v2", "sid": SIDS["market_lifecycle_v2"], "msg": body}
    script.send(frame | {"seq": 1})
    assert told(script) == []
    script.send(frame | {"seq": 3})
    assert told(script) == [LOST, WHOLE]


def test_f85_losses_on_public_channels_say_nothing_of_the_account() -> None:
    script = Script("A").live()
    script.send({"type": "error", "sid": 2, "seq": 1, "msg": {"code": 25, "msg": "overflow"}})
    script.send(snapshot(9))
    script.send(b'{"type":"trade","sid":2,"msg":{"trade_id":5}}')
    assert told(script) == []
    assert script.of(FeedState)


def test_f86_a_session_without_an_account_never_speaks_of_one() -> None:
    script = Script("A", has_account=False).live()
    script.take(script.session.connection_lost("gone"))
    script.connect().confirm()
    assert told(script) == []


def test_f87_a_channel_of_the_account_refused_for_good_is_asked_for_every_30_s() -> None:
    script = Script("A").connect().confirm()
    script.take(script.session.connection_lost("gone"))
    script.commands.clear()
    script.connect()
    (command,) = [c for c in script.commands if c["params"]["channels"] == ["user_orders"]]
    script.commands.remove(command)
    script.confirm()
    no = {"id": command["id"], "type": "error", "msg": {"code": 26, "msg": "no"}}
    assert "26 on user_orders" in script.send(no)[-1].detail
    assert told(script) == [WHOLE, LOST]
    script.commands.clear()
    script.wait(29_900)
    assert script.sent("subscribe") == []
    script.wait(200)
    renewed(script, "user_orders", 19)
    assert told(script) == [WHOLE, LOST, WHOLE]


@pytest.mark.parametrize(
    "data", [b'{"type":"user_or', b'{"type":"user_order","msg":{"order_id":5}}']
)
def test_f88_a_message_that_says_not_whose_it_is_may_have_been_the_accounts(data: bytes) -> None:
    script = Script("A").live()
    script.send(data)
    assert told(script) == [LOST, WHOLE]


def test_a_message_missed_on_a_channel_that_is_not_open_is_no_news() -> None:
    trust = AccountTrust(["fill", "user_orders"])
    assert trust.confirmed("fill") == []
    assert trust.missed("user_orders") == []
    assert trust.missed("fill") == []
    assert trust.confirmed("user_orders") == [WHOLE]
    assert trust.confirmed("user_orders") == []
    assert trust.missed("fill") == [LOST, WHOLE]
    assert trust.ended("fill") == [LOST]
    assert trust.ended_all() == []
