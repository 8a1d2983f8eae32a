"""Labels of the most similar class, against a plain loop over class means."""

import numpy as np
from worlds import blobs

from byheart.data.dataset import Dataset
from byheart.data.noisy_dataset import add_noise
from byheart.data.similar_class import SimilarClass


def test_a_wrong_label_is_the_class_with_the_nearest_mean() -> None:
    data = blobs(60, 6, n_classes=4).training
    labels = np.asarray(add_noise(data, SimilarClass(1.0)).labels)
    means = [np.asarray(data.inputs)[data.labels == one].mean(axis=0) for one in range(4)]
    for own in range(4):
        distances = [np.inf if other == own else float(np.linalg.norm(means[own] - means[other])) for other in range(4)]
        assert (labels[data.labels == own] == np.argmin(distances)).all()


def test_distances_between_vectors_are_in_standard_deviations() -> None:
    """The second feature alone tells the classes apart, and the first has far larger numbers."""
    inputs = np.array([[0.0, 0.0], [900.0, 0.0], [400.0, 0.1], [500.0, 0.1], [450.0, 1.0], [451.0, 1.0]])
    data = Dataset(inputs, np.array([0, 0, 1, 1, 2, 2]))
    labels = np.asarray(add_noise(data, SimilarClass(1.0)).labels)
    np.testing.assert_array_equal(labels, [1, 1, 0, 0, 1, 1])


def test_a_class_without_examples_is_similar_to_none() -> None:
    data = blobs(40, 4, n_classes=2).training
    with_a_third = Dataset(data.inputs, data.labels, class_names=("a", "b", "c"), may_lack_classes=True)
    assert set(np.asarray(add_noise(with_a_third, SimilarClass(1.0)).labels).tolist()) == {0, 1}
