import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.runtime.metrics import SAMPLES, Metrics, Rates, percentile

SECOND_NS = 1_000_000_000


@pytest.mark.parametrize(("share", "expected"), [(0.0, 1.0), (0.5, 3.0), (0.99, 4.0), (1.0, 4.0)])
def test_percentile_is_the_nearest_rank(share: float, expected: float) -> None:
    assert percentile([4.0, 1.0, 3.0, 2.0], share) == expected


def test_no_samples_have_no_percentile() -> None:
    assert percentile([], 0.5) is None


@given(st.lists(st.floats(-1e9, 1e9), min_size=1), st.floats(0, 1), st.floats(0, 1))
def test_percentiles_are_samples_and_grow(samples: list[float], one: float, two: float) -> None:
    low, high = (percentile(samples, share) for share in sorted((one, two)))
    assert low in samples
    assert high in samples
    assert low <= high


def test_latency_runs_from_sending_to_writing_once() -> None:
    metrics = Metrics()
    metrics.decided("a", 1_000_000)
    metrics.written("a", 3_500_000)
    metrics.written("a", 9_000_000)
    assert (metrics.orders, list(metrics.decision_ms), metrics.waiting_ns) == (1, [2.5], {})


def test_an_order_of_unknown_origin_has_no_latency() -> None:
    metrics = Metrics()
    metrics.decided("a", 0)
    metrics.written("a", 3_500_000)
    metrics.written("never decided", 3_500_000)
    assert (metrics.orders, list(metrics.decision_ms)) == (1, [])


def test_only_the_last_samples_are_kept() -> None:
    metrics = Metrics()
    for number in range(SAMPLES + 5):
        metrics.decided(str(number), 1)
        metrics.written(str(number), 1 + number)
    assert len(metrics.decision_ms) == SAMPLES
    assert metrics.decision_ms[0] == 5 / 1e6


def test_rate_is_taken_between_readings_a_second_apart() -> None:
    metrics = Metrics()
    rates = Rates(metrics)
    metrics.messages = 1_000
    rates.sample(5 * SECOND_NS)
    assert rates.messages_per_s == 0.0
    metrics.messages = 1_300
    rates.sample(5 * SECOND_NS + SECOND_NS // 2)
    assert rates.messages_per_s == 0.0
    rates.sample(7 * SECOND_NS)
    assert rates.messages_per_s == 150.0
    rates.sample(8 * SECOND_NS)
    assert rates.messages_per_s == 0.0
