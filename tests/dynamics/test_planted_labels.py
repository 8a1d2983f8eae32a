"""Planted wrong labels of the embedded digits are found from a plain training loop, if the index is right."""

import numpy as np
from planted_digits import found, planted

import byheart as bh

N_EPOCHS, BATCH = 12, 32


def trained(index_is_right: bool) -> bh.Dynamics:
    """Train softmax regression by plain minibatch gradient descent, and log it.

    If `index_is_right` is false, the index is the place in the shuffled epoch, as `enumerate` over batches counts it.
    """
    inputs, labels, _ = planted()
    generator, weights, targets = np.random.default_rng(1), np.zeros((64, 10)), np.eye(10)[labels]
    dynamics = bh.Dynamics(len(labels), labels=labels)
    for _ in range(N_EPOCHS):
        shuffled = generator.permutation(len(labels))
        for start in range(0, len(labels), BATCH):
            index = shuffled[start : start + BATCH]
            logits = inputs[index] @ weights
            probabilities = np.exp(logits - logits.max(axis=1, keepdims=True))
            probabilities /= probabilities.sum(axis=1, keepdims=True)
            weights -= 0.5 * inputs[index].T @ (probabilities - targets[index]) / len(index)
            dynamics.batch(index if index_is_right else np.arange(start, start + len(index)), logits)
        dynamics.end_epoch()
    return dynamics


def test_planted_labels_are_the_most_suspect_ones() -> None:
    assert found(trained(True)) > 0.8
    assert np.isin(trained(True).scores().row[:10], planted()[2]).all()


def test_with_positions_in_the_shuffled_order_as_index_nothing_is_found() -> None:
    """By chance, 60 of 1797 labels would be 3 %. Every example is seen once in every epoch, but predictions tell."""
    dynamics = trained(False)
    assert len(dynamics.cautions) == 1
    assert "`index` is not the position in the data set" in dynamics.cautions[0]
    assert not trained(True).cautions
    assert found(dynamics) < 0.15
