"""Misclassified examples, against a plain count."""

import jax
import numpy as np
import pytest
from worlds import blobs, labels_of, linear, seen_by

from byheart.measures.misclassified import Misclassified
from byheart.training.member import noise_at

SPLIT = blobs(40, 10, n_classes=3)


@pytest.mark.parametrize(("rand_x", "rand_y"), [(0.0, 0.0), (0.5, 0.0), (0.0, 1.0)])
def test_an_example_is_misclassified_where_its_label_after_noise_is_not_predicted(rand_x: float, rand_y: float) -> None:
    data, network = seen_by(SPLIT, *noise_at(rand_x, rand_y)), linear(3)
    found = Misclassified()(network, data, jax.random.key(0))
    assert set(found) == set(Misclassified.variables)
    expected = labels_of(network, data.training.inputs) != np.asarray(data.training.labels)
    np.testing.assert_array_equal(found["is_misclassified"], expected)
    assert 0 < expected.sum() < 40
