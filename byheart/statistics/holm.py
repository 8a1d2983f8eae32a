"""Holm's step-down method for several claims that are tested together."""

import numpy as np
from jaxtyping import Float


def adjusted(p_values: Float[np.ndarray, " claim"]) -> Float[np.ndarray, " claim"]:
    """Return the adjusted p-values of claims that are tested together.

    Suppose that each claim whose adjusted p-value is below a level is said to hold. Then the chance that any claim is
    falsely said to hold is at most the level, however claims depend on each other. The smallest of m p-values is
    multiplied by m, the next by m - 1, and so on; an adjusted value is at least the one before it, and at most 1.

    Args:
        p_values: (claim,); a claim without a p-value (NaN) counts in m, and stays NaN.

    Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics, 1979.

    >>> adjusted(np.array([0.01, 0.04, 0.03]))
    array([0.03, 0.06, 0.06])
    """
    order = np.argsort(p_values)  # NaN comes last.
    steps = np.arange(len(p_values), 0, -1) * p_values[order]
    found = np.empty_like(p_values)
    found[order] = np.minimum(1, np.maximum.accumulate(steps))
    return found
