"""Reliability of a ranking of examples by difficulty: the rank correlation between two halves of the networks."""

import numpy as np
import numpy.typing as npt
import scipy
from jaxtyping import Bool, Float

from byheart import array_checks, checks

RELIABLE = 0.7
"""Smallest reliability of a ranking that can be used."""
AT_ONE_END = 0.95
"""Share of examples misclassified by no network, or by every network, from which on a ranking says little."""


def split_half_correlation(
    is_misclassified: npt.ArrayLike, n_in_half: int | None = None, n_splits: int = 20, seed: int = 0
) -> Float[np.ndarray, " split"]:
    """Return Spearman's correlation over examples between the misclassification rates of two halves of the networks.

    1: two disjoint sets of as many networks rank examples alike; 0: their rankings have nothing in common. A ranking by
    all networks is more reliable than one by half of them: r grows to about 2 r / (1 + r) (Spearman, 1910; Brown,
    1910).

    Args:
        is_misclassified: (seed, example), whether each network misclassifies each example.
        n_in_half: number of networks in each half; None takes half of them.
        n_splits: number of random splits.
        seed: seed of the splits.

    Returns:
        (split,); NaN if a half misclassifies all examples equally often.

    Raises:
        BadInput: too few networks, fewer than two examples, or an array of another type.

    Cost: `n_splits` times two sorts of the examples.
    """
    errors = array_checks.array("is_misclassified", is_misclassified, "seed example", "truth values")
    n_seeds, n_examples = errors.shape
    in_half = checks.count("n_in_half", n_seeds // 2 if n_in_half is None else n_in_half)
    checks.count("n_splits", n_splits)
    checks.count("seed", seed, at_least=0)
    if 2 * in_half > n_seeds:
        raise checks.BadInput(f"`n_in_half` must be at most half of {n_seeds} networks; got {in_half}.")
    if n_examples < 2:
        raise checks.BadInput(f"A ranking needs at least two examples; got {n_examples}.")
    orders = [np.random.default_rng([seed, split]).permutation(n_seeds) for split in range(n_splits)]
    return np.array([_of_halves(errors, order[: 2 * in_half]) for order in orders])


def ranking_in_words(counts: npt.ArrayLike, n_seeds: int, half_correlation: float) -> str:
    """Return a sentence that explains why a ranking of examples says little; empty if the ranking is reliable.

    The ranking is by how many networks misclassify an example. It says little if nearly all examples are never, or
    always, misclassified, or if its reliability with all networks, 2 r / (1 + r) for the correlation r of halves, is
    below `RELIABLE`.

    Args:
        counts: (example,), number of networks that misclassify each example.
        n_seeds: number of networks.
        half_correlation: rank correlation between the rates of two halves of the networks; NaN if there is none.

    Raises:
        BadInput: counts that are not whole numbers.

    >>> ranking_in_words([0, 0, 2, 3], n_seeds=4, half_correlation=0.9)
    ''
    """
    number = array_checks.array("counts", counts, "example", "whole numbers")
    what_to_do = "More networks, or another length of training, tell more."
    for extreme, words in ((0, "misclassified by no network"), (n_seeds, "misclassified by every network")):
        share = float((number == extreme).mean())
        if share >= AT_ONE_END:
            return f"The ranking of examples says little: {share:.0%} of them are {words}. {what_to_do}"
    if np.isnan(half_correlation):
        return f"The ranking of examples says little: halves of the networks do not rank them. {what_to_do}"
    reliability = max(0.0, 2 * half_correlation / (1 + half_correlation)) if half_correlation > -1 else 0.0
    if reliability >= RELIABLE:
        return ""
    return (
        f"The ranking of examples says little: two sets of {n_seeds} networks would rank them with a correlation "
        f"of about {reliability:.2f}. {what_to_do}"
    )


def rank_correlation(one: npt.ArrayLike, other: npt.ArrayLike) -> float:
    """Return Spearman's correlation of two counts of each example; NaN if either is the same for all examples."""
    ranks = [scipy.stats.rankdata(array_checks.array("counts", counts, "example")) for counts in (one, other)]
    if any(np.ptp(one) == 0 for one in ranks):
        return float("nan")
    return float(np.corrcoef(*ranks)[0, 1])


def _of_halves(is_misclassified: Bool[np.ndarray, "seed example"], networks: np.ndarray) -> float:
    return rank_correlation(*(is_misclassified[half].sum(axis=0) for half in np.split(networks, 2)))
