import json
from typing import Any

from core.sandbox import frames
from core.units import Side

Floor = Any  # the class stands in conftest.py, which no test can import


# Required members of each message, from the protocol's table.
REQUIRED = {
    "ticker": "market_ticker market_id price_dollars yes_bid_dollars yes_ask_dollars "
    "yes_bid_size_fp yes_ask_size_fp last_trade_size_fp volume_fp open_interest_fp dollar_volume "
    "dollar_open_interest ts ts_ms time",
    "trade": "trade_id market_ticker yes_price_dollars no_price_dollars count_fp taker_side "
    "taker_outcome_side taker_book_side is_block_trade ts ts_ms",
    "fill": "trade_id order_id market_ticker exchange_index is_taker side action outcome_side "
    "book_side purchased_side yes_price_dollars count_fp fee_cost post_position_fp ts ts_ms",
    "position": "user_id market_ticker position_fp position_cost_dollars realized_pnl_dollars "
    "fees_paid_dollars position_fee_cost_dollars volume_fp",
    "order": "order_id user_id ticker exchange_index status side is_yes outcome_side book_side "
    "yes_price_dollars initial_count_fp fill_count_fp remaining_count_fp taker_fill_cost_dollars "
    "maker_fill_cost_dollars taker_fees_dollars maker_fees_dollars client_order_id created_time "
    "created_ts_ms",
}


def missing(kind: str, text: str) -> set[str]:
    return set(REQUIRED[kind].split()) - set(json.loads(text))


def test_required_members_are_there(floor: Floor) -> None:
    floor.crowd(Side.ASK, 4_000, 100)
    now_s = floor.exchange.now_ms // 1000
    order = floor.place(floor.ann, "bid", "0.4000", "2.00", expiration_time=now_s + 60)
    (fill,) = floor.ann.fills
    position = floor.ann.position(order.ticker)
    listing, ts = floor.listing, floor.exchange.now_ms
    fields = frames.ticker_fields(listing)
    assert not missing("ticker", frames.ticker_msg(listing, fields, ts))
    assert not missing("trade", frames.trade_msg(listing, "id", 0, 100, 4_000, ts))
    assert not missing("fill", frames.fill_msg(fill, 100))
    assert not missing("position", frames.position_msg(floor.ann, position))
    told = frames.order_msg(floor.ann, order)
    assert not missing("order", told)
    assert json.loads(told)["expiration_ts_ms"] == (now_s + 60) * 1000


def test_snapshot_levels_ascend_in_the_quoted_price(floor: Floor) -> None:
    for side, price in ((Side.BID, 4_000), (Side.BID, 3_000), (Side.ASK, 6_000), (Side.ASK, 7_000)):
        floor.crowd(side, price, 100)
    plain = json.loads(frames.snapshot_msg(floor.listing, False))
    assert plain["yes_dollars_fp"] == [["0.3000", "1.00"], ["0.4000", "1.00"]]
    assert plain["no_dollars_fp"] == [["0.3000", "1.00"], ["0.4000", "1.00"]]
    flipped = json.loads(frames.snapshot_msg(floor.listing, True))
    assert flipped["no_dollars_fp"] == [["0.6000", "1.00"], ["0.7000", "1.00"]]


def test_empty_sides_have_no_key(floor: Floor) -> None:
    assert set(json.loads(frames.snapshot_msg(floor.listing, True))) == {
        "market_ticker",
        "market_id",
    }
