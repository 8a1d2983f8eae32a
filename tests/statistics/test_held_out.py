"""Held-out probabilities, against a loop over networks."""

from collections.abc import Callable

import numpy as np
import pytest

from byheart.checks import BadInput
from byheart.statistics.held_out import HeldOutAccumulator, held_out_probabilities


def example_networks(n_networks: int = 9) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet(np.ones(3), size=(n_networks, 5))
    return probabilities, rng.uniform(size=(n_networks, 5)) < 0.5


def test_means_and_errors_are_those_of_a_loop() -> None:
    probabilities, included = example_networks()
    found = held_out_probabilities(probabilities, included)
    for example in range(5):
        of_example = [p[example] for p, seen in zip(probabilities, included, strict=True) if not seen[example]]
        assert found.n_networks[example] == len(of_example)
        np.testing.assert_allclose(found.mean[example], np.mean(of_example, axis=0))
        error = np.std(of_example, axis=0, ddof=1) / np.sqrt(len(of_example))
        np.testing.assert_allclose(found.standard_error[example], error)
    np.testing.assert_allclose(found.mean.sum(axis=1), 1)


def test_what_networks_say_of_what_they_saw_does_not_count() -> None:
    probabilities, included = example_networks()
    changed = np.where(included[..., None], 1 / 3, probabilities)
    found, expected = held_out_probabilities(changed, included), held_out_probabilities(probabilities, included)
    np.testing.assert_array_equal(found.mean, expected.mean)


def test_one_by_one_gives_the_same_bits() -> None:
    probabilities, included = example_networks()
    collected = HeldOutAccumulator(5, 3)
    for of_network, seen in zip(probabilities, included, strict=True):
        collected.add(of_network, seen)
    found, expected = collected.result(), held_out_probabilities(probabilities, included)
    np.testing.assert_array_equal(found.mean, expected.mean)
    np.testing.assert_array_equal(found.standard_error, expected.standard_error)


def test_an_example_that_every_network_saw_has_no_probability() -> None:
    found = held_out_probabilities([[[0.2, 0.8], [0.2, 0.8]]], [[1, 0]])
    assert np.isnan(found.mean).tolist() == [[True, True], [False, False]]
    assert np.isnan(found.standard_error).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: held_out_probabilities(np.zeros((0, 1, 2)), np.zeros((0, 1))), "`probabilities` and `is_included`"),
        (lambda: held_out_probabilities([[[0.5, 0.5]]], [[0], [1]]), "`probabilities` and `is_included` must be of"),
        (lambda: held_out_probabilities([[[-1.0, 2.0]]], [[0]]), "`probabilities` must lie in 0 to 1"),
        (lambda: HeldOutAccumulator(2, 2).add([[0.5, 0.5]], [0]), "`probabilities` and `is_included` must be of 2"),
        (lambda: HeldOutAccumulator(0, 2), "`n_examples` must be a whole number of at least 1; got 0."),
    ],
)
def test_what_cannot_be_averaged_is_refused(call: Callable[[], object], message: str) -> None:
    with pytest.raises(BadInput) as raised:
        call()
    assert str(raised.value).startswith(message)
