"""The figures of patterns-first: accuracy and critical samples through training, and over radii."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from byheart.critical.radius import Length
from byheart.drawing.axes import epoch_axis, legend_below, radius_axis, share_axis
from byheart.drawing.curves import curve_with_band
from byheart.drawing.figure import Figure, Panel
from byheart.drawing.style import level_colors
from byheart.experiments.data_kinds import NOUNS, TITLES, by_level
from byheart.paper.brackets import BAND, draw, in_caption


def figures_of(
    results: xr.Dataset, data_label: str, radius: Length, n_samples: int, epochs: int, bracket: bool = False
) -> Sequence[Figure]:
    """Return figures of accuracy and critical samples through training, and of critical samples over radii."""
    seeds = len(np.unique(results.seed))
    shared = f"{data_label}; {in_caption(seeds, bracket)}"
    legend = f"noise level; {BAND}" if bracket else "noise level"
    paper = "; the paper's radius is 0.3" if radius.is_for_images else ""
    panels = []
    for kind, noun in NOUNS.items():
        data = by_level(results, kind)
        title = TITLES[kind]
        panels += [
            Panel(
                f"{title}: accuracy",
                LevelPanel(data, "training_accuracy", "accuracy (dotted: validation)", beside="validation_accuracy"),
                f"Training and validation accuracy against epochs, by share of noisy {noun}.",
            ),
            Panel(
                f"{title}: critical samples",
                LevelPanel(data, "csr_validation", "critical sample ratio", legend=legend),
                f"Critical sample ratio of validation data against epochs, by share of noisy {noun}.",
            ),
        ]
    curves = Figure(
        "patterns-first",
        "Figures 7 and 8: patterns first, noise later",
        f"Training accuracy (solid, noise included) and validation accuracy (dotted), and the critical sample ratio of "
        f"{n_samples:,} validation inputs (radius {radius.in_full}), by noise level. {shared}",
        tuple(panels),
    )
    radii = Figure(
        "patterns-first-radii",
        "Critical samples over radii",
        f"Critical sample ratio of validation inputs after {epochs} epochs against the radius of the search, in "
        f"{radius.in_full_unit}{paper}. {shared}",
        tuple(
            Panel(
                f"{TITLES[kind]}: radius",
                LevelPanel(
                    by_level(results, kind), "csr_by_radius", "critical sample ratio", radius=radius, legend=legend
                ),
                f"Critical sample ratio against radius, by share of noisy {noun}.",
            )
            for kind, noun in NOUNS.items()
        ),
    )
    return [curves, radii]


@dataclasses.dataclass(frozen=True)
class LevelPanel:
    """Panel of a variable by noise level; another variable, `beside`, is drawn dotted.

    It is drawn against epochs, or against radii in the unit of `radius`. `legend` is the title of the legend.
    """

    data: xr.Dataset
    variable: str
    label: str
    beside: str | None = None
    radius: Length | None = None
    legend: str = "noise level"

    def __call__(self, axis: Axes) -> None:
        """Draw the curves."""
        along, data = "epoch", self.data
        if self.radius is not None:
            along, data = "radius", data.assign_coords(radius=data.radius * self.radius.per_search_unit)
        levels = data.noise_level.values.tolist()
        for level, color in zip(levels, level_colors(levels), strict=True):
            here = data.sel(noise_level=level)
            draw(axis, here, self.variable, along, color=color, label=f"{level:g}")
            if self.beside is not None:
                curve_with_band(axis, here[self.beside], along, series=f"{level:g}", color=color, linestyle=":")
        if self.radius is not None:
            radius_axis(axis, data.radius.values, self.radius.name)
        else:
            epoch_axis(axis, int(data.epoch[-1]))
        share_axis(axis, self.label)
        legend_below(axis, self.legend)
