"""A caution about noise that networks do not fit."""

import numpy as np
import xarray as xr

ENOUGH = 0.9
"""Least mean accuracy on noisy training labels with which they count as fitted."""


def not_fitted(results: xr.Dataset) -> list[str]:
    """Return a sentence if networks end without fitting their noisy labels; what they memorize is then not seen."""
    at_end = results.training_accuracy_noisy.values
    fitted = float(np.nanmean(at_end)) if np.isfinite(at_end).any() else np.nan
    if not fitted < ENOUGH:
        return []
    return [
        f"Networks predict only {fitted:.0%} of the noisy training labels as labelled. What they would memorize is not "
        "seen yet; train for more `epochs`."
    ]
