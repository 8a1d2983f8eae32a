"""Several claims at once: Holm's step-down method."""

import numpy as np
from jaxtyping import Float


def adjusted(p_values: Float[np.ndarray, " claim"]) -> Float[np.ndarray, " claim"]:
    """p-values for claims that are asked together.

    If each claim whose adjusted p-value is below a level is said to hold, then the chance that any claim is falsely said to hold is at most the level, whatever
    claims have to do with each other. The smallest of m p-values is multiplied by m, the next by m - 1, and so on; an adjusted value is never
    smaller than one before it, and at most 1.

    Args:
        p_values: one a claim; a claim without one (NaN) was asked all the same, so it counts in m, and stays without.

    Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics, 1979.

    >>> adjusted(np.array([0.01, 0.04, 0.03]))
    array([0.03, 0.06, 0.06])
    """
    order = np.argsort(p_values)  # NaN comes last.
    steps = np.arange(len(p_values), 0, -1) * p_values[order]
    found = np.empty_like(p_values)
    found[order] = np.minimum(1, np.maximum.accumulate(steps))
    return found
