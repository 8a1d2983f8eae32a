"""Nearest neighbors of training examples, against plain loops."""

import jax
import numpy as np
import pytest
from worlds import blobs, linear, seen_by

from byheart.checks import BadInput
from byheart.data.rand_x import RandX
from byheart.data.rand_y import RandY
from byheart.measures import neighbors
from byheart.measures.neighbors import ClassNeighborDistance, WrongNeighbor

SPLIT = blobs(40, 10, n_classes=3)
DATA = seen_by(SPLIT, RandX(0.2), RandY(0.4))
KEY = jax.random.key(0)


def distances() -> np.ndarray:
    """Return all distances, infinite from an example to itself."""
    inputs = np.asarray(DATA.training.inputs, float).reshape(40, -1)
    found = np.array([[np.linalg.norm(one - other) for other in inputs] for one in inputs])
    np.fill_diagonal(found, np.inf)
    return found


@pytest.mark.parametrize("block", [1, 7, 64])
def test_the_nearest_example_of_the_same_label_is_found(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(neighbors, "BLOCK", block)
    found = ClassNeighborDistance()(linear(3), DATA, KEY)["class_neighbor_distance"]
    labels, all_distances = np.asarray(DATA.training.labels), distances()
    for example in range(40):
        alike = (labels == labels[example]) & (np.arange(40) != example)
        assert float(found[example]) == pytest.approx(all_distances[example][alike].min(), rel=1e-3)


def test_an_example_alone_in_its_class_has_no_neighbor() -> None:
    alone = seen_by(blobs(3, 3, n_classes=3))
    assert np.isinf(ClassNeighborDistance()(linear(3), alone, KEY)["class_neighbor_distance"]).all()


@pytest.mark.parametrize("n_neighbors", [1, 5, 100])
def test_a_wrong_label_among_the_nearest_is_found(n_neighbors: int) -> None:
    """More neighbors than there are other examples count all of them."""
    found = WrongNeighbor(n_neighbors)(linear(3), DATA, KEY)
    is_wrong = np.asarray(DATA.training.labels) != SPLIT.training.labels
    np.testing.assert_array_equal(found["has_wrong_label"], is_wrong)
    for example, row in enumerate(distances()):
        nearest = np.argsort(row)[: min(n_neighbors, 39)]
        assert bool(found["has_wrong_neighbor"][example]) == is_wrong[nearest].any()


def test_at_least_one_neighbor_is_asked_for() -> None:
    with pytest.raises(BadInput, match="n_neighbors"):
        WrongNeighbor(0)
