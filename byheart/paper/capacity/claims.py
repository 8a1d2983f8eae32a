"""The claims of capacity: F5a to F5d of Figure 5, each as one number per seed."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from jaxtyping import Float

from byheart.data.rand_x import RandX
from byheart.data.rand_y import RandY
from byheart.experiments.claims import Claim, PerSeed, of_any_data, slope
from byheart.experiments.data_kinds import NOUNS, REMOVED, by_level
from byheart.experiments.seed_selection import at_peak_of_earlier_seeds
from byheart.paper.claim import figure_claim
from byheart.paper.smallest_effects import OF_A_TREND_IN_UNITS, OF_UNITS
from byheart.statistics.rules import Above, Below, Between

REACHED = 0.99
"""Units are enough if accuracy reaches this share of the best over all widths."""
A_POINT = 0.01
"""F5a: largest gain in accuracy by more units than enough."""
NO_TREND = OF_A_TREND_IN_UNITS.size
"""F5c: doublings of the units needed, from no noise to all noise, that count as no relation."""


def claims_of(figure: str, enough: int) -> Sequence[Claim]:
    """Return claims F5a to F5d; `enough` is the number of units that claim F5a is about."""
    needed = (
        f"fewest units with which the best validation accuracy is {REACHED:.0%} of the highest over widths "
        "(log2, on lines between widths)"
    )
    return [
        figure_claim(
            "F5a",
            figure,
            f"On real data, {enough:,} units are enough: more of them gain nothing.",
            f"best validation accuracy at the width that is best in the seeds before, minus at {enough:,} units; "
            "up to a point may be gained",
            _gain_beyond(enough),
            Below(A_POINT),
        ),
        *(
            figure_claim(
                f"F5b-{noun}",
                figure,
                f"The more {noun} are noise, the more units the best validation accuracy needs.",
                f"slope over noise levels of the {needed}",
                _trend(kind),
                Above(0, OF_A_TREND_IN_UNITS),
                applies_to=of_any_data if kind == RandX.id else _is_not_cifar10,
            )
            for kind, noun in NOUNS.items()
        ),
        figure_claim(
            "F5c-labels",
            figure,
            "With random labels the paper sees no relation between noise and the units needed on CIFAR-10.",
            f"slope over noise levels of the {needed}; less than one doubling either way counts as no relation",
            _trend(RandY.id),
            Between(-NO_TREND, NO_TREND),
            applies_to=lambda name: not _is_not_cifar10(name),
        ),
        *(
            figure_claim(
                f"F5d-{noun}",
                figure,
                "Where the noisy examples are left out, fewer units are enough than where they are learned with noisy "
                f"{noun}.",
                f"{needed}: with noise minus without the examples, mean over levels",
                _saved(kind),
                Above(0, OF_UNITS),
            )
            for kind, noun in NOUNS.items()
        ),
    ]


def best_accuracy(results: xr.Dataset, kind: str) -> xr.DataArray:
    """Return the highest validation accuracy through training, over (seed, width, noise_level).

    Args:
        results: over members.
        kind: the `id` of a noise, or `REMOVED`.
    """
    return by_level(results, kind, "width").validation_accuracy.max("epoch", skipna=False)


def units_needed(accuracy: xr.DataArray) -> xr.DataArray:
    """Return log2 of the fewest units with which `accuracy` reaches `REACHED` of its maximum over `width`.

    Accuracy is interpolated linearly between the widths. The result is NaN if a width is missing.
    """

    def of_curve(curve: Float[np.ndarray, " width"]) -> float:
        if np.isnan(curve).any():
            return np.nan
        limit = REACHED * curve.max()
        reached = int(np.argmax(curve >= limit))
        if reached == 0:
            return float(along[0])
        before = reached - 1
        share = (limit - curve[before]) / (curve[reached] - curve[before])
        return float(along[before] + share * (along[reached] - along[before]))

    along = np.log2(accuracy.width.values)
    return xr.apply_ufunc(of_curve, accuracy, input_core_dims=[["width"]], vectorize=True)


def _is_not_cifar10(name: str) -> bool:
    return name != "cifar10"


def _gain_beyond(enough: int) -> PerSeed:
    def per_seed(results: xr.Dataset) -> Float[np.ndarray, " seed"]:
        accuracy = best_accuracy(results, RandX.id).sel(noise_level=0, drop=True)
        accuracy = accuracy.where(accuracy.notnull().all("width"))
        return (at_peak_of_earlier_seeds(accuracy, accuracy, "width") - accuracy.sel(width=enough)).values

    return per_seed


def _trend(kind: str) -> PerSeed:
    def per_seed(results: xr.Dataset) -> Float[np.ndarray, " seed"]:
        return slope(units_needed(best_accuracy(results, kind)), "noise_level").values

    return per_seed


def _saved(kind: str) -> PerSeed:
    def per_seed(results: xr.Dataset) -> Float[np.ndarray, " seed"]:
        noisy, removed = (units_needed(best_accuracy(results, one)) for one in (kind, REMOVED))
        levels = [level for level in removed.noise_level.values if level > 0 and level in noisy.noise_level.values]
        if not levels:
            return np.full(noisy.sizes["seed"], np.nan)
        return (
            (noisy.sel(noise_level=levels) - removed.sel(noise_level=levels)).mean("noise_level", skipna=False).values
        )

    return per_seed
