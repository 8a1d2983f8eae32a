"""The Gini coefficient: how unequally a quantity is shared among examples."""

import numpy as np
import numpy.typing as npt
from jaxtyping import Float

from byheart import array_checks, checks


def gini_coefficient(values: npt.ArrayLike, axis: int = -1) -> Float[np.ndarray, "..."] | float:
    """Return the Gini coefficient: 0 if all values are equal, (n - 1) / n if all but one of n are 0.

    It is half the mean absolute difference of two values, over their mean:

        sum_ij |x_i - x_j| / (2 n sum_i x_i)  =  sum_i (2 i - n - 1) x_(i) / (n sum_i x_i),

    where x_(1) <= ... <= x_(n) are the sorted values. It does not depend on the unit, nor on which examples have much.

    Args:
        values: (..., n), not negative.
        axis: the axis along which values are compared.

    Returns:
        The coefficient in [0, 1), in double precision: a number, or an array without `axis`. Values that are all 0 are
        equal, so their coefficient is 0.

    Raises:
        BadInput: no value, a negative one, one that is not finite, not an array of numbers, or no such axis.

    >>> gini_coefficient([0.0, 0.0, 0.0, 5.0])
    0.75

    Cost: a sort, n log n. Section 3.2 of the paper (Gini, 1913).
    """
    given = array_checks.array("values", values, "... n", may_be_nan=True).astype(np.float64)
    if not -given.ndim <= axis < given.ndim:
        raise checks.BadInput(f"`axis` must be one of the {given.ndim} axes of `values`, from 0; got {axis}.")
    numbers = np.moveaxis(given, axis, -1)
    if numbers.size == 0:
        raise checks.BadInput("`values` must hold at least one number; got none.")
    if not np.isfinite(numbers).all() or (numbers < 0).any():
        wrong = numbers[~np.isfinite(numbers) | (numbers < 0)]
        raise checks.BadInput(f"`values` must be finite and not negative; got {wrong[0]}.")
    n = numbers.shape[-1]
    scale = numbers.max(axis=-1, keepdims=True)
    ordered = np.sort(numbers / np.where(scale > 0, scale, 1), axis=-1)
    weight = (2 * np.arange(1, n + 1) - n - 1) / n
    total = ordered.sum(axis=-1)
    result = np.maximum((ordered * weight).sum(axis=-1), 0) / np.where(total > 0, total, 1)
    return float(result) if result.ndim == 0 else result
