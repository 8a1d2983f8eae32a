"""Confidence intervals over seeds."""

import dataclasses
import math
from collections.abc import Sequence

import numpy as np
import scipy.stats
from jaxtyping import Float

LEVEL = 0.95
"""Confidence level of all intervals."""


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
    half = float(scipy.stats.t.ppf((1 + LEVEL) / 2, known.size - 1) * scipy.stats.sem(known))
    return Interval(mean, mean - half, mean + half, int(known.size))
