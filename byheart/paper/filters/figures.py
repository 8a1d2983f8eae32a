"""The figures of filters: the first layer's filters, and their share of low frequencies through training."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from jaxtyping import Float
from matplotlib.axes import Axes

from byheart.drawing.axes import epoch_axis, legend_below, share_axis
from byheart.drawing.curves import curve_with_band
from byheart.drawing.figure import Figure, Panel
from byheart.drawing.images import filter_grid
from byheart.drawing.style import KIND_COLORS, KIND_MARKERS
from byheart.experiments.data_kinds import TITLES, by_kind
from byheart.measures.filters import LOW, share_of_white_noise
from byheart.paper.filters.claims import shares


def figures_of(results: xr.Dataset, data_label: str) -> Sequence[Figure]:
    """Return figures of filters of the first seed, and of curves over all seeds."""
    seeds = np.unique(results.seed)
    weights = by_kind(results[["filter_weight"]]).filter_weight.isel(seed=0)
    first, last = int(results.epoch[0]), int(results.epoch[-1])
    grids = [(f"{title}, epoch {last}", weights.sel(kind=kind, epoch=last).values) for kind, title in TITLES.items()]
    grids.append((f"before training (epoch {first})", weights.sel(kind="real", epoch=first).values))
    return [
        Figure(
            "filters",
            "Figure 2: first-layer filters",
            f"The {weights.sizes['filter']} filters with the most energy of one network (seed {seeds[0]}) per panel. "
            f"Each filter has its own scale, centered at 0. {data_label}.",
            tuple(Panel(title, FilterPanel(found), f"First-layer filters: {title}.") for title, found in grids),
        ),
        Figure(
            "filter-structure",
            "Structure of filters through training",
            f"Share of the first layer's energy at spatial frequencies of at most {LOW:g} cycles per pixel, and "
            "training accuracy, against epochs; dashed: independent weights. "
            f"{data_label}; mean and 95 % interval over n = {len(seeds)} seeds.",
            (
                Panel(
                    "low frequencies", SharePanel(results), "Share of low frequencies against epochs, for each kind."
                ),
                Panel("training accuracy", AccuracyPanel(results), "Training accuracy against epochs, for each kind."),
            ),
        ),
    ]


@dataclasses.dataclass(frozen=True)
class FilterPanel:
    """Panel of filters as small images."""

    filters: Float[np.ndarray, "filter row column channel"]

    def __call__(self, axis: Axes) -> None:
        """Draw the filters without NaN."""
        filter_grid(axis, self.filters[np.isfinite(self.filters).all(axis=(1, 2, 3))])


@dataclasses.dataclass(frozen=True)
class SharePanel:
    """Panel of the share of low frequencies."""

    results: xr.Dataset

    def __call__(self, axis: Axes) -> None:
        """Draw a curve for each kind, and the level of independent weights."""
        found = shares(self.results)
        _curves(axis, found)
        noise = share_of_white_noise(self.results.sizes["row"], self.results.sizes["column"])
        axis.axhline(noise, color="#555555", linestyle="--", linewidth=1)
        axis.set_ylabel("share of energy")


@dataclasses.dataclass(frozen=True)
class AccuracyPanel:
    """Panel of training accuracy."""

    results: xr.Dataset

    def __call__(self, axis: Axes) -> None:
        """Draw a curve for each kind."""
        _curves(axis, by_kind(self.results[["training_accuracy"]]).training_accuracy)
        share_axis(axis, "training accuracy")


def _curves(axis: Axes, found: xr.DataArray) -> None:
    for kind, title in TITLES.items():
        look: dict[str, Any] = {"color": KIND_COLORS[kind], "marker": KIND_MARKERS[kind], "markersize": 3.5}
        curve_with_band(axis, found.sel(kind=kind), "epoch", label=title, **look)
    epoch_axis(axis, int(found.epoch[-1]))
    legend_below(axis, columns=3)
