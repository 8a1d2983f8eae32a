"""Memorization and influence, against loops over networks, and their standard errors, against simulation."""

from collections.abc import Callable

import numpy as np
import pytest

from byheart.checks import BadInput
from byheart.statistics.memorization import influence, memorization


def halves(n_networks: int, n_examples: int, seed: int) -> np.ndarray:
    """(network, example): complementary halves, pair after pair."""
    rng = np.random.default_rng(seed)
    first = [rng.permutation(n_examples) < n_examples // 2 for _ in range(n_networks // 2)]
    return np.array([half for one in first for half in (one, ~one)])


def test_memorization_is_the_difference_of_two_means() -> None:
    rng = np.random.default_rng(0)
    included, right = halves(10, 8, 0), rng.uniform(size=(10, 8))
    found = memorization(right, included)
    for example in range(8):
        seen = [right[k, example] for k in range(10) if included[k, example]]
        held_out = [right[k, example] for k in range(10) if not included[k, example]]
        assert found.seen[example] == pytest.approx(np.mean(seen))
        assert found.held_out[example] == pytest.approx(np.mean(held_out))
        assert found.estimate[example] == pytest.approx(np.mean(seen) - np.mean(held_out))


@pytest.mark.parametrize(("p_seen", "p_held_out"), [(1.0, 0.0), (1.0, 0.3), (0.7, 0.5), (0.9, 0.9)])
def test_standard_errors_cover_the_true_score(p_seen: float, p_held_out: float) -> None:
    """Two standard errors hold it in at least 93 of 100 examples, also where all networks agree."""
    n_networks, n_examples = 20, 4000
    included = halves(n_networks, n_examples, 1)
    chance = np.random.default_rng(2).uniform(size=included.shape)
    found = memorization(chance < np.where(included, p_seen, p_held_out), included)
    is_covered = np.abs(found.estimate - (p_seen - p_held_out)) <= 2 * found.standard_error
    assert is_covered.mean() >= 0.93
    assert (found.standard_error <= 1 / np.sqrt(n_networks)).all()
    assert (found.standard_error > 0).all()


def test_probabilities_have_the_error_of_two_sample_means() -> None:
    rng = np.random.default_rng(5)
    included, right = halves(10, 4, 5), rng.uniform(size=(10, 4))
    found = memorization(right, included)
    for example in range(4):
        parts = [right[chosen, example] for chosen in (included[:, example], ~included[:, example])]
        expected = np.sqrt(sum(part.var(ddof=1) / len(part) for part in parts))
        assert found.standard_error[example] == pytest.approx(expected)


def test_an_example_that_all_networks_saw_has_no_score() -> None:
    found = memorization([[1, 0], [1, 1]], [[1, 1], [1, 0]])
    assert np.isnan(found.estimate).tolist() == [True, False]
    assert np.isnan(found.standard_error).tolist() == [True, False]


def test_influence_is_the_difference_of_two_means_and_memorization_its_diagonal() -> None:
    rng = np.random.default_rng(3)
    included, right = halves(12, 6, 4), rng.uniform(size=(12, 6)) < 0.6
    found = influence(right, included)
    for i in range(6):
        for j in range(6):
            expected = right[included[:, i], j].mean() - right[~included[:, i], j].mean()
            assert found[i, j] == pytest.approx(expected)
    np.testing.assert_allclose(np.diag(found), memorization(right, included).estimate)
    np.testing.assert_array_equal(influence(right, included, of=[4, 1]), found[[4, 1]])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: memorization([[2.0]], [[1]]), "`is_right` must be truth values, or numbers in 0 to 1"),
        (lambda: memorization([[np.nan]], [[1]]), "`is_right` must be truth values, or numbers in 0 to 1"),
        (lambda: memorization([[1, 0]], [[1]]), "`is_right` and `is_included` must have the same shape"),
        (lambda: influence([[1]], [[1], [0]]), "`is_right` and `is_included` must be of the same networks"),
        (lambda: influence([[1]], [[1]], of=[1]), "`of` must lie in 0 to 0; got 1 to 1."),
    ],
)
def test_what_cannot_be_scored_is_refused(call: Callable[[], object], message: str) -> None:
    with pytest.raises(BadInput) as raised:
        call()
    assert str(raised.value).startswith(message)
