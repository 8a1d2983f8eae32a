"""The figure of class-sensitivity: matrices on a log color scale."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import xarray as xr
from jaxtyping import Bool, Float
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm, Normalize

from byheart.drawing.figure import NOTHING, Figure, Panel
from byheart.paper.class_sensitivity.claims import PATHS, matrices

TITLES = {"real": "real", "rand_x": "random inputs"}


def figures_of(results: xr.Dataset, data_label: str) -> Sequence[Figure]:
    """Return the figure: real data and random inputs, without and with the direct path."""
    seeds, known = len(np.unique(results.seed)), []
    for variable in PATHS:
        known += [int(_is_known(matrices(results, variable, kind)).sum()) for kind in TITLES]
    n = f"{seeds}" if min(known) == seeds else f"{', '.join(map(str, known))} of {seeds}, panel by panel,"
    panels = [
        Panel(
            f"{title}, {path}",
            MatrixPanel(mean_over_seeds(matrices(results, variable, kind))),
            f"Sensitivity of the loss of each class to inputs of each class, {path}, for {title}.",
        )
        for variable, path in PATHS.items()
        for kind, title in TITLES.items()
    ]
    return [
        Figure(
            "class-sensitivity",
            "Figure 4: which classes move the loss of which",
            "Mean l1 norm of the derivative of the loss of a class (row) with respect to training inputs of a class "
            "(column), through all updates, in nats per unit of input, for vectors per standard deviation. Each panel "
            "has its own log color scale. "
            f"{data_label}; mean over n = {n} seeds.",
            tuple(panels),
        )
    ]


def mean_over_seeds(matrix: Float[np.ndarray, "seed row column"]) -> Float[np.ndarray, "row column"]:
    """Return the mean over the seeds whose matrix is known; NaN if there is none."""
    known = matrix[_is_known(matrix)]
    return known.mean(axis=0) if len(known) else np.full(matrix.shape[1:], np.nan)


def _is_known(matrix: Float[np.ndarray, "seed row column"]) -> Bool[np.ndarray, " seed"]:
    return np.isfinite(matrix).all(axis=(1, 2))


@dataclasses.dataclass(frozen=True)
class MatrixPanel:
    """Panel of a matrix over (loss class, input class)."""

    matrix: Float[np.ndarray, "row column"]

    def __call__(self, axis: Axes) -> None:
        """Draw the matrix and its color scale, which is linear if all entries are 0."""
        axis.grid(visible=False)
        axis.set_xlabel("class of the inputs")
        axis.set_ylabel("class of the loss")
        if not np.isfinite(self.matrix).any():
            axis.text(0.5, 0.5, NOTHING, transform=axis.transAxes, ha="center")
            return
        positive = self.matrix[self.matrix > 0]
        scale = LogNorm(positive.min(), positive.max()) if positive.size else Normalize(0, 1)
        drawn = axis.imshow(self.matrix, norm=scale, cmap="viridis")
        ticks = np.arange(len(self.matrix)) if len(self.matrix) <= 12 else np.arange(0, len(self.matrix), 10)
        axis.set_xticks(ticks)
        axis.set_yticks(ticks)
        axis.figure.colorbar(drawn, ax=axis, shrink=0.85)
