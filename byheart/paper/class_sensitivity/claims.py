"""The claims of class-sensitivity: F4a and F4b of Figure 4, each as one number per seed."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from jaxtyping import Float

from byheart.experiments.claims import Claim, PerSeed
from byheart.experiments.data_kinds import by_kind
from byheart.paper.claim import figure_claim
from byheart.paper.smallest_effects import OF_A_SHARE
from byheart.statistics.rules import Above

PATHS = {"class_sensitivity": "through training alone", "class_sensitivity_with_direct_path": "with the direct path"}
"""The variables of the matrices, and the paths of influence that each includes."""


ROUNDING = 1e-6
"""Rounding error of single precision; a smaller difference from a uniform matrix counts as 0."""


def claims_of(figure: str) -> Sequence[Claim]:
    """Return claims F4a and F4b, each without and with the direct path."""
    claims = []
    for variable, path in PATHS.items():
        suffix = "" if variable == "class_sensitivity" else "-direct"
        claims.append(
            figure_claim(
                f"F4a{suffix}",
                figure,
                f"The loss of a class is moved most by inputs of that class ({path}).",
                "real data: share of the sum of the matrix that stands on the diagonal, minus that of a matrix that is "
                "the same everywhere",
                _diagonal(variable),
                Above(0, OF_A_SHARE),
            )
        )
        claims.append(
            figure_claim(
                f"F4b{suffix}",
                figure,
                "Inputs of other classes have a larger share of the sensitivity for real data than for random inputs "
                f"({path}).",
                "share of the sum of the matrix that stands off the diagonal, real data minus random inputs",
                _off_diagonal(variable),
                Above(0, OF_A_SHARE),
            )
        )
    return claims


def matrices(results: xr.Dataset, variable: str, kind: str) -> Float[np.ndarray, "seed loss_class input_class"]:
    """Return the matrix of each seed."""
    found = by_kind(results)[variable].sel(kind=kind)
    return found.transpose("seed", "loss_class", "input_class").values.astype(float)


def share_off_diagonal(matrix: Float[np.ndarray, "seed row column"]) -> Float[np.ndarray, " seed"]:
    """Return the off-diagonal share of each matrix's sum; NaN if an entry is not known, or if all are 0."""
    whole = matrix.sum(axis=(1, 2))
    rest = (matrix * ~np.eye(matrix.shape[1], dtype=bool)).sum(axis=(1, 2))
    return rest / np.where(whole > 0, whole, np.nan)


def _diagonal(variable: str) -> PerSeed:
    def per_seed(results: xr.Dataset) -> Float[np.ndarray, " seed"]:
        matrix = matrices(results, variable, "real")
        n_classes = matrix.shape[1]
        difference = (n_classes - 1) / n_classes - share_off_diagonal(matrix)
        return np.where(np.abs(difference) < ROUNDING, 0, difference)

    return per_seed


def _off_diagonal(variable: str) -> PerSeed:
    def per_seed(results: xr.Dataset) -> Float[np.ndarray, " seed"]:
        real, random = (share_off_diagonal(matrices(results, variable, kind)) for kind in ("real", "rand_x"))
        return real - random

    return per_seed
