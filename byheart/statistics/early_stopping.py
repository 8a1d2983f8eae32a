"""Early stopping, applied after training: the epoch whose network it would have kept."""

import numpy as np
import numpy.typing as npt
from jaxtyping import Int

from byheart import array_checks, checks


def early_stopping(accuracy: npt.ArrayLike, patience: int) -> Int[np.ndarray, "*network"]:
    """Return the index of the measured epoch whose network early stopping keeps.

    Training stops when the validation accuracy has not risen above its highest value for `patience` measured epochs;
    the network of the highest is kept. Early stopping changes nothing before it stops, so all numbers at that epoch are
    those of a network trained with it.

    Args:
        accuracy: (..., epoch), validation accuracy at the measured epochs, in order; NaN (a network that diverged)
            never rises.
        patience: number of measured epochs to wait.

    Returns:
        Index of the epoch on the last axis, counted from 0.

    Raises:
        BadInput: not an array of numbers, no epoch, or a patience that is not a whole number of at least 1.

    >>> early_stopping(np.array([[0.2, 0.5, 0.4, 0.4, 0.9], [0.2, 0.3, 0.4, 0.5, 0.6]]), patience=2)
    array([1, 4])
    """
    checks.count("patience", patience)
    given = array_checks.array("accuracy", accuracy, "... epoch", may_be_nan=True)
    if given.shape[-1] == 0:
        raise checks.BadInput("`accuracy` must hold at least one epoch; got none.")
    values = np.where(np.isnan(given), -np.inf, given)
    best = np.zeros(values.shape[:-1], np.int64)
    is_over = np.zeros(values.shape[:-1], bool)
    for place in range(1, values.shape[-1]):
        is_over |= place - best > patience
        highest = np.take_along_axis(values, best[..., None], axis=-1)[..., 0]
        best = np.where(~is_over & (values[..., place] > highest), place, best)
    return best
