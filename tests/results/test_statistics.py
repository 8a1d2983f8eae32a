"""Intervals against SciPy, verdicts by table, and how often a claim that is false by construction is said to hold."""

import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from byheart.results.statistics import Above, Below, Interval, Rule, interval_over_seeds, rule_in_words

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
    assert Above(0).verdict(interval) == Below(0).verdict(interval) == "undecided"


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


@pytest.mark.parametrize(
    ("low", "high", "above", "below"),
    [
        (0.51, 0.9, "holds", "fails"),
        (0.5, 0.9, "undecided", "fails"),
        (0.4, 0.6, "undecided", "undecided"),
        (0.1, 0.5, "fails", "undecided"),
        (0.1, 0.49, "fails", "holds"),
        (0.5, 0.5, "fails", "fails"),
        (-math.inf, math.inf, "undecided", "undecided"),
    ],
)
def test_a_claim_holds_or_fails_by_its_whole_interval(low: float, high: float, above: str, below: str) -> None:
    interval = Interval((low + high) / 2, low, high, 5)
    assert Above(0.5).verdict(interval) == above
    assert Below(0.5).verdict(interval) == below


def test_a_rule_is_told_in_words() -> None:
    assert (
        rule_in_words(Below(0.25)) == "holds when the whole 95 % interval lies below 0.25, fails when none of it does"
    )


@pytest.mark.parametrize("rule", [Above(0), Below(0)])
def test_a_false_claim_is_said_to_hold_in_at_most_one_sample_of_40(rule: Rule) -> None:
    """Mean 0 is not above 0, nor below it. 2,000 samples of 5 seeds, fixed key: a rate of 0.025, seen within 3 standard errors."""
    samples = np.random.default_rng(0).normal(size=(2000, 5))
    verdicts = [rule.verdict(interval_over_seeds(sample)) for sample in samples]
    allowed = 0.025 + 3 * math.sqrt(0.025 * 0.975 / 2000)
    assert verdicts.count("holds") / 2000 <= allowed
    assert verdicts.count("fails") / 2000 <= allowed


def test_intervals_cover_the_true_mean_in_95_of_100_samples() -> None:
    """2,000 samples of 5 seeds, fixed key: within 3 standard errors."""
    intervals = [interval_over_seeds(sample) for sample in np.random.default_rng(1).normal(7, 3, (2000, 5))]
    coverage = np.mean([interval.low <= 7 <= interval.high for interval in intervals])
    assert abs(coverage - 0.95) < 3 * math.sqrt(0.95 * 0.05 / 2000)
