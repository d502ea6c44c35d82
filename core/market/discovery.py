"""Which markets to follow: what the trader asked for, the most active first, up to a limit.

Churn is bounded, so that a market does not flap in and out of the recording:

* one that is held (a position or an order of ours) always stays, and takes a place;
* one that is followed and still asked for stays while it ranks within `KEEP_PERCENT` of the limit,
  and its volume may halve before it counts as too small;
* a round exchanges at most one place in ten; what no longer is asked for by name leaves at once.

Pure: what is held and how much a book changed are arguments.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from core.errors import ConfigError
from core.market.market import Market

MOST_MARKETS = 1_000
KEEP_PERCENT = 125
SWAP_SHARE = 10
"""One place in so many may change hands in a round."""

Activity = Literal["volume", "changes"]


def activity_of(text: object) -> Activity:
    """How to rank, from what a setting or a field says; anything unknown means by volume."""
    return "changes" if text == "changes" else "volume"


@dataclass(frozen=True)
class MarketFilter:
    """What the trader wants to follow.

    Series, events and categories are alternatives: a market that is in one of them passes, and
    where none is named every market does.

    Attributes:
        series: tickers of series, such as KXBTC15M.
        events: tickers of events.
        categories: the exchange's own words, such as Crypto; compared without case.
        least_volume_lots: 24 h volume that a market needs.
        activity: rank by 24 h volume, or by recent changes of the book.
    """

    series: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    least_volume_lots: int = 0
    activity: Activity = "volume"

    def names(self, market: Market) -> bool:
        """True if the market is in what was named."""
        if not (self.series or self.events or self.categories):
            return True
        category = market.category.casefold()
        return (
            market.series_ticker in self.series
            or market.event_ticker in self.events
            or any(category == wanted.casefold() for wanted in self.categories)
        )


class Places(NamedTuple):
    """Whom a round lets in and whom it sends away."""

    add: tuple[Market, ...]
    drop: tuple[str, ...]


def check_limit(limit: int) -> int:
    """The limit, if so many markets can be followed.

    Raises:
        ConfigError: none, or more than one connection may carry.
    """
    if not 1 <= limit <= MOST_MARKETS:
        raise ConfigError(f"{limit} markets cannot be followed: ask for 1 to {MOST_MARKETS}")
    return limit


def choose(
    markets: Iterable[Market],
    followed: Mapping[str, Market],
    held: set[str],
    limit: int,
    wanted: MarketFilter,
    changes: Mapping[str, int],
) -> Places:
    """One round; the same arguments give the same answer in any order.

    Args:
        markets: what the exchange lists; one that is followed, named and not listed stays.
        followed: what is followed and open, by ticker.
        held: tickers with a position or an order of ours.
        limit: places there are; those held may exceed it.
        wanted: what the trader asked for.
        changes: book changes of followed markets since the last round; unknown for others.
    """
    listed = {market.ticker: market for market in markets if market.status == "active"}
    ranked = sorted(listed.values(), key=lambda market: _rank(market, wanted, changes))
    eligible = [m for m in ranked if _is_wanted(m, wanted, is_followed=m.ticker in followed)]
    unlisted = [
        ticker
        for ticker, market in followed.items()
        if ticker not in listed and (ticker in held or wanted.names(market))
    ]
    safe = {*unlisted, *held.intersection(followed)}
    passing = {market.ticker for market in eligible}
    stay = [m.ticker for m in ranked if m.ticker in followed and m.ticker in passing | safe]
    stay = [*sorted(unlisted), *stay]
    stay = _kept(stay, safe, eligible, limit)
    new = [market for market in eligible if market.ticker not in followed]
    add = tuple(new[: max(0, limit - len(stay))])
    return Places(add, tuple(sorted(set(followed).difference(stay))))


def _kept(stay: list[str], safe: set[str], eligible: list[Market], limit: int) -> list[str]:
    """Of those that may stay, best first, the ones that do."""
    over = max(0, len(stay) - limit)
    better = {market.ticker for market in eligible[: limit * KEEP_PERCENT // 100]}
    outranked = [ticker for ticker in stay if ticker not in better | safe]
    strangers = sum(market.ticker not in set(stay) for market in eligible[:limit])
    swaps = min(len(outranked), strangers, max(1, limit // SWAP_SHARE))
    movable = [ticker for ticker in stay if ticker not in safe]
    leaving = set(movable[max(0, len(movable) - over) :] if over else ())
    leaving |= set(outranked[len(outranked) - swaps :] if swaps else ())
    return [ticker for ticker in stay if ticker not in leaving]


def _is_wanted(market: Market, wanted: MarketFilter, *, is_followed: bool) -> bool:
    least = wanted.least_volume_lots // 2 if is_followed else wanted.least_volume_lots
    return wanted.names(market) and market.volume_24h_lots >= least


def _rank(
    market: Market, wanted: MarketFilter, changes: Mapping[str, int]
) -> tuple[int, int, int, int, str]:
    """Most active first; by changes, a book nobody has watched stands between busy and quiet."""
    traded = (-market.volume_24h_lots, -market.volume_lots, market.ticker)
    if wanted.activity == "volume":
        return 0, 0, *traded
    seen = changes.get(market.ticker)
    return 1 if seen is None else 0 if seen else 2, -(seen or 0), *traded
