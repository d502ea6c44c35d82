"""Money, contracts and what is told of them, under every combination of the exchange's rules.

One of the users has two accounts and moves money between them.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from core.clock import ManualClock
from core.market.market import FeeSchedule, Market
from core.sandbox.accounts import Account
from core.sandbox.commands import Session
from core.sandbox.desk import Desk
from core.sandbox.engine import MatchingBook
from core.sandbox.errors import ApiError
from core.sandbox.exchange import Exchange
from core.sandbox.group_desk import GroupDesk
from core.sandbox.market_life import MarketLife
from core.sandbox.order_bodies import AmendBody, CreateBody, DecreaseBody, GroupBody
from core.sandbox.orders import Order
from core.sandbox.publisher import Publisher
from core.sandbox.rules import ExchangeRules
from core.sandbox.transfers import TransferDesk
from core.units import MICROS_PER_DOLLAR, PIPS_PER_DOLLAR, format_count, format_price

T0 = 1_778_477_863_000
CASH = 30 * MICROS_PER_DOLLAR
USERS = 3
TICKERS = ("KXA-1", "KXB-1")
SIDES = ("bid", "ask")

RULES = st.builds(
    ExchangeRules,
    post_only_cross=st.sampled_from(["refuse", "cancel"]),
    precision_micros=st.sampled_from([100, 10_000]),
    reserves_resting=st.booleans(),
    read_lag_ms=st.sampled_from([(0, 0), (300, 1_000)]),
    event_order=st.sampled_from(["shuffled", "fixed"]),
    use_yes_price=st.booleans(),
)


class Wish(NamedTuple):
    """One thing somebody tries; the exchange may refuse it."""

    kind: str
    who: int
    ticker: str
    side: int
    cents: int
    lots: int
    tif: str
    mode: str
    flags: int


KINDS = ["create"] * 24 + ["crowd"] * 8 + ["amend", "time", "group"] * 3
KINDS += ["resume", "activate", "reopen"] * 2 + ["cancel", "decrease", "transfer"]
KINDS += ["pause", "halt", "deactivate", "close"]
WISHES = st.lists(
    st.builds(
        Wish,
        st.sampled_from(KINDS),
        st.integers(0, USERS),
        st.sampled_from(TICKERS),
        st.integers(0, 1),
        st.integers(47, 54),
        st.integers(1, 900),
        st.sampled_from(["good_till_canceled"] * 3 + ["immediate_or_cancel", "fill_or_kill"]),
        st.sampled_from(["taker_at_cross", "maker"]),
        st.integers(0, 9),
    ),
    min_size=30,
    max_size=70,
)
FEES = st.sampled_from([FeeSchedule(), FeeSchedule(7_000, 1_750), FeeSchedule(0, 0)])
RESULTS = st.sampled_from([("yes", -1), ("no", -1), ("scalar", 3_300)])


class Listener:
    """A client that keeps books, positions and sequence numbers from messages alone."""

    is_stamped = False
    sent_count = 0

    def __init__(self, is_yes_priced: bool) -> None:
        self._is_yes_priced = is_yes_priced
        self._seqs: dict[int, int] = {}
        self.books: dict[str, dict[tuple[str, int], int]] = {}
        self.positions: dict[tuple[int, str], int] = {}
        self.triggered: set[str] = set()

    def is_full(self) -> bool:
        return False

    def send(self, text: str) -> None:
        message = json.loads(text + "}")
        if "seq" in message:
            expected = self._seqs.get(message["sid"], 0) + 1
            assert message["seq"] == expected
            self._seqs[message["sid"]] = expected
        take = getattr(self, f"_take_{message['type']}", None)
        if take:
            take(message["msg"])

    def _take_orderbook_snapshot(self, msg: dict[str, Any]) -> None:
        book = self.books[msg["market_ticker"]] = {}
        for side in ("yes", "no"):
            for price, count in msg.get(f"{side}_dollars_fp", ()):
                book[side, self._pips(price, side)] = lots_of(count)

    def _take_orderbook_delta(self, msg: dict[str, Any]) -> None:
        key = msg["side"], self._pips(msg["price_dollars"], msg["side"])
        book = self.books[msg["market_ticker"]]
        book[key] = book.get(key, 0) + lots_of(msg["delta_fp"])
        assert book[key] >= 0
        if not book[key]:
            del book[key]

    def _take_fill(self, msg: dict[str, Any]) -> None:
        key, lots = (msg["subaccount"], msg["market_ticker"]), lots_of(msg["count_fp"])
        signed = lots if msg["book_side"] == "bid" else -lots
        self.positions[key] = self.positions.get(key, 0) + signed
        assert self.positions[key] == lots_of(msg["post_position_fp"])

    def _take_order_group_updates(self, msg: dict[str, Any]) -> None:
        if msg["event_type"] == "triggered":
            self.triggered.add(msg["order_group_id"])

    def _pips(self, price: str, side: str) -> int:
        pips = round(float(price) * PIPS_PER_DOLLAR)
        return pips if side == "yes" or self._is_yes_priced else PIPS_PER_DOLLAR - pips


def lots_of(count: str) -> int:
    return round(float(count) * 100)


class House:
    """Two markets, the crowd, three users with little money, and one who listens.

    The last of the accounts is the listener's second one.
    """

    def __init__(self, rules: ExchangeRules, fees: FeeSchedule) -> None:
        self.clock = ManualClock()
        self.exchange = Exchange(Publisher(), 1, T0, rules, self.clock)
        self.life, self.desk = MarketLife(self.exchange), Desk(self.exchange)
        self.groups = GroupDesk(self.exchange)
        for ticker in TICKERS:
            self.life.list_market(Market(ticker, ticker, ticker, fees=fees), MatchingBook())
        self.accounts = [self.exchange.open_account(CASH) for _ in range(USERS)]
        own = self.exchange.open_subaccount(1)
        assert own is not None
        self.accounts.append(own)
        self.transfers = TransferDesk(self.exchange)
        self.transfers.move(self.accounts[0], own, 1_000, "first")
        self.listener = Listener(rules.use_yes_price)
        session = Session(self.exchange, self.exchange.publisher, self.listener, 1)
        channels = '["orderbook_delta","trade","fill","user_orders","order_group_updates"]'
        tickers = json.dumps(TICKERS)
        session.receive(
            f'{{"id":1,"cmd":"subscribe","params":{{"channels":{channels},'
            f'"market_tickers":{tickers}}}}}'
        )

    def act(self, wish: Wish) -> None:
        with suppress(ApiError):  # too little money, a pause, a FOK that found too little
            getattr(self, f"_{wish.kind}")(wish)

    def _create(self, wish: Wish) -> None:
        is_gtc = wish.tif == "good_till_canceled"
        account = self.accounts[wish.who]
        body = CreateBody(
            ticker=wish.ticker,
            side=SIDES[wish.side],
            count=format_count(wish.lots),
            price=format_price(wish.cents * 100),
            time_in_force=wish.tif,
            self_trade_prevention_type=wish.mode,
            post_only=is_gtc and wish.flags == 1,
            reduce_only=not is_gtc and wish.flags == 2,
            cancel_order_on_pause=wish.flags == 3,
            expiration_time=self.exchange.now_ms // 1000 + 2
            if is_gtc and wish.flags == 4
            else None,
            order_group_id=next(iter(account.groups), "") if wish.flags > 4 else "",
        )
        self.desk.create(account, body)

    def _crowd(self, wish: Wish) -> None:
        listing = self.exchange.listings[wish.ticker]
        if listing.status == "active" and wish.tif != "fill_or_kill":
            price, lots = wish.cents * 100, wish.lots
            order = Order("c", 0, wish.ticker, wish.side, price, lots, lots)
            order.time_in_force = wish.tif
            self.exchange.carry_out(listing, listing.book.place(order))

    def _on_resting(self, wish: Wish, do: Callable[[Account, Order], object]) -> None:
        account = self.accounts[wish.who]
        resting = account.resting_orders()
        if resting:
            do(account, resting[wish.flags % len(resting)])

    def _cancel(self, wish: Wish) -> None:
        self._on_resting(wish, lambda account, o: self.desk.cancel(account, o.order_id))

    def _amend(self, wish: Wish) -> None:
        def amend(account: Account, order: Order) -> None:
            body = AmendBody(
                ticker=order.ticker,
                side=SIDES[order.side],
                price=format_price(wish.cents * 100),
                count=format_count(order.filled_lots + wish.lots),
            )
            self.desk.amend(account, order.order_id, body)

        self._on_resting(wish, amend)

    def _decrease(self, wish: Wish) -> None:
        body = DecreaseBody(reduce_by=format_count(wish.lots))
        self._on_resting(wish, lambda account, o: self.desk.decrease(account, o.order_id, body))

    def _time(self, wish: Wish) -> None:
        self.clock.advance_ms(wish.lots)
        self.exchange.advance(self.exchange.now_ms + wish.lots * 5)

    def _pause(self, wish: Wish) -> None:
        self.exchange.pause("trading", self.exchange.now_ms + wish.lots)

    def _halt(self, wish: Wish) -> None:
        self.exchange.pause("exchange", self.exchange.now_ms + wish.lots)

    def _resume(self, _wish: Wish) -> None:
        self.exchange.resume()

    def _deactivate(self, wish: Wish) -> None:
        self.life.deactivate(wish.ticker)

    def _activate(self, wish: Wish) -> None:
        self.life.activate(wish.ticker)

    def _close(self, wish: Wish) -> None:
        self.life.close_early(wish.ticker)

    def _reopen(self, wish: Wish) -> None:
        self.life.move_close(wish.ticker, self.exchange.now_ms + 60_000)

    def _group(self, wish: Wish) -> None:
        account = self.accounts[wish.who]
        if not account.groups:
            self.groups.create(account, GroupBody(contracts_limit=1 + wish.flags // 3))
        else:
            self.groups.reset(account, next(iter(account.groups)))

    def _transfer(self, wish: Wish) -> None:
        """Up to all the money, either way."""
        source, destination = (self.accounts[0], self.accounts[-1])[:: 1 - 2 * wish.side]
        transfer_id = f"{len(list(self.transfers.of_user(1)))}"
        self.transfers.move(source, destination, 4 * wish.lots, transfer_id)

    @staticmethod
    def trades(account: Account) -> set[str]:
        return {fill.trade_id for fill in account.fills}

    def check(self) -> None:
        everyone = list(self.exchange.accounts.values())
        pairs = fees = 0
        for ticker in TICKERS:
            held = [a.positions[ticker] for a in everyone if ticker in a.positions]
            assert sum(position.lots for position in held) == 0
            open_lots = sum(max(0, position.lots) for position in held)
            listing = self.exchange.listings[ticker]
            assert listing.account_pairs_lots == open_lots
            assert 0 <= listing.crowd_pairs_lots <= listing.volume_lots
            assert listing.open_interest_lots == open_lots + listing.crowd_pairs_lots
            pairs += open_lots
            fees += sum(position.fees_micros for position in held)
        cash = sum(account.cash_micros for account in everyone)
        assert cash + fees + pairs * PIPS_PER_DOLLAR == USERS * CASH
        assert not self.trades(self.accounts[0]) & self.trades(self.accounts[-1])
        for account in self.accounts:
            self.check_account(account)
        for ticker in TICKERS:
            self.check_book(ticker)

    def check_account(self, account: Account) -> None:
        rules = self.exchange.rules
        assert account.cash_micros >= account.held_micros >= 0
        shown = account.cash_micros - (account.held_micros if rules.reserves_resting else 0)
        assert account.available_micros == shown
        for order in account.orders:
            rests = order.order_id in account.resting.get(order.ticker, {})
            assert rests == (order.status == "resting")
            assert bool(order.remaining_lots) == rests
            group = account.groups.get(order.group_id)
            assert not (rests and group and group.is_triggered)
            assert not (rests and self.exchange.listings[order.ticker].status == "closed")
        if not rules.read_lag_ms[1]:
            assert self.exchange.reads.see(account) is account

    def check_book(self, ticker: str) -> None:
        bids, asks = self.exchange.listings[ticker].book.levels()
        assert not bids or not asks or bids[-1][0] < asks[0][0]
        shown = {("yes", price): lots for price, lots in bids}
        shown |= {("no", price): lots for price, lots in asks}
        assert self.listener.books[ticker] == shown
        for account in self.exchange.accounts_of(1):
            told = self.listener.positions.get((account.subaccount, ticker), 0)
            assert told == account.lots(ticker)

    def settle(self, result: str, value_pips: int, is_disputed: bool) -> None:
        """Decide both markets, the first after a dispute, and let time pay them out."""
        self.exchange.resume()
        for ticker in TICKERS:
            self.life.determine(
                self.exchange.listings[ticker], "no" if is_disputed else result, value_pips
            )
            if is_disputed:
                assert self.life.dispute(ticker)
                assert self.life.amend(ticker, result, value_pips)
        self.exchange.advance(self.exchange.now_ms + 60_000)
        self.clock.advance_ms(1_000)


@given(RULES, FEES, WISHES, RESULTS, st.booleans())
@settings(deadline=None, max_examples=120)
def test_money_and_contracts_are_conserved_whatever_the_rules(
    rules: ExchangeRules,
    fees: FeeSchedule,
    wishes: list[Wish],
    result: tuple[str, int],
    is_disputed: bool,
) -> None:
    house = House(rules, fees)
    for wish in wishes:
        house.act(wish)
        house.check()
    house.settle(*result, is_disputed)
    everyone = house.exchange.accounts.values()
    positions = [position for account in everyone for position in account.positions.values()]
    assert all(position.lots == position.cost_micros == 0 for position in positions)
    paid = sum(position.fees_micros for position in positions)
    assert sum(account.cash_micros for account in everyone) + paid == USERS * CASH
    for account in house.accounts:
        assert account.held_micros == 0
        assert not account.resting_orders()
        shown = house.exchange.reads.see(account)
        assert [o.status for o in shown.orders] == [o.status for o in account.orders]
        assert {t: p.realized_micros for t, p in shown.positions.items()} == {
            t: p.realized_micros for t, p in account.positions.items()
        }
