"""Sorted misclassification rates if all examples were equally hard: rates of Binomial(S, p) (Figure 1)."""

import numpy as np
import scipy
from jaxtyping import Float

from byheart import checks
from byheart.statistics.intervals import LEVEL


def binomial_control(n_examples: int, n_seeds: int, rate: float, seed: int = 0) -> Float[np.ndarray, " example"]:
    """Return one draw of the sorted misclassification rates of equally hard examples.

    Each of `n_seeds` networks misclassifies each of `n_examples` examples with probability `rate`.

    >>> binomial_control(4, 10, 0.5).tolist()
    [0.2, 0.2, 0.4, 0.6]
    """
    checks.count("n_examples", n_examples)
    checks.fraction("rate", rate)
    draws = np.random.default_rng(seed).binomial(checks.count("n_seeds", n_seeds), rate, n_examples)
    return np.sort(draws) / n_seeds


def binomial_quantiles(
    n_examples: int, n_seeds: int, rate: float
) -> tuple[Float[np.ndarray, " example"], Float[np.ndarray, " example"]]:
    """Return the exact 2.5 % and 97.5 % quantiles of each of the sorted rates of the control.

    The i-th smallest of n independent draws is at most x if at least i of them are. So with F the binomial distribution
    function, its q-quantile is the smallest x with F(x) >= b, where b is the q-quantile of Beta(i, n + 1 - i).

    Returns:
        (low, high): (example,) each, ascending.

    >>> low, high = binomial_quantiles(3, 100, 0.5)
    >>> low.tolist(), high.tolist()
    ([0.38, 0.43, 0.47], [0.53, 0.57, 0.62])
    """
    checks.count("n_examples", n_examples)
    checks.count("n_seeds", n_seeds)
    checks.fraction("rate", rate)
    place, tail = np.arange(1, n_examples + 1), (1 - LEVEL) / 2
    low, high = (
        scipy.stats.binom.ppf(scipy.stats.beta.ppf(q, place, n_examples + 1 - place), n_seeds, rate)
        for q in (tail, 1 - tail)
    )
    return np.maximum(low, 0) / n_seeds, np.maximum(high, 0) / n_seeds
