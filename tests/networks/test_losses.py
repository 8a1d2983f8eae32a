"""Losses of logits: definitions, labels as one-hot targets, and limits."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from byheart.checks import BadInput
from byheart.networks.losses import CrossEntropy, FlooredCrossEntropy, Loss, as_distribution, cross_entropy

N, N_CLASSES = 6, 4
LOGITS = 3 * jax.random.normal(jax.random.key(0), (N, N_CLASSES))
LABELS = jnp.arange(N) % N_CLASSES
SOFT = jax.nn.softmax(jax.random.normal(jax.random.key(1), (N, N_CLASSES)))
EVERY_LOSS = pytest.mark.parametrize(
    "loss", [CrossEntropy(), FlooredCrossEntropy(), FlooredCrossEntropy(0.0)], ids=repr
)


def probabilities() -> np.ndarray:
    exponentials = np.exp(np.float64(LOGITS))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def test_cross_entropy_is_minus_the_log_of_the_probability_of_the_label() -> None:
    expected = [-math.log(probabilities()[i, LABELS[i]]) for i in range(N)]
    np.testing.assert_allclose(cross_entropy(LOGITS, LABELS), expected, rtol=1e-5)
    np.testing.assert_allclose(CrossEntropy()(LOGITS, LABELS), expected, rtol=1e-5)


def test_cross_entropy_of_soft_targets_is_its_mean_under_them() -> None:
    expected = [sum(-SOFT[i, c] * math.log(probabilities()[i, c]) for c in range(N_CLASSES)) for i in range(N)]
    np.testing.assert_allclose(CrossEntropy()(LOGITS, SOFT), expected, rtol=1e-5)


def test_floored_cross_entropy_is_minus_the_log_of_floor_and_probability_over_the_number_of_classes() -> None:
    expected = [-math.log(0.1 + probabilities()[i, LABELS[i]]) / N_CLASSES for i in range(N)]
    np.testing.assert_allclose(FlooredCrossEntropy()(LOGITS, LABELS), expected, rtol=1e-5)
    expected = [-math.log(0.3 + (SOFT[i] * probabilities()[i]).sum()) / N_CLASSES for i in range(N)]
    np.testing.assert_allclose(FlooredCrossEntropy(0.3)(LOGITS, SOFT), expected, rtol=1e-5)


@EVERY_LOSS
def test_labels_count_as_one_hot_targets(loss: Loss) -> None:
    np.testing.assert_allclose(loss(LOGITS, LABELS), loss(LOGITS, jax.nn.one_hot(LABELS, N_CLASSES)), rtol=1e-6)


@EVERY_LOSS
def test_each_example_has_the_loss_it_has_alone(loss: Loss) -> None:
    alone = jnp.concatenate([loss(LOGITS[i : i + 1], LABELS[i : i + 1]) for i in range(N)])
    np.testing.assert_allclose(loss(LOGITS, LABELS), alone, rtol=1e-6)


@EVERY_LOSS
def test_a_constant_added_to_all_logits_changes_no_loss(loss: Loss) -> None:
    np.testing.assert_allclose(loss(LOGITS + 5, LABELS), loss(LOGITS, LABELS), rtol=1e-4, atol=1e-6)


def test_for_an_example_far_from_learned_only_the_floored_gradient_fades() -> None:
    far, label = jnp.array([[0.0, 30.0]]), jnp.array([0])

    def steepness(loss: Loss) -> float:
        return float(jnp.abs(jax.grad(lambda logits: loss(logits, label)[0])(far)).sum())

    assert steepness(CrossEntropy()) == pytest.approx(2)
    assert steepness(FlooredCrossEntropy()) < 1e-10
    assert float(FlooredCrossEntropy()(far, label)[0]) == pytest.approx(-math.log(0.1) / 2)


def test_labels_become_rows_in_the_precision_of_the_logits_and_soft_targets_stay_as_they_are() -> None:
    rows = as_distribution(jnp.array([1, 0]), jnp.zeros((2, 3), jnp.float16))
    assert rows.dtype == jnp.float16
    np.testing.assert_array_equal(rows, [[0, 1, 0], [1, 0, 0]])
    assert as_distribution(SOFT, LOGITS) is SOFT


@pytest.mark.parametrize("floor", [-0.1, 1.1, float("nan")])
def test_a_floor_that_is_no_probability_is_refused(floor: float) -> None:
    with pytest.raises(BadInput, match="`floor` must be between 0 and 1; got"):
        FlooredCrossEntropy(floor)


@EVERY_LOSS
def test_the_repr_of_a_loss_can_be_pasted_back(loss: Loss) -> None:
    assert eval(repr(loss)) == loss
