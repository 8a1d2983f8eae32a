"""Confidence intervals of means over seeds."""

import dataclasses
import functools
import math
from collections.abc import Sequence

import numpy as np
import scipy
from jaxtyping import Float

LEVEL = 0.95
"""Confidence level of all intervals."""
SAME_VALUE = 1e-6
"""Relative difference up to which the values of two seeds count as the same: the rounding of single precision."""


@dataclasses.dataclass(frozen=True)
class Interval:
    """A mean over seeds and its confidence interval.

    Attributes:
        estimate: the mean of the seeds' values.
        low, high: Student's t interval of the mean; infinite for a single seed.
        n: number of seeds with a value.
        level: confidence level. It is above 95 % for each of several looks, which have 95 % together.
    """

    estimate: float
    low: float
    high: float
    n: int
    level: float = LEVEL

    @property
    def has_width(self) -> bool:
        """Return whether seeds differ."""
        return self.high > self.low

    def p_value_above(self, threshold: float) -> float:
        """Return the one-sided p-value of Student's t test for a mean above `threshold`.

        It is the chance of seeds that speak for it as strongly, if the true mean is the threshold. It is below
        (1 - level) / 2 exactly if `low` lies above the threshold. NaN for a single seed, and if seeds do not differ.

        >>> round(interval_over_seeds([1.0, 2.0, 3.0]).p_value_above(0), 4)
        0.0371
        """
        half = (self.high - self.low) / 2
        if not 0 < half < math.inf:
            return math.nan
        t = (self.estimate - threshold) / half * t_quantile(self.n, self.level)
        return float(scipy.special.stdtr(self.n - 1, -t))

    def p_value_below(self, threshold: float) -> float:
        """Return the p-value for a mean below `threshold`, which is small if `high` lies below it."""
        return Interval(-self.estimate, -self.high, -self.low, self.n, self.level).p_value_above(-threshold)


def interval_over_seeds(values: Sequence[float] | Float[np.ndarray, " seed"], level: float = LEVEL) -> Interval:
    """Return the mean and Student's t interval of one value for each seed.

    Seeds without a value (NaN) are left out and not counted.

    >>> interval = interval_over_seeds([1.0, 2.0, 3.0])
    >>> interval.estimate, round(interval.low, 3), round(interval.high, 3), interval.n
    (2.0, -0.484, 4.484, 3)
    """
    known = np.asarray(values, float)
    known = known[np.isfinite(known)]
    if known.size == 0:
        return Interval(math.nan, -math.inf, math.inf, 0, level)
    mean = float(known.mean())
    if known.size == 1:
        return Interval(mean, -math.inf, math.inf, 1, level)
    half = float(half_width(known.size, level) * known.std(ddof=1))
    return Interval(mean, mean - half, mean + half, int(known.size), level)


def interval_to_judge_by(values: Sequence[float] | Float[np.ndarray, " seed"], level: float = LEVEL) -> Interval:
    """Return `interval_over_seeds`, but with no width if seeds differ by rounding only.

    >>> interval_to_judge_by([0.1 + 0.2, 0.3, 0.3]).has_width
    False
    """
    interval = interval_over_seeds(values, level)
    known = np.asarray(values, float)
    known = known[np.isfinite(known)]
    if known.size > 1 and np.ptp(known) <= SAME_VALUE * np.abs(known).max():
        return Interval(interval.estimate, interval.estimate, interval.estimate, interval.n, level)
    return interval


def half_width(n: int, level: float) -> float:
    """Return half the width of the interval of `n` values, in standard deviations of the values."""
    return t_quantile(n, level) / math.sqrt(n)


@functools.cache
def t_quantile(n: int, level: float) -> float:
    """Return half the width of the interval of `n` values, in standard errors of their mean."""
    return float(scipy.stats.t.ppf((1 + level) / 2, n - 1))
