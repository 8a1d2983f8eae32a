"""Scores of training dynamics, against loops over networks, epochs and examples."""

import itertools
import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from byheart.checks import BadInput
from byheart.statistics.training_dynamics import (
    aleatoric_uncertainty,
    area_under_margin,
    confidence,
    correctness,
    cross_entropies,
    epochs_to_learn,
    error_norms,
    forgetting_events,
    margins,
    mean_loss,
    variability,
)

RNG = np.random.default_rng(0)
LOGITS = RNG.normal(size=(2, 5, 7, 4)) * 3
LABELS = RNG.integers(0, 4, 7)


def margin(logits: np.ndarray, label: int) -> float:
    return float(logits[label] - max(value for place, value in enumerate(logits) if place != label))


def cross_entropy(logits: np.ndarray, label: int) -> float:
    return math.log(sum(math.exp(value - logits[label]) for value in logits))


@pytest.mark.parametrize(
    ("each", "mean", "one"), [(margins, area_under_margin, margin), (cross_entropies, mean_loss, cross_entropy)]
)
def test_scores_of_logits_are_those_of_a_loop(
    each: Callable[..., np.ndarray], mean: Callable[..., np.ndarray], one: Callable[[np.ndarray, int], float]
) -> None:
    expected = np.array(
        [[[one(of_example, label) for of_example, label in zip(at_epoch, LABELS, strict=True)] for at_epoch in network]
         for network in LOGITS]
    )  # fmt: skip
    np.testing.assert_allclose(each(LOGITS, LABELS), expected)
    np.testing.assert_allclose(mean(LOGITS, LABELS), expected.mean(axis=1))
    np.testing.assert_allclose(mean(LOGITS[0], LABELS), expected[0].mean(axis=0))


def test_the_margin_is_negative_exactly_where_another_class_is_predicted() -> None:
    assert ((margins(LOGITS, LABELS) < 0) == (LOGITS.argmax(axis=-1) != LABELS)).all()


def test_classes_that_cannot_be_predicted_do_not_spoil_losses_and_margins() -> None:
    logits = [[-np.inf, 1.0, 0.0]]
    assert margins(logits, [1]).tolist() == [1.0]
    assert cross_entropies(logits, [1])[0] == pytest.approx(math.log1p(math.exp(-1)))
    assert cross_entropies(logits, [0])[0] == math.inf


def test_confidence_and_variability_are_mean_and_spread_over_epochs() -> None:
    probabilities = RNG.uniform(size=(3, 6, 4))
    np.testing.assert_allclose(confidence(probabilities), probabilities.mean(axis=1))
    np.testing.assert_allclose(variability(probabilities), probabilities.std(axis=1))


def learned_at(is_right: list[bool], epochs: list[int]) -> float:
    for place, epoch in enumerate(epochs):
        if all(is_right[place:]):
            return epoch
    return math.inf


@given(arrays(bool, st.tuples(st.integers(1, 3), st.integers(1, 6), st.integers(1, 4))))
def test_learning_and_forgetting_are_those_of_a_loop(is_right: np.ndarray) -> None:
    epochs = [1, 2, 4, 8, 16, 32][: is_right.shape[1]]
    runs = np.moveaxis(is_right, 1, 2)
    learned, forgotten = epochs_to_learn(is_right, epochs), forgetting_events(is_right)
    for place in np.ndindex(learned.shape):
        run = runs[place].tolist()
        assert learned[place] == learned_at(run, epochs)
        assert forgotten[place] == sum(before and not after for before, after in itertools.pairwise(run))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: margins([[1.0, 2.0]], [2]), "`labels` must lie in 0 to 1; got 2 to 2."),
        (lambda: margins([[1.0, 2.0]], [0, 1]), "`labels` must be one for each of 1 examples; got 2."),
        (lambda: margins([[1.0]], [0]), "`logits` must be of at least two classes; got 1."),
        (lambda: area_under_margin([[1.0, 2.0]], [0]), "`logits` must have the axes"),
        (lambda: mean_loss(np.zeros((0, 1, 2)), [0]), "There must be at least one measured epoch; got none."),
        (lambda: confidence([[2.0]]), "`probabilities` must lie in 0 to 1; got 2 to 2."),
        (lambda: epochs_to_learn([[1], [1]], [2, 1]), "`epochs` must be strictly increasing, one for each of 2"),
        (lambda: epochs_to_learn([[1], [1]], [1]), "`epochs` must be strictly increasing, one for each of 2"),
        (lambda: forgetting_events([[0.5]]), "`is_right` must be an array of truth values"),
    ],
)
def test_what_cannot_be_scored_is_refused(call: Callable[[], object], message: str) -> None:
    with pytest.raises(BadInput) as raised:
        call()
    assert str(raised.value).startswith(message)


def test_error_norms_are_those_of_a_loop() -> None:
    for network, epoch, example in itertools.product(range(2), range(5), range(7)):
        z = LOGITS[network, epoch, example]
        p = [math.exp(value) / sum(math.exp(other) for other in z) for value in z]
        norm = math.sqrt(sum((value - (place == LABELS[example])) ** 2 for place, value in enumerate(p)))
        assert error_norms(LOGITS, LABELS)[network, epoch, example] == pytest.approx(norm)


def test_aleatoric_and_epistemic_uncertainty_add_up_to_that_of_the_mean() -> None:
    probabilities = RNG.uniform(size=(3, 6, 4))
    mean = confidence(probabilities)
    total = aleatoric_uncertainty(probabilities) + variability(probabilities) ** 2
    np.testing.assert_allclose(total, mean * (1 - mean))


def test_correctness_is_the_share_of_epochs_that_are_right() -> None:
    assert correctness([[1, 0], [0, 0], [1, 1]]).tolist() == pytest.approx([2 / 3, 1 / 3])
