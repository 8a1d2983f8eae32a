"""Numbers at a place, such as an epoch or a regularizer, that earlier seeds choose for each seed.

A place chosen by its own value always looks better than it is. If all other seeds choose, each number is right on average, but the numbers depend on each other:
chance that favors one place in most seeds makes them choose it for each other, and their numbers agree too well. With 5 seeds and six places that do not differ, 8 of
100 such claims hold (docs/verdicts.md). Seeds before a seed know nothing of it nor of those that follow, so that numbers do not depend on each other. The first seed only chooses.
"""

from collections.abc import Callable

import numpy as np
import xarray as xr
from jaxtyping import Float


def at_peak_of_earlier_seeds(values: xr.DataArray, curves: xr.DataArray, axis: str = "epoch") -> xr.DataArray:
    """`values` at the place on `axis` at which the mean of the `curves` of the seeds before is highest, without that axis.

    NaN for the first seed, whose place nobody chooses. Seeds with a NaN (diverged) place no peak. A seed that is the only one without has its own.

    Args:
        values: over (seed, axis, ...).
        curves: over the same.
        axis: along which there is a peak.
    """
    is_whole = curves.notnull().all(axis)
    whole = curves.where(is_whole, 0).astype(float)
    n_before = is_whole.cumsum("seed") - is_whole
    before = (whole.cumsum("seed") - whole) / n_before.where(n_before > 0)
    place = before.where(n_before > 0, curves).fillna(-np.inf).idxmax(axis)
    return values.sel({axis: place}).where((n_before > 0) | (is_whole.sum("seed") == 1))


def chosen_by_earlier_seeds(
    values: Float[np.ndarray, "seed place *number"], choose: Callable[..., np.intp] = np.argmax
) -> Float[np.ndarray, "seed *number"]:
    """Of each seed the value at the place that `choose` takes of the mean of the seeds before; of its own if it is the only one.

    NaN for the first seed and for those without all numbers, which do not choose. A place may have several numbers.

    >>> chosen_by_earlier_seeds(np.array([[0.0, 1.0], [5.0, 2.0], [3.0, 4.0]]))
    array([nan,  2.,  3.])
    """
    is_whole = ~np.isnan(values).any(axis=tuple(range(1, values.ndim)))
    found = np.full((len(values), *values.shape[2:]), np.nan)
    for seed in np.flatnonzero(is_whole):
        before = is_whole & (np.arange(len(values)) < seed)
        if before.any() or is_whole.sum() == 1:
            found[seed] = values[seed, choose(values[before if before.any() else [seed]].mean(axis=0))]
    return found
