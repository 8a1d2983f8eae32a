"""The claims of sensitivity-inequality: F3a to F3d of Figure 3, each as one number per seed."""

import math
from collections.abc import Sequence

import numpy as np
import xarray as xr
from jaxtyping import Float

from byheart.experiments.claims import Claim
from byheart.experiments.data_kinds import by_kind
from byheart.paper.claim import figure_claim
from byheart.paper.smallest_effects import OF_INEQUALITY
from byheart.statistics.gini import gini_coefficient
from byheart.statistics.rules import Above

KINDS = {"real": (0.0, 0.0), "half": (0.5, 0.0), "rand_x": (1.0, 0.0), "rand_y": (0.0, 1.0)}
"""Shares of random inputs and of random labels of each kind of data."""
ALMOST_ALL = "the least over all T but one"


def claims_of(figure: str) -> Sequence[Claim]:
    """Return claims F3a to F3d."""
    difference = "Gini coefficient of real data minus that of random inputs"
    return [
        figure_claim(
            "F3a",
            figure,
            "With true classes, loss sensitivity is shared more unequally by real examples than by random inputs, "
            "at almost all T.",
            f"{difference}; {ALMOST_ALL}",
            lambda results: almost_least(advantage(results, unique_classes=False, norm=1)),
            Above(0, OF_INEQUALITY),
        ),
        figure_claim(
            "F3b",
            figure,
            "So it is when each example is a class of its own.",
            f"{difference}; {ALMOST_ALL}",
            lambda results: almost_least(advantage(results, unique_classes=True, norm=1)),
            Above(0, OF_INEQUALITY),
        ),
        figure_claim(
            "F3c",
            figure,
            "Data of which half is real lie between real data and random inputs.",
            "real minus half real and half real minus random, each in the mean over T",
            _half_between,
            Above(0, OF_INEQUALITY),
        ),
        figure_claim(
            "F3d",
            figure,
            "With true classes, other norms of the derivative (l2 and the largest) lead to the same.",
            f"{difference}; {ALMOST_ALL}; with each of the two norms",
            _with_other_norms,
            Above(0, OF_INEQUALITY),
        ),
    ]


def of_classes(results: xr.Dataset, unique_classes: bool) -> xr.Dataset:
    """Return the members with true classes, or those with one class for each example, over (seed, kind)."""
    here = results.isel(member=np.flatnonzero(results.unique_classes.values == unique_classes))
    kinds = [
        next(name for name, kind in KINDS.items() if kind == shares)
        for shares in zip(here.rand_x.values.tolist(), here.rand_y.values.tolist(), strict=True)
    ]
    return by_kind(here, kinds)


def ginis(results: xr.Dataset, unique_classes: bool, norm: float = 1) -> xr.DataArray:
    """Return Gini coefficients over examples, (seed, kind, horizon); NaN where a sensitivity is not known."""
    sensitivity = of_classes(results, unique_classes).loss_sensitivity.sel(norm=norm, drop=True)
    is_known = sensitivity.notnull().all("example")
    values = gini_coefficient(sensitivity.where(is_known, 1).transpose(*is_known.dims, "example").values)
    return is_known.copy(data=values).where(is_known)


def advantage(results: xr.Dataset, unique_classes: bool, norm: float) -> xr.DataArray:
    """Return the Gini coefficient of real data minus that of random inputs, (seed, horizon)."""
    found = ginis(results, unique_classes, norm)
    return found.sel(kind="real", drop=True) - found.sel(kind="rand_x", drop=True)


def almost_least(differences: xr.DataArray) -> Float[np.ndarray, " seed"]:
    """Return each seed's second smallest value over `horizon`, or its only one.

    NaN if one of the seed's values is not known.
    """
    ordered = np.sort(differences.transpose("seed", "horizon").values, axis=1)
    chosen = ordered[:, min(1, ordered.shape[1] - 1)]
    return np.where(np.isnan(ordered).any(axis=1), np.nan, chosen)


def _with_other_norms(results: xr.Dataset) -> xr.DataArray:
    """Return the statistic of F3d, over (norm, seed)."""
    norms = {"l2": 2.0, "largest": math.inf}
    least = [almost_least(advantage(results, unique_classes=False, norm=norm)) for norm in norms.values()]
    return xr.DataArray(np.stack(least), {"norm": list(norms)}, ("norm", "seed"))


def _half_between(results: xr.Dataset) -> xr.DataArray:
    """Return both differences of F3c, over (difference, seed)."""
    mean = ginis(results, unique_classes=False).mean("horizon", skipna=False)
    real, half, random = (mean.sel(kind=kind, drop=True) for kind in ("real", "half", "rand_x"))
    names = ["real minus half", "half minus random"]
    return xr.concat([real - half, half - random], "difference").assign_coords(difference=names)
