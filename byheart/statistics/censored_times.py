"""Statistics of censored times to convergence: some networks do not converge within their budget of epochs."""

import fractions
import warnings

import numpy as np
import numpy.typing as npt
import scipy
from jaxtyping import Bool, Float

from byheart import array_checks, checks
from byheart.statistics.intervals import LEVEL, Interval


def watched_epochs(
    ended_epoch: npt.ArrayLike, budget: float
) -> tuple[Float[np.ndarray, " network"], Bool[np.ndarray, " network"]]:
    """Convert the epochs at which training ended to censored times.

    Args:
        ended_epoch: (network,), in epochs; infinite for a network that did not converge, NaN if that is not known.
        budget: number of epochs that each network could train.

    Returns:
        The epochs for which each network was watched, and whether it is censored: watched for the whole budget without
        convergence.

    Raises:
        BadInput: not an array of numbers, or a budget that is not above 0.

    >>> times, is_censored = watched_epochs(np.array([3.0, np.inf]), budget=10)
    >>> times.tolist(), is_censored.tolist()
    ([3.0, 10.0], [False, True])
    """
    ended = array_checks.array("ended_epoch", ended_epoch, "network", may_be_nan=True)
    is_censored = np.isinf(ended)
    return np.where(is_censored, float(checks.positive("budget", budget)), ended), is_censored


def median_time(times: npt.ArrayLike, is_censored: npt.ArrayLike) -> Interval:
    """Return the median of times of which some are censored, with its 95 % interval.

    Args:
        times: (network,), the time to convergence or, for a network that did not converge, the time it was watched.
        is_censored: (network,), whether the network did not converge.

    Returns:
        The first time at which the Kaplan-Meier estimate of the share of networks that have not converged is at most
        one half, exactly one half included: the time of the 12th of 24 networks that all converge. The bounds are the
        first times at which the bounds of its 95 % interval (log-log; Kalbfleisch and Prentice, 2002) are at most one
        half. Infinite if that never happens.

    Raises:
        BadInput: no network, times that are not numbers, or different numbers of times and marks.

    >>> median_time(np.array([3, 5, 9, 20, 20]), np.array([False, False, False, True, True])).estimate
    9.0
    """
    watched = array_checks.array("times", times, "network").astype(float)
    is_censored = array_checks.array("is_censored", is_censored, "network", "truth values")
    if len(watched) == 0 or len(watched) != len(is_censored):
        raise checks.BadInput(
            "`times` and `is_censored` must have one entry for each network, and at least one; "
            f"got {len(watched)} and {len(is_censored)}."
        )
    data = scipy.stats.CensoredData(uncensored=watched[~is_censored], right=watched[is_censored])
    remaining = scipy.stats.ecdf(data).sf
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # If all, or none, remain, the formula gives no bounds.
        bounds = remaining.confidence_interval(LEVEL, method="log-log")
    is_at_most_half = np.array([share <= fractions.Fraction(1, 2) for share in _shares_remaining(watched, is_censored)])
    shares = remaining.probabilities
    low = np.where(np.isnan(bounds.low.probabilities), shares, bounds.low.probabilities)
    high = np.minimum.accumulate(np.where(np.isnan(bounds.high.probabilities), 1, bounds.high.probabilities))

    def first(is_reached: Bool[np.ndarray, " time"]) -> float:
        reached = np.flatnonzero(is_reached)
        return float(remaining.quantiles[reached[0]]) if reached.size else float("inf")

    # A bound that equals the share is the share, so it is compared exactly, too.
    low_is_share, high_is_share = low == shares, high == shares
    return Interval(
        first(is_at_most_half),
        first(np.where(low_is_share, is_at_most_half, low <= 0.5)),
        first(np.where(high_is_share, is_at_most_half, high <= 0.5)),
        len(watched),
    )


def _shares_remaining(
    watched: Float[np.ndarray, " network"], is_censored: Bool[np.ndarray, " network"]
) -> list[fractions.Fraction]:
    """Return the exact Kaplan-Meier estimate at each distinct time; rounding of floats could miss one half."""
    share, shares = fractions.Fraction(1), []
    for time in np.unique(watched):
        at_risk = int((watched >= time).sum())
        converged = int(((watched == time) & ~is_censored).sum())
        share *= fractions.Fraction(at_risk - converged, at_risk)
        shares.append(share)
    return shares
