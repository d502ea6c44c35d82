"""Wire forms of a session's lines."""

import msgspec
import pytest

from core.storage.frames import KnownLine, TradeLine, TradeMsg, yes_pips


def test_no_price_is_mirrored() -> None:
    assert (yes_pips("0.4200", "yes"), yes_pips("0.4200", "no")) == (4_200, 5_800)


@pytest.mark.parametrize(
    ("words", "side"),
    [
        ({"taker_side": "yes"}, 0),
        ({"taker_side": "no"}, 1),
        ({"taker_outcome_side": "yes"}, 0),
        ({"taker_side": "yes", "taker_book_side": "ask"}, 1),
        ({"taker_side": "no", "taker_book_side": "bid"}, 0),
    ],
)
def test_newest_word_for_the_taker_wins(words: dict[str, str], side: int) -> None:
    assert TradeMsg("id", "X-A", "0.4000", "1.00", **words).side == side


def test_lines_tolerate_new_fields() -> None:
    text = (
        b'{"type":"trade","sid":2,"seq":10,"new":[1],"msg":{"trade_id":"f","market_ticker":"X-A",'
        b'"yes_price":77,"yes_price_dollars":"0.7700","count":75,"count_fp":"75.00",'
        b'"taker_side":"yes","ts":1770897981}}'
    )
    line = msgspec.json.decode(text, type=KnownLine)
    assert isinstance(line, TradeLine)
    assert (line.sid, line.seq, line.msg.ts, line.msg.ts_ms) == (2, 10, 1_770_897_981, 0)
