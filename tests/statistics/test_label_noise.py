"""The model of label noise, on made examples whose true classes, probabilities and noise are known."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from byheart.checks import BadInput
from byheart.statistics.label_noise import LabelNoise, fit_label_noise, wrong_label_share

N_CLASSES = 4
FLIPS = np.array([[0, 0.9, 0.1, 0], [0.5, 0, 0.5, 0], [0.1, 0, 0, 0.9], [1 / 3, 1 / 3, 1 / 3, 0]])
"""(class, label): where wrong labels go."""


def made_examples(share: float, sure: float, seed: int, n: int = 4000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return correct class probabilities raised to the power `sure`, the classes, and noisy labels."""
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.full(N_CLASSES, 0.05), size=n)
    classes = np.array([rng.choice(N_CLASSES, p=one) for one in p])
    flipped = np.array([rng.choice(N_CLASSES, p=FLIPS[label]) for label in classes])
    labels = np.where(rng.uniform(size=n) < share, flipped, classes)
    powers = np.maximum(p, 1e-9) ** sure
    return powers / powers.sum(axis=1, keepdims=True), classes, labels


def slow_fit(q: np.ndarray, y: np.ndarray, steps: int) -> np.ndarray:
    """Expectation maximization of the transition matrix, example by example."""
    transition = np.full((N_CLASSES, N_CLASSES), 0.05 / (N_CLASSES - 1))
    np.fill_diagonal(transition, 0.95)
    for _ in range(steps):
        counts = np.zeros_like(transition)
        for row, label in zip(q, y, strict=True):
            joint = [row[k] * transition[k, label] for k in range(N_CLASSES)]
            for k in range(N_CLASSES):
                counts[k, label] += joint[k] / sum(joint)
        for k in range(N_CLASSES):
            for label in range(N_CLASSES):
                counts[k, label] += 0 if k == label else 1 / (N_CLASSES - 1)
        transition = counts / counts.sum(axis=1, keepdims=True)
    return transition


def log_likelihood_of(found: LabelNoise, probabilities: np.ndarray, labels: np.ndarray) -> float:
    """The equation of the module, example by example."""
    total = 0.0
    for row, label in zip(probabilities, labels, strict=True):
        powers = [max(value, 1e-6) ** found.exponent for value in row]
        total += math.log(sum(power / sum(powers) * found.transition[k, label] for k, power in enumerate(powers)))
    return total


def test_the_fit_is_that_of_a_slow_loop() -> None:
    probabilities, _, labels = made_examples(0.2, 1.0, seed=0, n=300)
    found = fit_label_noise(probabilities, labels)
    assert found.log_likelihood == pytest.approx(log_likelihood_of(found, probabilities, labels))
    powers = np.maximum(probabilities, 1e-6) ** found.exponent
    slow = slow_fit(powers / powers.sum(axis=1, keepdims=True), labels, steps=200)
    np.testing.assert_allclose(found.transition, slow, atol=2e-3)


@pytest.mark.parametrize("share", [0.05, 0.2])
@pytest.mark.parametrize("sure", [0.5, 1.0, 2.0])
def test_noise_and_exponent_are_found_whatever_the_networks_temper(share: float, sure: float) -> None:
    probabilities, classes, labels = made_examples(share, sure, seed=1)
    found = fit_label_noise(probabilities, labels)
    assert found.exponent == pytest.approx(1 / sure, rel=0.25)
    is_wrong = labels != classes
    assert found.wrong.sum() == pytest.approx(is_wrong.sum(), rel=0.25)
    off_diagonal = found.transition - np.diag(np.diag(found.transition))
    np.testing.assert_allclose(off_diagonal.sum(axis=1), share, atol=0.03)
    np.testing.assert_allclose(found.transition.sum(axis=1), 1)
    np.testing.assert_allclose(found.class_probabilities.sum(axis=1), 1)
    likely = found.wrong > 0.9
    assert is_wrong[likely].mean() > 0.85


def test_without_wrong_labels_next_to_none_are_found() -> None:
    probabilities, _, labels = made_examples(0.0, 1.0, seed=2)
    assert fit_label_noise(probabilities, labels).wrong.mean() < 0.01
    assert wrong_label_share(probabilities, labels).low == 0


def test_the_interval_of_the_share_covers_the_truth() -> None:
    covered = []
    for seed in range(40):
        probabilities, _, labels = made_examples(0.1, 1.5, seed=100 + seed, n=800)
        found = wrong_label_share(probabilities, labels)
        covered.append(found.low <= 0.1 <= found.high)
    assert np.mean(covered) >= 0.9


def test_the_share_counts_clear_examples_alone() -> None:
    probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.6, 0.4], [0.55, 0.45]])
    found = wrong_label_share(probabilities, [1, 0, 1, 1])
    assert (found.estimate, found.n) == (0.5, 2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: fit_label_noise([[1.0]], [0]), "`probabilities` must be of examples of at least two classes"),
        (lambda: fit_label_noise([[0.5, 0.5]], [0, 1]), "`labels` must be one for each of 1 examples; got 2."),
        (lambda: fit_label_noise([[0.5, 0.5]], [2]), "`labels` must lie in 0 to 1; got 2 to 2."),
        (lambda: fit_label_noise([[0.5, 0.9]], [1]), "Rows of `probabilities` must be at least 0 and sum to 1"),
        (lambda: wrong_label_share([[-0.5, 1.5]], [1]), "Rows of `probabilities` must be at least 0 and sum to 1"),
    ],
)
def test_what_cannot_be_fitted_is_refused(call: Callable[[], object], message: str) -> None:
    with pytest.raises(BadInput) as raised:
        call()
    assert str(raised.value).startswith(message)
