"""Decisions that more seeds would make, at the mean and the spread of the seeds so far."""

import functools
import math

import numpy as np
import scipy
from jaxtyping import Float

from byheart.statistics.intervals import Interval, half_width
from byheart.statistics.rules import Rule

MOST = 10**6
"""Largest number of seeds that is considered."""
_N_QUANTILES = 200


def decision_to_come(rule: Rule, interval: Interval, level: float) -> tuple[int, str] | None:
    """Return with how many seeds a claim would be decided, and how, if mean and spread stay as they are.

    Args:
        rule: of the claim.
        interval: over the seeds so far, on the scale of the rule.
        level: confidence level of the interval over the seeds then.

    Returns:
        (number of seeds, verdict); None if the number would exceed `MOST`, or if the spread is unknown.

    >>> from byheart.statistics.intervals import interval_over_seeds
    >>> from byheart.statistics.rules import Above
    >>> decision_to_come(Above(0), interval_over_seeds([-1.0, 1.0, 1.5]), 0.95)
    (30, 'holds')
    """
    deviation = _deviation(interval)
    if math.isnan(deviation):
        return None

    def verdict(n: int) -> str:
        return rule.verdict(_interval(interval.estimate, deviation, n, level))

    if verdict(MOST) == "undecided":
        return None
    low, high = interval.n - 1, MOST
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if verdict(middle) == "undecided" else (low, middle)
    return high, verdict(high)


def chances_to_decide(rule: Rule, interval: Interval, n: int, level: float) -> tuple[float, float]:
    """Return the probabilities that a claim holds and that it fails with `n` seeds, given those so far.

    The true mean is unknown: it is normal around the mean so far, with its standard error. The spread stays as it is.
    The arguments are those of `decision_to_come`. Both are 0 if the spread is unknown or there are no more seeds.
    """
    deviation = _deviation(interval)
    if math.isnan(deviation) or n <= interval.n:
        return 0.0, 0.0
    error_of_mean = deviation * math.sqrt((n - interval.n) / (n * interval.n))
    means = interval.estimate + error_of_mean * _quantiles()
    verdicts = [rule.verdict(_interval(float(mean), deviation, n, level)) for mean in means]
    return verdicts.count("holds") / len(verdicts), verdicts.count("fails") / len(verdicts)


def _deviation(interval: Interval) -> float:
    """Return the standard deviation over seeds; NaN without an interval of positive, finite width."""
    half = (interval.high - interval.low) / 2
    return half / half_width(interval.n, interval.level) if 0 < half < math.inf else math.nan


def _interval(mean: float, deviation: float, n: int, level: float) -> Interval:
    half = deviation * half_width(n, level)
    return Interval(mean, mean - half, mean + half, n, level)


@functools.cache
def _quantiles() -> Float[np.ndarray, " quantile"]:
    return scipy.special.ndtri((np.arange(_N_QUANTILES) + 0.5) / _N_QUANTILES)
