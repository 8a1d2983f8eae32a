"""Warnings about vectors whose numbers are too large for float32, or whose parts are scaled differently."""

import numpy as np
from jaxtyping import Bool, Float, Float32

FEWEST_LEVELS = 256
"""A feature gets a `Caution` if float32 distinguishes fewer values than this between its least and largest."""
FEWEST_EXAMPLES = 10
"""Smallest part whose mean and deviation are compared with those of another part."""
FARTHEST = 1.0
"""Largest distance of the means of two parts, in standard deviations of the training part."""
APART = 3.0
"""Largest ratio of the spreads of two parts, as the root mean square of the ratios over features."""

Moments = tuple[Float[np.ndarray, " feature"], Float[np.ndarray, " feature"]]
"""Mean and standard deviation of each feature."""


def coarseness(vectors: Float32[np.ndarray, "example feature"]) -> str:
    """Return a warning about features that vary less than float32 can show at their size; otherwise "".

    >>> coarseness(np.array([[1.7e9], [1.7e9 + 128]], np.float32))[:57]
    'Numbers of 1 of 1 features (the first is 0) are so large,'
    """
    low, high = vectors.min(axis=0).astype(np.float64), vectors.max(axis=0).astype(np.float64)
    step = np.spacing(np.maximum(np.abs(low), np.abs(high)).astype(np.float32)).astype(np.float64)
    is_coarse = (high > low) & (high - low < FEWEST_LEVELS * step)
    if not is_coarse.any():
        return ""
    return (
        f"Numbers of {_some(is_coarse)} are so large, and differ so little, that float32 keeps fewer than "
        f"{FEWEST_LEVELS} values of them. Subtract the mean of each feature before you pass them."
    )


def difference(training: Moments, validation: Moments, n_validation: int) -> str:
    """Return a warning if two parts are scaled differently; otherwise "".

    They are if the means of half of the features are far apart, or if the spreads are.

    >>> zeros, ones = np.zeros(3), np.ones(3)
    >>> difference((zeros, ones), (zeros, 4 * ones), 100)[:58]
    'Training and validation vectors are scaled differently: th'
    """
    (mean, deviation), (other_mean, other_deviation) = training, validation
    varies = deviation > 0
    if n_validation < FEWEST_EXAMPLES or not varies.any():
        return ""
    unit = deviation[varies]
    is_far = np.abs(other_mean - mean)[varies] > FARTHEST * unit
    spread = float(np.sqrt(np.mean(np.square(other_deviation[varies] / unit))))
    if is_far.mean() < 0.5 and 1 / APART <= spread <= APART:
        return ""
    return (
        f"Training and validation vectors are scaled differently: the means of {is_far.sum()} of {varies.sum()} "
        f"features are more than {FARTHEST:g} standard deviation apart, and the deviations of validation features are "
        f"{spread:.2g} times those of training. Scale both parts alike."
    )


def _some(which: Bool[np.ndarray, " feature"]) -> str:
    return f"{which.sum()} of {len(which)} features (the first is {int(which.argmax())})"
