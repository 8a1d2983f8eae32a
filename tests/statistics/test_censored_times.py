"""Medians of partly censored times, against a plain Kaplan-Meier loop."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from byheart.checks import BadInput
from byheart.statistics.censored_times import median_time


def kaplan_meier_median(times: list[int], is_censored: list[bool]) -> float:
    """Return the first time at which at most half remain, by the product over events."""
    remaining = 1.0
    for time in sorted(set(times)):
        at_risk = sum(other >= time for other in times)
        events = sum(t == time and not c for t, c in zip(times, is_censored, strict=True))
        remaining *= 1 - events / at_risk
        if remaining <= 0.5 + 1e-12:
            return float(time)
    return float("inf")


@given(st.lists(st.tuples(st.integers(1, 12), st.booleans()), min_size=1, max_size=9))
def test_medians_are_those_of_a_plain_kaplan_meier_loop(networks: list[tuple[int, bool]]) -> None:
    times, is_censored = (list(part) for part in zip(*networks, strict=True))
    found = median_time(np.array(times), np.array(is_censored))
    expected = kaplan_meier_median(times, is_censored)
    assert found.estimate == expected or abs(_share_left(times, is_censored) - 0.5) < 1e-9
    assert found.low <= found.estimate <= found.high
    assert found.n == len(networks)


def _share_left(times: list[int], is_censored: list[bool]) -> float:
    """Return the share left at the median: if it is one half up to rounding, either side is right."""
    remaining = 1.0
    for time in sorted(set(times)):
        at_risk = sum(other >= time for other in times)
        remaining *= 1 - sum(t == time and not c for t, c in zip(times, is_censored, strict=True)) / at_risk
        if remaining <= 0.5 + 1e-12:
            break
    return remaining


def test_a_median_at_exactly_one_half_is_the_time_at_which_half_have_fitted() -> None:
    """The 12th of 24 fits at 10; a product of floats is slightly above one half there."""
    times = [1, 3, 5, 5, 5, 6, 6, 7, 8, 8, 9, 10, 13, 14, 14, 15, 17, 18, 21, 22, 30, 30, 30, 30]
    assert median_time(np.array(times), np.arange(24) >= 21).estimate == 10


@pytest.mark.parametrize("half", range(1, 40))
def test_without_censoring_before_it_half_of_the_networks_is_exactly_half(half: int) -> None:
    times = np.arange(1, 2 * half + 1)
    assert median_time(times, times > half).estimate == half


def test_networks_that_never_arrive_make_the_median_infinite_not_the_budget() -> None:
    found = median_time(np.array([5, 50, 50, 50]), np.array([False, True, True, True]))
    assert found.estimate == found.high == np.inf


def test_without_censoring_the_median_is_the_ordinary_one() -> None:
    times = np.random.default_rng(0).permutation(np.arange(1, 102))
    found = median_time(times, np.zeros(101, bool))
    assert found.estimate == 51
    assert 35 < found.low < 51 < found.high < 65


@pytest.mark.parametrize(("n_times", "n_marks"), [(0, 0), (3, 2)])
def test_times_and_marks_must_be_as_many_and_at_least_one(n_times: int, n_marks: int) -> None:
    with pytest.raises(BadInput, match="`times` and `is_censored` must have one entry for each network"):
        median_time(np.ones(n_times), np.ones(n_marks, bool))
