"""The claims of patterns-first: F78a to F78d of Figures 7 and 8, each as one number per seed."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from jaxtyping import Float

from byheart.data.rand_y import RandY
from byheart.experiments.claims import Claim, PerSeed, slope
from byheart.experiments.data_kinds import NOUNS, by_level
from byheart.experiments.training_progress import when_reached
from byheart.paper.claim import figure_claim
from byheart.paper.smallest_effects import OF_ACCURACY, OF_CRITICAL_SAMPLES
from byheart.statistics.intervals import SAME_VALUE
from byheart.statistics.rules import Above, Below
from byheart.statistics.scales import Logit

CLAIMED_LEVELS = (0.2, 0.8)
"""Lowest and highest noise level that the paper's claims are about."""
FEW_FITTED = 0.25
"""F78c-fall: the share of the noisy labels fitted at the end with which validation accuracy is still high."""
LEAST_FIT = 0.1
"""Smallest final accuracy above chance, on noisy labels, at which noise counts as fitted."""


def claims_of(figure: str, csr: str) -> Sequence[Claim]:
    """Return claims F78a to F78d; `csr` names the critical sample ratio in their statistics."""
    low, high = CLAIMED_LEVELS
    return [
        *(
            figure_claim(
                f"F78a-{noun}",
                figure,
                f"The more {noun} are noise, the more validation samples are critical.",
                f"slope of the final {csr} over noise levels 0 to {high:g}",
                _csr_slope(kind),
                Above(0, OF_CRITICAL_SAMPLES),
            )
            for kind, noun in NOUNS.items()
        ),
        *(
            figure_claim(
                f"F78b-{noun}",
                figure,
                f"The more {noun} are noise, the lower are the final and the maximal validation accuracy.",
                f"slopes over noise levels 0 to {high:g} of final and of maximal validation accuracy, each",
                _accuracy_slopes(kind),
                Below(0, OF_ACCURACY),
            )
            for kind, noun in NOUNS.items()
        ),
        figure_claim(
            "F78c-early",
            figure,
            "With noisy labels, validation accuracy peaks before the noise is fitted.",
            "share of the noisy labels fitted beyond chance at the end that is not yet fitted at the network's peak of "
            f"validation accuracy, mean over levels {low:g} to {high:g}; no value where they end less than "
            f"{LEAST_FIT:g} above chance",
            _noise_still_missing,
            Above(0.5),
            scale=Logit(),
        ),
        figure_claim(
            "F78c-fall",
            figure,
            "With noisy labels, validation accuracy falls as the noise is fitted.",
            f"validation accuracy when {FEW_FITTED:.0%} of the noisy labels that are fitted at the end have been "
            f"fitted, minus at the end, mean over levels {low:g} to {high:g}; counted and without a value as in "
            "F78c-early",
            _fall,
            Above(0, OF_ACCURACY),
        ),
        figure_claim(
            "F78d",
            figure,
            "After the peak of validation accuracy, while noisy labels are fitted, the critical sample ratio grows "
            "strongly.",
            f"{csr} at the end minus at the network's peak of validation accuracy, mean over levels {low:g} to "
            f"{high:g}",
            _growth_after_peak,
            Above(0.1),
        ),
    ]


def _claimed(data: xr.Dataset) -> xr.Dataset:
    """Return the networks at the noise levels that the claims are about."""
    low, high = CLAIMED_LEVELS
    return data.sel(noise_level=(data.noise_level >= low) & (data.noise_level <= high))


def _csr_slope(kind: str) -> PerSeed:
    def per_seed(results: xr.Dataset) -> Float[np.ndarray, " seed"]:
        final = by_level(results, kind).csr_validation.isel(epoch=-1)
        return slope(final.sel(noise_level=final.noise_level <= CLAIMED_LEVELS[1]), "noise_level").values

    return per_seed


def _accuracy_slopes(kind: str) -> PerSeed:
    def per_seed(results: xr.Dataset) -> xr.DataArray:
        accuracy = by_level(results, kind).validation_accuracy
        accuracy = accuracy.sel(noise_level=accuracy.noise_level <= CLAIMED_LEVELS[1])
        final = slope(accuracy.isel(epoch=-1), "noise_level")
        maximal = slope(accuracy.max("epoch", skipna=False), "noise_level")
        return xr.concat([final.drop_vars("epoch"), maximal], "accuracy").assign_coords(accuracy=["final", "maximal"])

    return per_seed


def _at_peak(data: xr.Dataset, name: str) -> xr.DataArray:
    """Return variable `name` at the epoch where the validation accuracy of the network peaks; NaN if it diverged."""
    accuracy = data.validation_accuracy
    epoch = accuracy.fillna(-np.inf).idxmax("epoch")
    return data[name].sel(epoch=epoch).where(accuracy.notnull().all("epoch"))


def _mean_over_levels(values: xr.DataArray) -> Float[np.ndarray, " seed"]:
    """Return the mean over noise levels; NaN if networks were trained at none of the claimed levels."""
    return (values.sum("noise_level", skipna=False) / (values.sizes["noise_level"] or np.nan)).values


def _fitted_at_end(data: xr.Dataset, chance: float) -> xr.DataArray:
    """Return the final accuracy on noisy labels above chance; NaN where that is less than `LEAST_FIT`.

    Fit is counted from 1 / classes: a network that knows only patterns predicts a random label with that chance.
    """
    fitted = data.training_accuracy_noisy.isel(epoch=-1, drop=True) - chance
    return fitted.where(fitted >= LEAST_FIT - SAME_VALUE)


def _noise_still_missing(results: xr.Dataset) -> Float[np.ndarray, " seed"]:
    """Return the share of the fitted noisy labels that is not yet fitted at the peak of validation accuracy."""
    data, chance = _claimed(by_level(results, RandY.id)), 1 / results.attrs["n_classes"]
    at_peak = _at_peak(data, "training_accuracy_noisy") - chance
    return _mean_over_levels(1 - at_peak / _fitted_at_end(data, chance))


def _fall(results: xr.Dataset) -> Float[np.ndarray, " seed"]:
    """Return the fall of validation accuracy from where few noisy labels are fitted.

    A fall from the peak would never be negative, and positive by noise alone.
    """
    data, chance = _claimed(by_level(results, RandY.id)), 1 / results.attrs["n_classes"]
    accuracy, level = data.validation_accuracy, chance + FEW_FITTED * _fitted_at_end(data, chance)
    return _mean_over_levels(
        when_reached(accuracy, data.training_accuracy_noisy, level) - accuracy.isel(epoch=-1, drop=True)
    )


def _growth_after_peak(results: xr.Dataset) -> Float[np.ndarray, " seed"]:
    data = _claimed(by_level(results, RandY.id))
    growth = data.csr_validation.isel(epoch=-1, drop=True) - _at_peak(data, "csr_validation")
    return _mean_over_levels(growth)
