"""What a profile of generated flow consists of. All times are venue time."""

from dataclasses import dataclass

from core.market.ticks import PriceRange

Points = tuple[tuple[float, float], ...]
"""Points of a curve: (where, value), ascending. Quantiles are (share, value)."""


@dataclass(frozen=True)
class FlowProfile:
    """All numbers of one profile of generated flow; shares are probabilities.

    "Section" names the section of the market statistics that a number was measured in;
    "chosen" one that was set so that the published message stream shows the measured figure.
    A group is what happens to one market at one time stamp. Prices a maker quotes are meant in
    his side's own terms: the YES price of a bid, the NO price of an ask.

    Attributes:
        name: what the profile is called on the command line.
        series: series ticker of its events.
        subject: what its markets ask about.
        is_range: a market pays if the index ends inside its strike gap, else at or above.
        price_ranges: tick structure; none means whole cents. Sections 1 and 2.
        step_ms: how often index, activity and fair prices move, in ms. Chosen.
        life_ms: from one close to the next, in ms. Sections 1 (15 min) and 2 (a session day).
        overlap_ms: how long before a close the next event opens, in ms. Chosen.
        announce_ms: how long before it opens an event is listed, in ms. Chosen.
        settle_after_ms: from the close to determination, in ms. Chosen.
        index_start: first value of the latent index, in points. Chosen.
        strike_gap: points between two strikes. Chosen: one deviation of the index over a life.
        volatility: of the index, in points per square root of a second. Chosen likewise.
        believed_volatility: the same as makers believe it to be. Mid changes over 60 s, sections 1
            and 2.
        late_share: part of every move that makers take in late. Mid changes over 1 s against
            those over 60 s, likewise.
        late_s: mean delay of that part, in s. Likewise over 5 and 10 s.
        diffusive_share: part of its variance that is no jump. Chosen for the kurtosis of mids.
        jumps_per_s: rate of jumps at mean activity. Chosen likewise.
        jump_spread: log deviation of jump sizes. Chosen likewise.
        groups_per_s: of a market at the money at mean activity. Section 1 (84 deltas/s) and
            section 2 (35.9 k deltas a day), less what price moves and brief levels add.
        rate_by_distance: activity against the money's, by distance of the strike from the index
            in strike gaps; log-linear between. Sections 1 and 2: 500 to 1 within an event.
        rate_by_life: activity over the life, in equal parts. Rates by time, sections 1 and 2.
        rate_spread: log deviation of each market's own rate. Section 1: session means 40..124/s.
        waves: (variance, decay in s) of log activity. Section 1: Fano factor, autocorrelation.
        echo_share: groups that another one follows at once. Gap quantiles, section 1.
        echo_ms: mean of that gap, in ms. Likewise.
        taker_share: background groups that take. Traded share of removals, section 1.
        move_share: background groups that move an order. Re-pricing, section 1.
        resize_share: of those moves, the ones that change the size too. Section 1: 33 % of gaps are
            zero, and 26.8 % of deltas second halves of a move.
        distances: (weight, from, to) of maker changes behind the best, in cents; a negative
            distance improves it. Row "where", sections 1 and 2.
        fullness: orders a level is filled up to. Chosen for level quantities.
        hole_share: changes that strike an empty price and open a level there. Chosen for the
            share of new levels.
        brief_share: levels opened by makers that have a life of their own; the others live until
            the price moves. Chosen.
        firm_share: touches quoted anew that stay until the price moves. New best prices and longest
            lives of levels, section 1.
        level_lives_ms: quantiles of that life, in ms. Life of a price level, sections 1 and 2, a
            little less than measured, as orders added meanwhile prolong it.
        opening_orders: orders a side in the first instant. Chosen for levels a side.
        spreads: weights of 1, 2, ... ticks between the touches. Share of time, sections 1 and 2.
        fine_spreads: the same where the tick is finer than a cent. Section 1.
        spread_life_s: mean time until makers choose another spread, in s. Chosen.
        slack_ticks: how far the fair price leaves the touches before quotes follow. Chosen.
        one_sided_pips: below this fair price nobody bids, above its mirror nobody offers, in
            pips. Sections 1, 2 and 5: one-sided books near 0 and 1.
        clear_ms: mean gap in which mispriced orders are withdrawn, in ms. Gaps, section 1.
        chase_ms: mean time until a touch is quoted again, in ms. Spread, section 1.
        return_share: withdrawn orders that move instead. Re-pricing, section 1.
        sniper_share: mispriced levels taken before their makers withdraw. Chosen.
        run_share: a taker goes the way of the one before. Signs of trades, section 4.
        favourite_sizes: (contracts, percent of all sizes) makers prefer. Sections 1 and 2.
        other_sizes: quantiles of their other sizes, in contracts. Add sizes, sections 1 and 2.
        fraction_share: those of the others that are no whole contracts. Section 1.
        taker_sizes: quantiles, in contracts. Size of trades, sections 1 and 4.
        taker_favourites: (contracts, percent of all taker sizes). Section 4.
        taker_fraction_share: as `fraction_share`, of takers. Section 1.
    """

    name: str
    series: str
    subject: str
    is_range: bool
    price_ranges: tuple[PriceRange, ...]
    step_ms: int
    life_ms: int
    overlap_ms: int
    announce_ms: int
    settle_after_ms: int
    index_start: float
    strike_gap: float
    volatility: float
    believed_volatility: float
    late_share: float
    late_s: float
    diffusive_share: float
    jumps_per_s: float
    jump_spread: float
    groups_per_s: float
    rate_by_distance: Points
    rate_by_life: tuple[float, ...]
    rate_spread: float
    waves: Points
    echo_share: float
    echo_ms: float
    taker_share: float
    move_share: float
    resize_share: float
    distances: tuple[tuple[float, float, float], ...]
    fullness: float
    hole_share: float
    brief_share: float
    firm_share: float
    level_lives_ms: Points
    opening_orders: int
    spreads: tuple[float, ...]
    fine_spreads: tuple[float, ...]
    spread_life_s: float
    slack_ticks: float
    one_sided_pips: int
    clear_ms: float
    chase_ms: float
    return_share: float
    sniper_share: float
    run_share: float
    favourite_sizes: Points
    other_sizes: Points
    fraction_share: float
    taker_sizes: Points
    taker_favourites: Points
    taker_fraction_share: float
