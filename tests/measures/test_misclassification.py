"""Which examples a network misclassifies, against a plain count, and the exact interval of a rate, against SciPy."""

import jax
import numpy as np
import pytest
import scipy.stats
from worlds import blobs, labels_of, linear

from byheart.checks import BadInput
from byheart.data.member_data import noisy_split
from byheart.measures.misclassification import Misclassified, rate_interval

SPLIT = blobs(40, 10, n_classes=3)


@pytest.mark.parametrize(("rand_x", "rand_y"), [(0.0, 0.0), (0.5, 0.0), (0.0, 1.0)])
def test_an_example_is_misclassified_where_its_label_after_noise_is_not_predicted(rand_x: float, rand_y: float) -> None:
    family = noisy_split(SPLIT)
    data, network = family.seen_at(family.counts(rand_x, rand_y)), linear(3)
    found = Misclassified()(network, data, jax.random.key(0))
    assert set(found) == set(Misclassified.variables)
    expected = labels_of(network, data.training.images) != np.asarray(data.training.labels)
    np.testing.assert_array_equal(found["is_misclassified"], expected)
    assert 0 < expected.sum() < 40


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
