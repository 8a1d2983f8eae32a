"""Exact confidence intervals of rates that are counted over networks."""

import numpy as np
import numpy.typing as npt
import scipy
from jaxtyping import Float

from byheart import array_checks, checks
from byheart.statistics.intervals import LEVEL


def rate_interval(
    n_misclassified: npt.ArrayLike, n_seeds: int
) -> tuple[Float[np.ndarray, " *example"], Float[np.ndarray, " *example"]]:
    """Return the exact 95 % interval of examples' misclassification rates, estimated from `n_seeds` networks.

    The bounds are the rates at which as many misclassifications or more, or as many or fewer, have probability 2.5 %
    (Clopper and Pearson, 1934). The interval covers the true rate with a probability of at least 95 %.

    Args:
        n_misclassified: number of networks that misclassify each example; (example,) or a number.
        n_seeds: number of networks.

    Returns:
        (low, high), each of the shape of `n_misclassified`.

    Raises:
        BadInput: counts that are not whole numbers from 0 to `n_seeds`.

    >>> low, high = rate_interval([0, 50], 100)
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.0, 0.398], [0.036, 0.602])
    """
    checks.count("n_seeds", n_seeds)
    counts = array_checks.array("n_misclassified", n_misclassified, "...", "whole numbers")
    if counts.size and (counts.min() < 0 or counts.max() > n_seeds):
        raise checks.BadInput(f"`n_misclassified` must lie in 0 to {n_seeds}; got {counts.min()} to {counts.max()}.")
    each, place = np.unique(counts, return_inverse=True)
    tail = (1 - LEVEL) / 2
    low = np.where(each == 0, 0.0, scipy.stats.beta.ppf(tail, np.maximum(each, 1), n_seeds - each + 1))
    high = np.where(each == n_seeds, 1.0, scipy.stats.beta.ppf(1 - tail, each + 1, np.maximum(n_seeds - each, 1)))
    return np.asarray(low[place]), np.asarray(high[place])
