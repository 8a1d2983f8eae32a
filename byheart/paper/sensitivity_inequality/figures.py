"""The figures of sensitivity-inequality: Gini coefficients against T, and sorted sensitivities."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from byheart.drawing.axes import legend_below, log_axis, step_axis
from byheart.drawing.curves import curve_with_band
from byheart.drawing.figure import Figure, Panel
from byheart.drawing.style import KIND_COLORS, KIND_MARKERS
from byheart.paper.sensitivity_inequality.claims import ginis, of_classes

TITLES = {"real": "real", "half": "half real", "rand_x": "random inputs", "rand_y": "random labels"}


def figures_of(results: xr.Dataset, data_label: str) -> Sequence[Figure]:
    """Return figures of Gini coefficients against T, and of sorted sensitivities at the last T."""
    seeds = len(np.unique(results.seed))
    last = int(results.horizon[-1])
    shared = f"{data_label}; mean and 95 % interval over n = {seeds} seeds."
    titles = {False: "true classes", True: "one class an example"}
    of_kinds = {
        False: "real data, half real data, random inputs and random labels",
        True: "real data and random inputs",
    }
    return [
        Figure(
            "sensitivity-inequality",
            "Figure 3: how unequally examples move the loss",
            "Gini coefficient, over the training examples, of the mean loss sensitivity up to T (l1 norm; 0: all "
            f"equal, 1: one example has all) against T, the number of SGD updates. {shared}",
            tuple(
                Panel(title, GiniPanel(results, unique), f"Gini coefficient against updates, for {of_kinds[unique]}.")
                for unique, title in titles.items()
            ),
        ),
        Figure(
            "sensitivity-sorted",
            f"Loss sensitivities after {last:,} updates",
            f"Mean loss sensitivity of each training example at T = {last:,} (l1 norm, nats per unit of input, "
            "for vectors per standard deviation), sorted for each seed and divided by its mean. "
            f"{data_label}; mean over n = {seeds} seeds.",
            tuple(
                Panel(
                    title,
                    SortedPanel(results, unique),
                    f"Sorted loss sensitivities of examples, for {of_kinds[unique]}.",
                )
                for unique, title in titles.items()
            ),
        ),
    ]


@dataclasses.dataclass(frozen=True)
class GiniPanel:
    """Panel of the Gini coefficient of each kind of data against T."""

    results: xr.Dataset
    unique_classes: bool

    def __call__(self, axis: Axes) -> None:
        """Draw the curves."""
        found = ginis(self.results, self.unique_classes)
        for kind in (kind for kind in TITLES if kind in found.kind.values):
            curve_with_band(
                axis,
                found.sel(kind=kind),
                "horizon",
                color=KIND_COLORS[kind],
                label=TITLES[kind],
                marker=KIND_MARKERS[kind],
                markersize=3.5,
            )
        step_axis(axis, found.horizon.values)
        axis.set_ylim(0, 1)
        axis.set_ylabel("Gini coefficient of sensitivity")
        legend_below(axis, columns=2)


@dataclasses.dataclass(frozen=True)
class SortedPanel:
    """Panel of the sorted sensitivities of each kind of data at the last T, divided by their mean."""

    results: xr.Dataset
    unique_classes: bool

    def __call__(self, axis: Axes) -> None:
        """Draw the curves."""
        found = of_classes(self.results, self.unique_classes).loss_sensitivity.sel(norm=1).isel(horizon=-1)
        for kind in (kind for kind in TITLES if kind in found.kind.values):
            values = found.sel(kind=kind).dropna("seed", how="any").transpose("seed", "example").values
            values = values[values.sum(axis=1) > 0]
            if len(values):
                relative = np.sort(values / values.mean(axis=1, keepdims=True))[:, ::-1].mean(axis=0)
                look: dict[str, Any] = {"color": KIND_COLORS[kind], "marker": KIND_MARKERS[kind], "markersize": 3.5}
                every = max(1, relative.size // 10)
                axis.plot(np.arange(1, relative.size + 1), relative, markevery=every, label=TITLES[kind], **look)
        log_axis(axis, "sensitivity over its mean (log scale)")
        axis.set_xlabel("training example, sorted")
        if axis.lines:
            axis.set_xlim(left=1)
        legend_below(axis, columns=2)
