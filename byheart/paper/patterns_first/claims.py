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
from byheart.paper.smallest_effects import OF_ODDS
from byheart.statistics.intervals import SAME_VALUE
from byheart.statistics.rules import Above, Below
from byheart.statistics.scales import Angle, Log, Logit, odds_ratio

CLAIMED_LEVELS = (0.2, 0.8)
"""Lowest and highest noise level that the paper's claims are about."""
FEW_FITTED = 0.25
"""F78c-fall: the share of the noisy labels fitted at the end with which validation accuracy is still high."""
STRONG_GROWTH = 1.5
"""F78d: the least odds ratio of strong growth; from 50 %, it is a growth to 60 %."""
LEAST_FIT = 0.1
"""Smallest final accuracy above chance, on noisy labels, at which noise counts as fitted."""


def claims_of(figure: str, csr: str, bracket: bool = False) -> Sequence[Claim]:
    """Return claims F78a to F78d; `csr` names the critical sample ratio in their statistics.

    If results have brackets, F78a is judged by the least slope within them, too.
    """
    low, high = CLAIMED_LEVELS
    return [
        *(
            figure_claim(
                f"F78a-{noun}",
                figure,
                f"The more {noun} are noise, the more validation samples are critical.",
                f"odds of a sample to be critical (final {csr}): their ratio from noise level 0 to 1, by a straight "
                f"line through their logarithms at levels 0 to {high:g}",
                _csr_trend(kind),
                Above(1, OF_ODDS),
                scale=Log(),
                least=_least_csr_trend(kind) if bracket else None,
            )
            for kind, noun in NOUNS.items()
        ),
        *(
            figure_claim(
                f"F78b-{noun}",
                figure,
                f"The more {noun} are noise, the lower are the final and the maximal validation accuracy.",
                "odds of a right prediction on validation data, at the end and at their maximum, each: their ratio "
                f"from noise level 0 to 1, by a straight line through their logarithms at levels 0 to {high:g}",
                _accuracy_trends(kind),
                Below(1, OF_ODDS),
                scale=Log(),
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
            scale=Angle(),
        ),
        figure_claim(
            "F78c-fall",
            figure,
            "With noisy labels, validation accuracy falls as the noise is fitted.",
            f"odds of a right prediction on validation data when {FEW_FITTED:.0%} of the noisy labels fitted at the "
            f"end have been fitted, divided by those at the end, geometric mean over levels {low:g} to {high:g}; "
            "counted and without a value as in F78c-early",
            _fall,
            Above(1, OF_ODDS),
            scale=Log(),
        ),
        figure_claim(
            "F78d",
            figure,
            "After the peak of validation accuracy, while noisy labels are fitted, the critical sample ratio grows "
            "strongly.",
            f"odds of a sample to be critical ({csr}) at the end divided by those at the network's peak of validation "
            f"accuracy, geometric mean over levels {low:g} to {high:g}",
            _growth_after_peak,
            Above(STRONG_GROWTH),
            scale=Log(),
        ),
    ]


def _claimed(data: xr.Dataset) -> xr.Dataset:
    """Return the networks at the noise levels that the claims are about."""
    low, high = CLAIMED_LEVELS
    return data.sel(noise_level=(data.noise_level >= low) & (data.noise_level <= high))


def _csr_trend(kind: str) -> PerSeed:
    def per_seed(results: xr.Dataset) -> Float[np.ndarray, " seed"]:
        return _trend(by_level(results, kind).csr_validation.isel(epoch=-1, drop=True)).values

    return per_seed


def _least_csr_trend(kind: str) -> PerSeed:
    """Return the least trend of ratios within their brackets: low where the line weighs them up, else high."""

    def per_seed(results: xr.Dataset) -> Float[np.ndarray, " seed"]:
        final = by_level(results, kind).isel(epoch=-1, drop=True)
        final = final.sel(noise_level=final.noise_level <= CLAIMED_LEVELS[1])
        is_above_middle = final.noise_level > final.noise_level.mean()
        return _trend(xr.where(is_above_middle, final.csr_validation, final.not_certified_validation)).values

    return per_seed


def _accuracy_trends(kind: str) -> PerSeed:
    def per_seed(results: xr.Dataset) -> xr.DataArray:
        accuracy = by_level(results, kind).validation_accuracy
        trends = [_trend(accuracy.isel(epoch=-1, drop=True)), _trend(accuracy.max("epoch", skipna=False))]
        return xr.concat(trends, "accuracy").assign_coords(accuracy=["final", "maximal"])

    return per_seed


def _trend(share: xr.DataArray) -> xr.DataArray:
    """Return the ratio of the odds of `share` at noise level 1 and at 0, on a line fitted up to the highest level."""
    claimed = share.sel(noise_level=share.noise_level <= CLAIMED_LEVELS[1])
    return xr.apply_ufunc(Log().back, slope(xr.apply_ufunc(Logit().forward, claimed), "noise_level"))


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
    """Return the fall of validation accuracy, in odds, from where few noisy labels are fitted.

    A fall from the peak would never be negative, and positive by noise alone.
    """
    data, chance = _claimed(by_level(results, RandY.id)), 1 / results.attrs["n_classes"]
    accuracy, level = data.validation_accuracy, chance + FEW_FITTED * _fitted_at_end(data, chance)
    return _mean_odds_ratio(
        when_reached(accuracy, data.training_accuracy_noisy, level), accuracy.isel(epoch=-1, drop=True)
    )


def _growth_after_peak(results: xr.Dataset) -> Float[np.ndarray, " seed"]:
    data = _claimed(by_level(results, RandY.id))
    return _mean_odds_ratio(data.csr_validation.isel(epoch=-1, drop=True), _at_peak(data, "csr_validation"))


def _mean_odds_ratio(share: xr.DataArray, other: xr.DataArray) -> Float[np.ndarray, " seed"]:
    """Return the geometric mean, over noise levels, of the odds of `share` divided by those of `other`."""
    return np.exp(_mean_over_levels(np.log(xr.apply_ufunc(odds_ratio, share, other))))
