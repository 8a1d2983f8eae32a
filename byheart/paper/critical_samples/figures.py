"""The figure of critical-samples: critical sample ratios and accuracy through training."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from byheart.critical.radius import Length
from byheart.drawing.axes import epoch_axis, legend_below, share_axis
from byheart.drawing.figure import Figure, Panel
from byheart.drawing.style import KIND_COLORS, KIND_MARKERS
from byheart.experiments.data_kinds import TITLES, by_kind
from byheart.paper.brackets import BAND, draw, in_caption


def figures_of(
    results: xr.Dataset, data_label: str, radius: Length, n_samples: int, bracket: bool = False
) -> Sequence[Figure]:
    """Return the figure of the ratio on validation and on training data, with training accuracy."""
    data, seeds = by_kind(results), len(np.unique(results.seed))
    titles = TITLES | {"rand_x": "randX (Gaussian inputs)"}
    legend = BAND if bracket else None
    validation = KindPanel(
        data, "csr_validation_alike", "critical sample ratio", titles, beside="csr_validation", legend=legend
    )
    training = KindPanel(data, "csr_training", "critical sample ratio", TITLES, legend=legend)
    accuracy = KindPanel(data, "training_accuracy", "training accuracy", TITLES)
    return [
        Figure(
            "critical-samples",
            "Figure 9: critical samples through training",
            f"Critical sample ratio of {n_samples:,} inputs (radius {radius.in_full}) "
            f"and accuracy against epochs. {data_label}; {in_caption(seeds, bracket)}",
            (
                Panel(
                    "validation inputs",
                    validation,
                    "Critical sample ratio of validation inputs against epochs, for real data, randX and randY; "
                    "randX on Gaussian inputs and, dashed, on real ones.",
                ),
                Panel(
                    "training inputs",
                    training,
                    "Critical sample ratio of training inputs against epochs, for real data, randX and randY.",
                ),
                Panel(
                    "training accuracy",
                    accuracy,
                    "Training accuracy against epochs, for real data, randX and randY.",
                ),
            ),
            columns=3,
        )
    ]


@dataclasses.dataclass(frozen=True)
class KindPanel:
    """Panel of a variable against epochs for real data, randX and randY; for randX, `beside` is drawn dashed.

    `legend` is the title of the legend, if it needs one.
    """

    data: xr.Dataset
    variable: str
    label: str
    titles: dict[str, str]
    beside: str | None = None
    legend: str | None = None

    def __call__(self, axis: Axes) -> None:
        """Draw the curves."""
        for kind, title in self.titles.items():
            look: dict[str, Any] = {"color": KIND_COLORS[kind], "marker": KIND_MARKERS[kind], "markersize": 3.5}
            draw(axis, self.data.sel(kind=kind), self.variable, "epoch", label=title, **look)
        if self.beside is not None:
            look = {"color": KIND_COLORS["rand_x"], "linestyle": "--", "label": "randX (real inputs)"}
            draw(axis, self.data.sel(kind="rand_x"), self.beside, "epoch", **look)
        epoch_axis(axis, int(self.data.epoch[-1]))
        share_axis(axis, self.label)
        legend_below(axis, self.legend, columns=2)
