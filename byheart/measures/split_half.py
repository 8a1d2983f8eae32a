"""How far a ranking of examples by difficulty can be trusted: the rank correlation between two halves of the networks."""

import numpy as np
import scipy.stats
from jaxtyping import Bool, Float

from byheart import checks


def split_half_correlation(
    is_misclassified: Bool[np.ndarray, "seed example"], n_in_half: int | None = None, n_splits: int = 20, seed: int = 0
) -> Float[np.ndarray, " split"]:
    """Spearman's correlation over examples between the misclassification rates of two disjoint halves of the networks.

    1: two sets of so many networks rank examples alike; 0: their rankings have nothing in common. A ranking by all networks is more
    reliable than one by half of them: r grows to about 2 r / (1 + r) (Spearman, 1910; Brown, 1910).

    Args:
        is_misclassified: of each network, each example.
        n_in_half: networks in each half; None takes as many as there are for two halves.
        n_splits: random ways to halve.
        seed: of these.

    Returns:
        (split,); NaN where a half misclassifies all examples equally often.

    Raises:
        BadInput: too few networks, or fewer than two examples.

    Cost: `n_splits` times two sorts of the examples.
    """
    n_seeds, n_examples = is_misclassified.shape
    in_half = checks.count("n_in_half", n_seeds // 2 if n_in_half is None else n_in_half)
    checks.count("n_splits", n_splits)
    if 2 * in_half > n_seeds:
        raise checks.BadInput(f"`n_in_half` must be at most half of {n_seeds} networks; got {in_half}.")
    if n_examples < 2:
        raise checks.BadInput(f"A ranking needs at least two examples; got {n_examples}.")
    orders = [np.random.default_rng([seed, split]).permutation(n_seeds) for split in range(n_splits)]
    return np.array([_rank_correlation(is_misclassified, order[: 2 * in_half]) for order in orders])


def _rank_correlation(is_misclassified: Bool[np.ndarray, "seed example"], networks: np.ndarray) -> float:
    halves = np.split(networks, 2)
    ranks = [scipy.stats.rankdata(is_misclassified[half].sum(axis=0)) for half in halves]
    if any(np.ptp(one) == 0 for one in ranks):
        return float("nan")
    return float(np.corrcoef(*ranks)[0, 1])
