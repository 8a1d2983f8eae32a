"""Dispersion of misclassification rates: their variance over that of coin flips; tests whether difficulty differs.

If all n_k examples of a class k were equally hard, a network would misclassify each with the class's probability p_k,
and the rates r_i over S networks would differ by binomial chance alone. The dispersion

    D = sum_k sum_{i in k} (r_i - p_k)^2  /  sum_k (n_k - 1) p_k (1 - p_k) / S

is then about 1. If examples do differ it grows with S, since chance averages out and difficulty does not:
D = 1 + (S - 1) c, where c is the mean correlation, over examples of a class, between the errors of two networks. So c
is estimated, and D follows from it.

Networks may also differ in how many of a class they misclassify, which coin flips do not. Then D falls short of this by
up to a constant, and c by a constant over S. The jackknife removes parts of order 1 / S: its estimate and its interval
are about c itself.

Across classes (a single group) noise may look dispersed because networks learn which classes are frequent; within
classes it cannot.
"""

import dataclasses

import numpy as np
import numpy.typing as npt
from jaxtyping import Float, Int

from byheart import array_checks, checks
from byheart.statistics.intervals import Interval, interval_over_seeds


@dataclasses.dataclass(frozen=True)
class Dispersion:
    """Dispersion of the errors of S networks.

    Attributes:
        value: D as defined above.
        error_correlation: (D - 1) / (S - 1).
        correlation_of_seed: (seed,), jackknife pseudo-values of c, one for each network; their mean estimates c.
    """

    value: float
    error_correlation: float
    correlation_of_seed: Float[np.ndarray, " seed"]

    @property
    def of_seed(self) -> Float[np.ndarray, " seed"]:
        """Jackknife pseudo-values of D, (seed,)."""
        return 1 + (len(self.correlation_of_seed) - 1) * self.correlation_of_seed

    @property
    def interval(self) -> Interval:
        """Estimate and 95 % interval, over networks, of 1 + (S - 1) c."""
        return interval_over_seeds(self.of_seed)

    @property
    def correlation_interval(self) -> Interval:
        """Estimate and 95 % interval, over networks, of c, which unlike D does not depend on the number of networks."""
        return interval_over_seeds(self.correlation_of_seed)


def dispersion(is_misclassified: npt.ArrayLike, groups: npt.ArrayLike | None = None) -> Dispersion:
    """Return the variance of misclassification rates over the binomial variance.

    Args:
        is_misclassified: (seed, example), whether each network misclassifies each example.
        groups: (example,), integers from 0; rates are compared within groups, such as classes. None compares all
            examples.

    Returns:
        The dispersion; NaN for fewer than two networks, or if no example of any group is ever right, or ever wrong.
        Intervals need three networks.

    Raises:
        BadInput: arrays of another type, or shapes that do not fit.

    Cost: S passes over S x examples bits. The interval leaves out one network at a time (Tukey, 1958).

    >>> always_the_same = dispersion(np.tile([True, False], (10, 500)))
    >>> round(always_the_same.value, 2), round(always_the_same.error_correlation, 2)
    (10.01, 1.0)
    """
    errors = array_checks.array("is_misclassified", is_misclassified, "seed example", "truth values")
    n_seeds, n_examples = errors.shape
    group = (
        np.zeros(n_examples, int) if groups is None else array_checks.array("groups", groups, "...", "whole numbers")
    )
    if group.shape != (n_examples,):
        raise checks.BadInput(
            f"`groups` must have one entry for each of {n_examples} examples; got the shape {group.shape}."
        )
    if group.size and group.min() < 0:
        raise checks.BadInput(f"`groups` must be numbered from 0; got {group.min()}.")
    counts = errors.sum(axis=0)
    value = _dispersion(counts, n_seeds, group)
    correlation = _correlation(value, n_seeds)
    without = [_dispersion(counts - of_one, n_seeds - 1, group) for of_one in errors]
    left = np.array([_correlation(one, n_seeds - 1) for one in without])
    return Dispersion(value, correlation, n_seeds * correlation - (n_seeds - 1) * left)


def _dispersion(counts: Int[np.ndarray, " example"], n_seeds: int, groups: Int[np.ndarray, " example"]) -> float:
    """Return D as defined above."""
    rates = counts / max(n_seeds, 1)
    sizes = np.bincount(groups)
    mean = np.bincount(groups, rates) / np.maximum(sizes, 1)
    expected = (np.maximum(sizes - 1, 0) * mean * (1 - mean)).sum() / max(n_seeds, 1)
    return float(np.square(rates - mean[groups]).sum() / expected) if expected > 0 else float("nan")


def _correlation(value: float, n_seeds: int) -> float:
    return (value - 1) / (n_seeds - 1) if n_seeds > 1 else float("nan")
