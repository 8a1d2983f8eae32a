"""Logits from what estimators give: probabilities, or one number for two classes."""

import numpy as np
import numpy.typing as npt
from jaxtyping import Float

SMALLEST = 1e-30
"""Smallest probability: the logarithm of 0 is not finite."""


def log_probabilities(probabilities: npt.ArrayLike) -> Float[np.ndarray, "example class"]:
    """Return logarithms, whose softmax are the probabilities; those below 1e-30 count as 1e-30.

    >>> log_probabilities([[1.0, 0.0]]).round(1).tolist()
    [[0.0, -69.1]]
    """
    return np.log(np.maximum(np.asarray(probabilities, np.float64), SMALLEST))


def two_columns(values: npt.ArrayLike) -> Float[np.ndarray, "example class"]:
    """Return (example, class) as it is, and one number z for each example as the logits 0 and z of two classes.

    >>> two_columns([2.0, -1.0]).tolist()
    [[0.0, 2.0], [0.0, -1.0]]
    """
    found = np.asarray(values, np.float64)
    found = found[:, 0] if found.ndim == 2 and found.shape[1] == 1 else found
    return np.stack([np.zeros_like(found), found], axis=1) if found.ndim == 1 else found
