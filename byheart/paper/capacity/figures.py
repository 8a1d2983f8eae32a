"""The figure of capacity: best and final validation accuracy against units, by noise level."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from byheart.data.rand_x import RandX
from byheart.data.rand_y import RandY
from byheart.drawing.axes import legend_below, share_axis, size_axis
from byheart.drawing.curves import curve_with_band
from byheart.drawing.figure import Figure, Panel
from byheart.drawing.style import level_colors
from byheart.experiments.data_kinds import REMOVED, by_level

PANELS = {
    RandX.id: ("randX", "share of noisy inputs"),
    RandY.id: ("randY", "share of random labels"),
    REMOVED: ("noisy examples left out", "share left out"),
}


def figures_of(results: xr.Dataset, data_label: str, n_training: int) -> Sequence[Figure]:
    """Return Figure 5: best and final validation accuracy against units."""
    n_seeds = len(np.unique(results.seed))
    return [
        Figure(
            "capacity",
            "Figure 5: capacity",
            "Highest validation accuracy through training (solid) and validation accuracy after "
            f"{int(results.epoch[-1])} epochs (dotted) against units in each hidden layer, {n_training:,} training "
            f"examples of {data_label}; mean and 95 % interval over n = {n_seeds} seeds.",
            tuple(
                Panel(
                    title,
                    AccuracyPanel(by_level(results, kind, "width"), legend),
                    f"Validation accuracy against hidden units, by {legend}.",
                )
                for kind, (title, legend) in PANELS.items()
            ),
            columns=3,
        )
    ]


@dataclasses.dataclass(frozen=True)
class AccuracyPanel:
    """Panel of best and final accuracy by noise level."""

    data: xr.Dataset
    legend: str

    def __call__(self, axis: Axes) -> None:
        """Draw the curves."""
        accuracy, levels = self.data.validation_accuracy, self.data.noise_level.values.tolist()
        for level, color in zip(levels, level_colors(levels), strict=True):
            here = accuracy.sel(noise_level=level)
            curve_with_band(axis, here.max("epoch", skipna=False), "width", color=color, label=f"{level:g}")
            curve_with_band(axis, here.isel(epoch=-1), "width", series=f"{level:g}", color=color, linestyle=":")
        size_axis(axis, self.data.width.values, "units in each hidden layer")
        share_axis(axis, "validation accuracy (dotted: final)")
        legend_below(axis, self.legend)
