"""The claims of capacity: F5a to F5d of Figure 5, each as one number per seed."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from jaxtyping import Float

from byheart.data.rand_x import RandX
from byheart.data.rand_y import RandY
from byheart.experiments.claims import Claim, PerSeed, of_any_data, slope
from byheart.experiments.data_kinds import NOUNS, REMOVED, by_level
from byheart.paper.claim import figure_claim
from byheart.paper.smallest_effects import OF_ACCURACY_LACKING
from byheart.statistics.rules import Above, Below, Between

N_WIDEST = 2
"""The number of widths whose mean accuracy stands for that of any number of units."""
LEAST_LEARNED = 0.02
"""Smallest accuracy above chance, of the widest networks, of which a share can be lacking."""
A_POINT = 0.01
"""F5a: largest gain in accuracy by more units than enough."""
NO_TREND = 0.05
"""F5c: change of the share that is lacking, from no noise to all noise, that counts as no relation.

With random labels on CIFAR-10 accuracy is hardly above chance. A smaller change could not be told from none.
"""


def claims_of(figure: str, enough: int) -> Sequence[Claim]:
    """Return claims F5a to F5d; `enough` is the number of units that claim F5a is about."""
    lacking = (
        f"best validation accuracy that networks lack beside the {N_WIDEST} largest widths, as a share of the accuracy "
        "above chance there, mean over log2(units)"
    )
    return [
        figure_claim(
            "F5a",
            figure,
            f"On real data, {enough:,} units are enough: more of them gain nothing.",
            f"best validation accuracy with more than {enough:,} units, mean over widths, minus with {enough:,} units; "
            "up to a point may be gained",
            _gain_beyond(enough),
            Below(A_POINT),
        ),
        *(
            figure_claim(
                f"F5b-{noun}",
                figure,
                f"The more {noun} are noise, the more units the best validation accuracy needs.",
                f"slope over noise levels of the {lacking}",
                _trend(kind),
                Above(0, OF_ACCURACY_LACKING),
                applies_to=of_any_data if kind == RandX.id else _is_not_cifar10,
            )
            for kind, noun in NOUNS.items()
        ),
        figure_claim(
            "F5c-labels",
            figure,
            "With random labels the paper sees no relation between noise and the units needed on CIFAR-10.",
            f"slope over noise levels of the {lacking}; less than {NO_TREND:g} either way counts as no relation",
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
                f"{lacking}: with noise minus without the examples, mean over levels",
                _saved(kind),
                Above(0, OF_ACCURACY_LACKING),
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


def lacking_units(accuracy: xr.DataArray, chance: float) -> xr.DataArray:
    """Return how much of `accuracy`, over (width, ...), is lacking because networks have few units.

    It is 1 - (accuracy - chance) / (height - chance), mean over log2(units) by the trapezoidal rule; the height is the
    mean of the `N_WIDEST` largest widths. If accuracy steps from chance to its height at some width, this is the part
    of the axis before the step: the more units are needed, the larger it is. It uses all widths, and no threshold that
    noise could cross. The result is NaN if a width is missing, or if the height is hardly above chance.
    """
    widths = accuracy.sortby("width")
    height = widths.isel(width=slice(-N_WIDEST, None)).mean("width", skipna=False) - chance
    lacking = 1 - (widths - chance) / height.where(height >= LEAST_LEARNED)
    along = np.log2(lacking.width.values.astype(float))
    return lacking.assign_coords(width=along).integrate("width") / (along[-1] - along[0] or np.nan)


def _is_not_cifar10(name: str) -> bool:
    return name != "cifar10"


def _gain_beyond(enough: int) -> PerSeed:
    def per_seed(results: xr.Dataset) -> Float[np.ndarray, " seed"]:
        accuracy = best_accuracy(results, RandX.id).sel(noise_level=0, drop=True)
        more = accuracy.sel(width=accuracy.width > enough)
        mean = more.sum("width", skipna=False) / (more.sizes["width"] or np.nan)
        return (mean - accuracy.sel(width=enough)).values

    return per_seed


def _lacking(results: xr.Dataset, kind: str) -> xr.DataArray:
    return lacking_units(best_accuracy(results, kind), 1 / results.attrs["n_classes"])


def _trend(kind: str) -> PerSeed:
    def per_seed(results: xr.Dataset) -> Float[np.ndarray, " seed"]:
        return slope(_lacking(results, kind), "noise_level").values

    return per_seed


def _saved(kind: str) -> PerSeed:
    def per_seed(results: xr.Dataset) -> Float[np.ndarray, " seed"]:
        noisy, removed = (_lacking(results, one) for one in (kind, REMOVED))
        levels = [level for level in removed.noise_level.values if level > 0 and level in noisy.noise_level.values]
        if not levels:
            return np.full(noisy.sizes["seed"], np.nan)
        return (
            (noisy.sel(noise_level=levels) - removed.sel(noise_level=levels)).mean("noise_level", skipna=False).values
        )

    return per_seed
