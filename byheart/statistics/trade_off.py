"""The trade-off of a regularizer: noise fitted against accuracy on clean data, along its strengths (Figure 10).

Each strength is a point (x, y): x is the share of random labels that is fitted, y the accuracy on clean data. The curve
starts at the network without the regularizer. Between neighboring strengths the curve is a straight line.
"""

import itertools

import numpy as np
import numpy.typing as npt
from jaxtyping import Float

from byheart import array_checks, checks

NOISE_FITS = (np.arange(1000) + 0.5) / 1000
"""Noise fits from 0 to 1 at which curves are compared."""
SAME_ACCURACY = 1e-6
"""Difference below which accuracies are equal: they are shares of examples in single precision."""


def area_under(noise_fit: npt.ArrayLike, accuracy: npt.ArrayLike) -> float:
    """Return the area under a curve: the highest accuracy for a noise fit of at most x, averaged over x from 0 to 1.

    The accuracy is 0 if no network of the curve fits as little as x. This is the hypervolume of Zitzler and Thiele
    (1998) from the corner (1, 0). NaN if a number is missing.

    Args:
        noise_fit: (point,), x of each strength, in order, the network without the regularizer first.
        accuracy: (point,), y of each strength.

    Raises:
        BadInput: not arrays of numbers, or arrays of different lengths.

    An accuracy of 0.5 down to a noise fit of 0.6, and no network below:

    >>> round(area_under(np.array([1.0, 0.6]), np.array([0.5, 0.5])), 2)
    0.2
    """
    noise_fit, accuracy = _curve(noise_fit, accuracy)
    if np.isnan([*noise_fit, *accuracy]).any():
        return np.nan
    return float(np.nan_to_num(highest_accuracy(noise_fit, accuracy)).mean())


def height_above(
    noise_fit: npt.ArrayLike,
    accuracy: npt.ArrayLike,
    other_noise_fit: npt.ArrayLike,
    other_accuracy: npt.ArrayLike,
) -> float:
    """Return how far one curve lies above another, on average over the noise fits x that both reach.

    The difference at x is that of the highest accuracies for a noise fit of at most x. NaN if a number is missing, or
    no such x is below 1. Arguments as for `area_under`, of the one curve and of the other.

    >>> round(height_above(np.array([1.0, 0.2]), np.array([0.5, 0.5]), np.array([1.0, 0.6]), np.array([0.4, 0.4])), 2)
    0.1
    """
    difference = highest_accuracy(noise_fit, accuracy) - highest_accuracy(other_noise_fit, other_accuracy)
    is_reached = np.isfinite(difference)
    return float(difference[is_reached].mean()) if is_reached.any() else np.nan


def highest_accuracy(noise_fit: npt.ArrayLike, accuracy: npt.ArrayLike) -> Float[np.ndarray, " place"]:
    """Return the highest accuracy on a curve for a noise fit of at most each of `NOISE_FITS`.

    NaN where no network fits as little, or if a number is missing.
    """
    noise_fit, accuracy = _curve(noise_fit, accuracy)
    if np.isnan([*noise_fit, *accuracy]).any():
        return np.full(len(NOISE_FITS), np.nan)
    height = np.full(len(NOISE_FITS), -np.inf)
    ends = list(zip(noise_fit, accuracy, strict=True))
    for end, next_end in itertools.pairwise(ends):
        (x_low, y_low), (x_high, y_high) = sorted([end, next_end])
        at_cut = np.interp(NOISE_FITS, [x_low, x_high], [y_low, y_high]) if x_high > x_low else max(y_low, y_high)
        height = np.maximum(height, np.where(x_low <= NOISE_FITS, np.maximum(y_low, at_cut), -np.inf))
    return np.where(np.isfinite(height), height, np.nan)


def given_up_within(noise_fit: npt.ArrayLike, accuracy: npt.ArrayLike, lost: float) -> float:
    """Return the largest drop of the noise fit at which accuracy is at most `lost` below that without the regularizer.

    0 if there is none; NaN if a number is missing. Arguments as for `area_under`.

    >>> round(given_up_within(np.array([1.0, 0.5, 0.0]), np.array([0.5, 0.5, 0.4]), lost=0.02), 2)
    0.6
    """
    noise_fit, accuracy = _curve(noise_fit, accuracy)
    if np.isnan([*noise_fit, *accuracy]).any():
        return np.nan
    limit, least = accuracy[0] - lost - SAME_ACCURACY, noise_fit[0]
    ends = list(zip(accuracy, noise_fit, strict=True))
    for end, next_end in itertools.pairwise(ends):
        (y_low, x_low), (y_high, x_high) = sorted([end, next_end])
        if y_high >= limit:
            least = min(least, x_high, x_low if y_low >= limit else np.interp(limit, [y_low, y_high], [x_low, x_high]))
    return float(noise_fit[0] - least)


def net_given_up(noise_fit: npt.ArrayLike, accuracy: npt.ArrayLike, price: float) -> Float[np.ndarray, "*curve point"]:
    """Return the drop of the noise fit at each strength, minus `price` times the accuracy lost.

    It is above 0 if the noise fit drops by more than `price` for each point of accuracy lost.

    >>> net_given_up(np.array([1.0, 0.5, 0.0]), np.array([0.5, 0.45, 0.2]), price=5).round(2)
    array([ 0.  ,  0.25, -0.5 ])
    """
    noise_fit, accuracy = _curve(noise_fit, accuracy, "... point")
    return (noise_fit[..., :1] - noise_fit) - price * (accuracy[..., :1] - accuracy)


def _curve(
    noise_fit: npt.ArrayLike, accuracy: npt.ArrayLike, axes: str = "point"
) -> tuple[Float[np.ndarray, "*curve point"], Float[np.ndarray, "*curve point"]]:
    """Return both as arrays, after checking that they have the same shape with at least one point."""
    x, y = (
        array_checks.array(name, values, axes, may_be_nan=True)
        for name, values in (("noise_fit", noise_fit), ("accuracy", accuracy))
    )
    if x.shape != y.shape or x.shape[-1] == 0:
        raise checks.BadInput(
            "`noise_fit` and `accuracy` must have the same shape, with at least one point; "
            f"got the shapes {x.shape} and {y.shape}."
        )
    return x, y
