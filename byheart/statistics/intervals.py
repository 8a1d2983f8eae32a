"""Confidence intervals over seeds."""

import dataclasses
import functools
import math
from collections.abc import Sequence

import numpy as np
import scipy.special
import scipy.stats
from jaxtyping import Float

LEVEL = 0.95
"""Confidence level of all intervals."""
ALIKE = 1e-6
"""Relative difference up to which two seeds' values are the same: the rounding of single precision."""


@dataclasses.dataclass(frozen=True)
class Interval:
    """A mean over seeds and its 95 % confidence interval.

    Attributes:
        estimate: the mean of the seeds' values.
        low, high: Student's t interval of the mean; infinite for a single seed.
        n: number of seeds that gave a value.
    """

    estimate: float
    low: float
    high: float
    n: int

    @property
    def has_width(self) -> bool:
        """Whether seeds differ."""
        return self.high > self.low

    def p_value_above(self, threshold: float) -> float:
        """One-sided p-value of Student's t test for a mean above `threshold`: below 0.025 exactly where `low` lies above it.

        The chance that seeds speak for it so strongly where the true mean is the threshold. NaN for a single seed, and where seeds do not differ.

        >>> round(interval_over_seeds([1.0, 2.0, 3.0]).p_value_above(0), 4)
        0.0371
        """
        half = (self.high - self.low) / 2
        if not 0 < half < math.inf:
            return math.nan
        t = (self.estimate - threshold) / half * _t_quantile(self.n)
        return float(scipy.special.stdtr(self.n - 1, -t))

    def p_value_below(self, threshold: float) -> float:
        """The same for a mean below `threshold`: below 0.025 exactly where `high` lies below it."""
        return Interval(-self.estimate, -self.high, -self.low, self.n).p_value_above(-threshold)


def interval_over_seeds(values: Sequence[float] | Float[np.ndarray, " seed"]) -> Interval:
    """Mean and Student's t interval, at level 0.95, of one value a seed; seeds without a value (NaN) are left out and not counted.

    >>> interval = interval_over_seeds([1.0, 2.0, 3.0])
    >>> interval.estimate, round(interval.low, 3), round(interval.high, 3), interval.n
    (2.0, -0.484, 4.484, 3)
    """
    known = np.asarray(values, float)
    known = known[np.isfinite(known)]
    if known.size == 0:
        return Interval(math.nan, -math.inf, math.inf, 0)
    mean = float(known.mean())
    if known.size == 1:
        return Interval(mean, -math.inf, math.inf, 1)
    half = float(_t_quantile(known.size) * known.std(ddof=1) / math.sqrt(known.size))
    return Interval(mean, mean - half, mean + half, int(known.size))


def interval_to_judge_by(values: Sequence[float] | Float[np.ndarray, " seed"]) -> Interval:
    """As `interval_over_seeds`, but without any width where seeds differ by nothing but rounding.

    >>> interval_to_judge_by([0.1 + 0.2, 0.3, 0.3]).has_width
    False
    """
    interval = interval_over_seeds(values)
    known = np.asarray(values, float)
    known = known[np.isfinite(known)]
    if known.size > 1 and np.ptp(known) <= ALIKE * np.abs(known).max():
        return Interval(interval.estimate, interval.estimate, interval.estimate, interval.n)
    return interval


@functools.cache
def _t_quantile(n: int) -> float:
    """Half the width of the interval of n values, in standard errors."""
    return float(scipy.stats.t.ppf((1 + LEVEL) / 2, n - 1))
