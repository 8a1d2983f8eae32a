"""The exact interval of a rate, against SciPy."""

import numpy as np
import pytest
import scipy.stats

from byheart.checks import BadInput
from byheart.statistics.rate_interval import rate_interval


@pytest.mark.parametrize("n_seeds", [1, 7, 100])
def test_intervals_are_those_of_clopper_and_pearson(n_seeds: int) -> None:
    counts = np.arange(n_seeds + 1)
    low, high = rate_interval(counts, n_seeds)
    exact = [scipy.stats.binomtest(int(count), n_seeds).proportion_ci(0.95, "exact") for count in counts]
    np.testing.assert_allclose(low, [interval.low for interval in exact])
    np.testing.assert_allclose(high, [interval.high for interval in exact])


def test_a_single_count_has_a_single_interval() -> None:
    low, high = rate_interval(3, 10)
    assert low.shape == high.shape == ()
    assert low < 0.3 < high


@pytest.mark.parametrize("counts", [[-1, 3], [3, 11]])
def test_counts_beyond_the_number_of_networks_are_refused(counts: list[int]) -> None:
    with pytest.raises(BadInput, match="`n_misclassified` must lie in 0 to 10; got"):
        rate_interval(counts, 10)
