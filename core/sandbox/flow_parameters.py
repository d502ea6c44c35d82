"""The numbers behind the generated flow. Times are venue time."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FlowParameters:
    """All numbers of the generated flow; shares are probabilities.

    Attributes:
        step_ms: how often index and fair prices move.
        index_start: first value of the latent index, in points.
        volatility: diffusion of the index, points per square root of a second.
        jumps_per_s: rate of its jumps; `jump_points` is their standard deviation.
        strike_gap: points between two strikes.
        life_ms: from the opening of the first event to its close, and between two closes.
        overlap_ms: how long before a close the next event opens.
        settle_after_ms: from the close to determination.
        events_per_s: quote and taker events a second, all markets of an event together.
        calm_share: activity without any burst, as a share of the mean.
        burst_decay_s: time in which a burst fades to a third.
        bursts_per_s: rate of bursts that come from nowhere; jumps of the index bring their own.
        burst_size: mean of a burst, as a share of mean activity.
        far_weight: activity of a market far from the money, against 1 at the money.
        taker_share: taker orders among the events.
        reprice_share: remove and add at one instant among the events.
        resting_orders: orders a side that market makers aim at.
        opening_orders: orders a side in the first instant.
        half_spread_pips: distance of the touch from the fair price at 50 cents.
        one_sided_pips: below this fair price nobody bids, above its mirror nobody offers.
        improve_share: additions that go to the touch while nobody quotes it.
        chase_share: a side that the fair price has left behind is quoted anew in one step.
        run_share: a taker order goes the way of the one before.
        sniper_share: a mispriced level is taken before its makers withdraw it.
        moves_per_step: orders that makers withdraw from mispriced levels in one step, a side.
        return_share: withdrawn mispriced orders that come back at another price.
        favourite_share: sizes drawn from `favourite_sizes`, the rest from a lognormal.
        favourite_sizes: (contracts, weight).
        maker_median: middle of the makers' lognormal, in contracts; `maker_sigma` its width.
        maker_fraction_share: sizes of it that are not whole contracts.
        taker_median: the same for takers, likewise the two after it.
        largest_contracts: no drawn size is larger.
    """

    step_ms: int = 100
    index_start: float = 5_000.0
    volatility: float = 0.25
    jumps_per_s: float = 0.05
    jump_points: float = 0.9
    strike_gap: float = 5.0
    life_ms: int = 15 * 60_000
    overlap_ms: int = 30_000
    settle_after_ms: int = 10_000
    events_per_s: float = 55.0
    calm_share: float = 0.35
    burst_decay_s: float = 2.5
    bursts_per_s: float = 0.13
    burst_size: float = 1.45
    far_weight: float = 0.015
    taker_share: float = 0.035
    reprice_share: float = 0.36
    resting_orders: int = 110
    opening_orders: int = 90
    half_spread_pips: float = 18.0
    one_sided_pips: int = 90
    improve_share: float = 0.7
    chase_share: float = 0.4
    run_share: float = 0.67
    sniper_share: float = 0.12
    moves_per_step: int = 6
    return_share: float = 0.6
    favourite_share: float = 0.55
    favourite_sizes: tuple[tuple[int, float], ...] = (
        (400, 9.3),
        (10, 6.3),
        (2, 6.0),
        (50, 5.5),
        (1, 5.2),
        (100, 4.3),
        (1000, 3.8),
        (75, 3.5),
        (500, 3.5),
        (40, 3.3),
        (81, 3.1),
    )
    maker_median: float = 60.0
    maker_sigma: float = 1.9
    maker_fraction_share: float = 0.1
    taker_median: float = 16.0
    taker_sigma: float = 1.6
    taker_fraction_share: float = 0.6
    largest_contracts: int = 20_000
