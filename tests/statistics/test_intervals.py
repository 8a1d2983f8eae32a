"""Intervals against SciPy, and their coverage."""

import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from byheart.statistics.intervals import Interval, interval_over_seeds

FINITE = st.floats(-1e6, 1e6)


@pytest.mark.parametrize("n", [2, 3, 5, 30])
def test_the_interval_is_students_t_interval_of_scipy(n: int) -> None:
    values = np.random.default_rng(n).normal(3, 2, n)
    low, high = scipy.stats.ttest_1samp(values, 0).confidence_interval(0.95)
    interval = interval_over_seeds(values)
    np.testing.assert_allclose((interval.estimate, interval.low, interval.high), (values.mean(), low, high))
    assert interval.n == n


def test_a_single_seed_has_an_infinite_interval() -> None:
    assert interval_over_seeds([0.3]) == Interval(0.3, -math.inf, math.inf, 1)


@pytest.mark.parametrize("values", [[], [math.nan], [math.nan, math.inf]])
def test_without_a_value_there_is_no_estimate(values: list[float]) -> None:
    interval = interval_over_seeds(values)
    assert math.isnan(interval.estimate)
    assert (interval.low, interval.high, interval.n) == (-math.inf, math.inf, 0)


@given(st.lists(FINITE, max_size=6), st.integers(0, 4))
def test_seeds_without_a_value_are_left_out_and_not_counted(values: list[float], n_missing: int) -> None:
    with_gaps = np.random.default_rng(0).permutation([*values, *[math.nan] * n_missing])
    one, other = interval_over_seeds(with_gaps), interval_over_seeds(values)
    assert one.n == other.n == len(values)
    np.testing.assert_allclose((one.estimate, one.low, one.high), (other.estimate, other.low, other.high), atol=1e-6)


@given(st.lists(FINITE, min_size=2, max_size=6))
def test_an_interval_lies_around_its_estimate(values: list[float]) -> None:
    interval = interval_over_seeds(values)
    assert interval.low <= interval.estimate <= interval.high


def test_intervals_cover_the_true_mean_in_95_of_100_samples() -> None:
    """2,000 samples of 5 seeds, fixed key: within 3 standard errors."""
    intervals = [interval_over_seeds(sample) for sample in np.random.default_rng(1).normal(7, 3, (2000, 5))]
    coverage = np.mean([interval.low <= 7 <= interval.high for interval in intervals])
    assert abs(coverage - 0.95) < 3 * math.sqrt(0.95 * 0.05 / 2000)
