"""Values read off when training has made a certain progress, in place of a position that noise could choose.

A position where a curve peaks is chosen by the noise of that curve, so that its value is too high on average. A
position at which another curve reaches a level is not.
"""

import numpy as np
import xarray as xr
from jaxtyping import Float


def when_reached(values: xr.DataArray, progress: xr.DataArray, level: xr.DataArray | float) -> xr.DataArray:
    """Return `values` where `progress` first reaches `level`, on straight lines between measured epochs.

    The result is NaN where `progress` never reaches the level, or a number is missing.

    Args:
        values: over (epoch, ...).
        progress: over the same axes as `values`, such as the training accuracy.
        level: over the axes of `values` without the epoch.
    """
    levels = xr.zeros_like(progress.isel(epoch=0, drop=True)) + level
    curves = [one.astype(float) for one in (values, progress, levels)]
    return xr.apply_ufunc(
        _of_curve, *curves, input_core_dims=[["epoch"], ["epoch"], []], vectorize=True, output_dtypes=[float]
    )


def halfway(values: xr.DataArray, progress: xr.DataArray) -> xr.DataArray:
    """Return `values` where `progress` is first halfway from its first to its last number; NaN if it did not rise."""
    first, last = progress.isel(epoch=0, drop=True), progress.isel(epoch=-1, drop=True)
    return when_reached(values, progress, ((first + last) / 2).where(last > first))


def _of_curve(values: Float[np.ndarray, " epoch"], progress: Float[np.ndarray, " epoch"], level: float) -> float:
    reached = np.flatnonzero(progress >= level)
    if np.isnan(values).any() or np.isnan(progress).any() or not len(reached):
        return np.nan
    after = int(reached[0])
    if after == 0:
        return float(values[0])
    before = after - 1
    share = (level - progress[before]) / (progress[after] - progress[before])
    return float(values[before] + share * (values[after] - values[before]))
