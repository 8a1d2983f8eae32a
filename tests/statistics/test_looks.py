"""Errors of several looks together, compared with t tests of drawn numbers."""

import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from byheart.checks import BadInput
from byheart.statistics.looks import PLANNED, Looks


def test_all_looks_together_have_the_error_that_is_asked_for() -> None:
    """Normal numbers of mean 0, 40,000 samples, t tests of SciPy at each look; within 3 standard errors."""
    looks, rng, n = Looks(5), np.random.default_rng(0), 40_000
    samples = rng.normal(size=(n, looks.seeds[-1]))
    smallest = np.min([scipy.stats.ttest_1samp(samples[:, :k], 0, axis=1, alternative="greater").pvalue
                       for k in looks.seeds], axis=0)  # fmt: skip
    for error in (0.025, 0.1):
        allowed = 3 * math.sqrt(error * (1 - error) / n)
        assert np.mean(smallest <= looks.level(error)) == pytest.approx(error, abs=allowed)
        assert looks.together(looks.level(error)) == pytest.approx(error, abs=1e-6)


def test_tests_that_are_not_corrected_are_wrong_more_often() -> None:
    assert Looks(5).together(0.025) == pytest.approx(0.089, abs=0.001)


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_smaller_p_value_of_one_look_is_a_smaller_one_of_all(one: float, other: float) -> None:
    looks = Looks(5)
    low, high = sorted((one, other))
    assert low <= looks.together(low) <= looks.together(high) <= min(1, PLANNED * high) + 1e-12


def test_the_p_value_so_far_is_the_smallest_and_the_side_that_decides_first_stops_the_other() -> None:
    looks = Looks(5)
    assert looks.so_far([(0.2, 0.8), (0.1, 0.9)], 0.025) == (looks.together(0.1), looks.together(0.8))
    decided = looks.so_far([(0.001, 0.99), (0.5, 1e-6)], 0.025)
    assert decided == (looks.together(0.001), looks.together(0.99))
    both = looks.so_far([(0.001, 0.002)], 0.025)
    assert both == (looks.together(0.001), looks.together(0.002))
    unknown = looks.so_far([(math.nan, math.nan)], 0.025)
    assert all(math.isnan(one) for one in unknown)


def test_looks_double_and_end() -> None:
    looks = Looks(3)
    assert looks.seeds == (3, 6, 12, 24, 48)
    assert [looks.after(seeds) for seeds in (0, 3, 5, 48, 60)] == [3, 6, 6, 48, 60]
    with pytest.raises(BadInput, match="first"):
        Looks(0)
