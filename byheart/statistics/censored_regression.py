"""How times to convergence depend on settings, when some networks did not converge within their budget: regression for censored times."""

import numpy as np
import numpy.typing as npt
import surpyval
from jaxtyping import Float

from byheart import array_checks, checks


def log_time_effects(
    times: npt.ArrayLike, is_censored: npt.ArrayLike, settings: npt.ArrayLike
) -> Float[np.ndarray, " setting"]:
    """By how much log2 of the time to convergence changes for one unit of each setting: 1 means twice as long, -1 half.

    The model is log-normal accelerated failure time: log2(time) = intercept + settings @ effects + normal error, fitted by maximum likelihood, in which a censored
    network counts with the probability of taking longer than it was watched. It is neither dropped nor taken to have just converged.

    It does not tell whether the relation is a line; draw it.

    Args:
        times: (network,), when it converged or, if it did not, for how long it was watched; above 0.
        is_censored: (network,), whether it did not.
        settings: (network, setting), such as log2 of the number of units, and 0 or 1 for being of a kind.

    Returns:
        One effect a setting; all NaN where the networks that converged do not determine them (too few, or none of some kind).

    Raises:
        BadInput: lengths that differ, a time that is not above 0, or arrays of another kind.

    >>> units = np.array([[4.0], [5.0], [6.0], [7.0], [8.0]])
    >>> times = np.array([33.0, 15.0, 8.5, 3.9, 2.1])
    >>> log_time_effects(times, np.zeros(5, bool), units).round(2)
    array([-0.99])

    Source: section 3.3.2 of the paper for the question, and Kalbfleisch and Prentice (2002), section 2.3.3, for the model. The fit is SurPyval's.
    """
    times = array_checks.array("times", times, "network")
    is_censored = array_checks.array("is_censored", is_censored, "network", "truth values")
    settings = array_checks.array("settings", settings, "network setting")
    if not len(times) == len(is_censored) == len(settings):
        raise checks.BadInput(
            "`times`, `is_censored` and `settings` must be of as many networks; "
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
        return exact[1:]  # The likelihood grows without end as the spread shrinks around these.
    center = settings.mean(axis=0)
    fitted = surpyval.LogNormalAFT.fit(
        times.astype(float), settings - center, c=is_censored.astype(int)
    )  # Centered, so that the search starts near the solution.
    n_of_distribution = 2  # Location and scale of log time stand first; an accelerating effect shortens times.
    return -fitted.params[n_of_distribution:] / np.log(2)
