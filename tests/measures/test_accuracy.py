"""Accuracy against a plain count, for each part, in blocks of any size."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from worlds import Linear, blobs, labels_of, linear, seen_by

from byheart.data.member_view import MemberData
from byheart.measures.accuracy import Accuracy, is_correct
from byheart.networks import blocks
from byheart.training.member import noise_at

SPLIT = blobs(40, 23, n_classes=3)
NETWORK = linear(3)
KEY = jax.random.key(0)


def seen(rand_x: float, rand_y: float) -> MemberData:
    return seen_by(SPLIT, *noise_at(rand_x, rand_y))


@pytest.mark.parametrize("block", [1, 7, 40, 250])
@pytest.mark.parametrize(("rand_x", "rand_y"), [(0.0, 0.0), (0.3, 0.0), (0.0, 0.6), (0.3, 0.6)])
def test_accuracy_is_the_share_a_plain_count_gives(
    monkeypatch: pytest.MonkeyPatch, block: int, rand_x: float, rand_y: float
) -> None:
    """With blocks of 7 the last block of 40 or of 23 examples is not full."""
    monkeypatch.setattr(blocks, "MOST_AT_ONCE", block)
    data = seen(rand_x, rand_y)
    shares = Accuracy()(NETWORK, data, KEY)
    correct = labels_of(NETWORK, data.training.inputs) == np.asarray(data.training.labels)
    noisy = np.asarray(data.training.is_noisy)
    correct_on_validation = labels_of(NETWORK, SPLIT.validation.inputs) == SPLIT.validation.labels
    assert float(shares["training_accuracy"]) == pytest.approx(correct.mean())
    assert float(shares["training_accuracy_clean"]) == pytest.approx(correct[~noisy].mean())
    assert float(shares["validation_accuracy"]) == pytest.approx(correct_on_validation.mean())
    if noisy.any():
        assert float(shares["training_accuracy_noisy"]) == pytest.approx(correct[noisy].mean())


def test_a_part_without_examples_has_no_accuracy() -> None:
    assert np.isnan(Accuracy()(NETWORK, seen(0.0, 0.0), KEY)["training_accuracy_noisy"])
    assert np.isnan(Accuracy()(NETWORK, seen(1.0, 0.0), KEY)["training_accuracy_clean"])


def test_every_number_is_declared() -> None:
    assert set(Accuracy()(NETWORK, seen(0.5, 0.5), KEY)) == set(Accuracy.variables)


def test_permuting_classes_permutes_nothing_but_names() -> None:
    data = seen(0.0, 0.0).training
    order = jnp.array([2, 0, 1])
    permuted = Linear(NETWORK.weight[:, order], NETWORK.bias[order])
    of_permuted = order[permuted(data.inputs).argmax(axis=1)] == data.labels
    np.testing.assert_array_equal(is_correct(NETWORK, data), of_permuted)
