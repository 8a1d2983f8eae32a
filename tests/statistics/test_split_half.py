"""Split halves against SciPy's Spearman correlation, and in worlds where the answer is known."""

import numpy as np
import pytest
import scipy.stats

from byheart.checks import BadInput
from byheart.statistics.split_half import split_half_correlation

RATES = np.random.default_rng(0).random(200)
ERRORS = np.random.default_rng(1).random((30, 200)) < RATES


@pytest.mark.parametrize("n_in_half", [1, 4, 15])
def test_each_split_is_spearmans_correlation_of_two_disjoint_halves(n_in_half: int) -> None:
    found = split_half_correlation(ERRORS, n_in_half, n_splits=3, seed=5)
    for split in range(3):
        order = np.random.default_rng([5, split]).permutation(30)
        halves = ERRORS[order[:n_in_half]].sum(0), ERRORS[order[n_in_half : 2 * n_in_half]].sum(0)
        assert found[split] == pytest.approx(scipy.stats.spearmanr(*halves).statistic)


def test_more_networks_rank_more_reliably() -> None:
    few, many = (split_half_correlation(ERRORS, n).mean() for n in (2, 15))
    assert 0.2 < few < many < 1


def test_examples_that_differ_only_by_chance_have_no_ranking() -> None:
    flips = np.random.default_rng(2).random((40, 500)) < 0.5
    assert abs(split_half_correlation(flips).mean()) < 0.05


def test_networks_that_always_agree_rank_alike() -> None:
    np.testing.assert_allclose(split_half_correlation(np.tile([True, False, False], (6, 4))), 1)


def test_without_any_difference_there_is_no_ranking() -> None:
    assert np.isnan(split_half_correlation(np.ones((6, 5), bool))).all()


@pytest.mark.parametrize(
    ("shape", "n_in_half", "message"),
    [
        ((1, 5), None, "`n_in_half` must be a whole number of at least 1; got 0."),
        ((9, 5), 5, "`n_in_half` must be at most half of 9 networks; got 5."),
        ((4, 1), None, "A ranking needs at least two examples; got 1."),
    ],
)
def test_too_few_networks_or_examples_are_refused(shape: tuple[int, int], n_in_half: int | None, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        split_half_correlation(np.zeros(shape, bool), n_in_half)
