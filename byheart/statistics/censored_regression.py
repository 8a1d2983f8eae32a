"""Regression of censored times: how times to convergence depend on settings if some networks did not converge."""

import numpy as np
import numpy.typing as npt
from jaxtyping import Float

from byheart import array_checks, checks


def log_time_effects(
    times: npt.ArrayLike, is_censored: npt.ArrayLike, settings: npt.ArrayLike
) -> Float[np.ndarray, " setting"]:
    """Return the change of log2 of the time to convergence for one unit of each setting: 1 doubles it, -1 halves it.

    The model is log-normal accelerated failure time: log2(time) = intercept + settings @ effects + normal error. It is
    fitted by maximum likelihood: a censored network contributes the probability that it takes longer than it was
    watched. It is neither dropped nor counted as just converged.

    The fit does not show whether the relation is a line; draw it.

    Args:
        times: (network,), the time to convergence or, for a network that did not converge, the time it was watched;
            above 0.
        is_censored: (network,), whether the network did not converge.
        settings: (network, setting), such as log2 of the number of units, or 0 and 1 for two kinds.

    Returns:
        (setting,), one effect for each setting; all NaN if the networks that converged do not determine them (too few,
        or none of some kind).

    Raises:
        BadInput: lengths that differ, a time that is not above 0, or arrays of another type.

    >>> units = np.array([[4.0], [5.0], [6.0], [7.0], [8.0]])
    >>> times = np.array([33.0, 15.0, 8.5, 3.9, 2.1])
    >>> log_time_effects(times, np.zeros(5, bool), units).round(2)
    array([-0.99])

    Source: section 3.3.2 of the paper for the question, and Kalbfleisch and Prentice (2002), section 2.3.3, for the
    model. SurPyval does the fit.
    """
    times = array_checks.array("times", times, "network")
    is_censored = array_checks.array("is_censored", is_censored, "network", "truth values")
    settings = array_checks.array("settings", settings, "network setting")
    if not len(times) == len(is_censored) == len(settings):
        raise checks.BadInput(
            "`times`, `is_censored` and `settings` must have one entry for each network; "
            f"got {len(times)}, {len(is_censored)} and {len(settings)}."
        )
    if not (times > 0).all():
        raise checks.BadInput(f"`times` must be above 0; got {np.min(times):g}.")
    seen = np.column_stack([np.ones(len(settings)), settings])[~is_censored]
    log_times = np.log2(times[~is_censored])
    n_unknown = seen.shape[1]
    if len(seen) <= n_unknown or np.linalg.matrix_rank(seen) < n_unknown:
        return np.full(n_unknown - 1, np.nan)
    exact, *_ = np.linalg.lstsq(seen, log_times)
    if np.allclose(seen @ exact, log_times, rtol=0, atol=1e-9):
        return exact[1:]  # The fit is exact, so the likelihood grows without bound as the spread shrinks.
    import surpyval  # It takes most of a second, and only this call needs it.

    center = settings.mean(axis=0)
    # Settings are centered, so that the search starts near the solution.
    fitted = surpyval.LogNormalAFT.fit(times.astype(float), settings - center, c=is_censored.astype(int))
    n_of_distribution = 2  # Location and scale of log time come first; an accelerating effect shortens times.
    return -fitted.params[n_of_distribution:] / np.log(2)
