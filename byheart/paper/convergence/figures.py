"""The figure of convergence: epochs to fit against units and against examples, by noise level."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from byheart.drawing.axes import legend_below, log_axis, size_axis
from byheart.drawing.figure import Figure, Panel
from byheart.drawing.marks import mark, points_of
from byheart.drawing.style import KIND_COLORS, level_colors
from byheart.paper.convergence.claims import Varied, watched
from byheart.statistics.censored_times import median_time

NOUNS = {"width": "hidden units in each layer", "n_training": "training examples"}
SHORT = {"width": "units", "n_training": "examples"}
SHIFT = 0.25
"""Distance of the outermost curve from the value of its points, relative to the smallest distance of values."""


def figures_of(results: xr.Dataset, data_label: str, *halves: Varied) -> Sequence[Figure]:
    """Return Figure 6: epochs to fit against units and against examples."""
    n_seeds, budget = len(np.unique(results.seed)), int(results.epoch[-1])
    return [
        Figure(
            "convergence",
            "Figure 6: time to convergence",
            f"Epochs until all training examples are predicted as labeled, {data_label}: each network, and medians "
            f"over n = {n_seeds} seeds (Kaplan and Meier), by share of Gaussian inputs; dashed: all labels random. "
            f"Triangles: networks that had not fitted after {budget} epochs, with their number.",
            tuple(
                Panel(
                    f"{SHORT[half.along].capitalize()}, at {half.at:,} {SHORT[half.held]}",
                    TimesPanel(half.of(results), half.along),
                    f"Epochs to fit against the number of {NOUNS[half.along]}, by noise level.",
                )
                for half in halves
            ),
        )
    ]


def kinds_of(networks: xr.Dataset, along: str) -> list[tuple[str, Any, xr.Dataset]]:
    """Return name, color and networks of each level of noisy inputs, and of random labels if they make a curve."""
    rand_x, rand_y = networks.rand_x.values, networks.rand_y.values
    levels = np.unique(rand_x[rand_y == 0]).tolist()
    found = [
        (f"{level:g}", color, networks.isel(member=np.flatnonzero((rand_x == level) & (rand_y == 0))))
        for level, color in zip(levels, level_colors(levels), strict=True)
    ]
    random = networks.isel(member=np.flatnonzero(rand_y > 0))
    return [*found, *([("labels", KIND_COLORS["rand_y"], random)] if len(np.unique(random[along])) > 1 else [])]


@dataclasses.dataclass(frozen=True)
class TimesPanel:
    """Panel of the times of all networks, medians, and numbers of networks that did not fit."""

    networks: xr.Dataset
    along: str

    def __call__(self, axis: Axes) -> None:
        """Draw the curves."""
        budget = float(self.networks.epoch[-1])
        places = np.unique(self.networks[self.along].values)
        kinds = kinds_of(self.networks, self.along)
        reach = SHIFT * np.diff(np.log2(places)).min(initial=1)
        for shift, (name, color, networks) in zip(np.linspace(-reach, reach, len(kinds)), kinds, strict=True):
            beside = places * 2.0**shift
            medians = [self._median(networks, place) for place in places.tolist()]
            shown = np.array([np.nan if np.isinf(median) else median for median in medians])
            line = {"color": color, "linestyle": "--" if name == "labels" else "-"}
            curve = axis.plot(beside, shown, label=name, **line)
            mark(axis, name, curve, points_of(beside, shown, said_x=places.astype(float)), "median")
            for place, x in zip(places.tolist(), beside, strict=True):
                fitted = self._at(networks, place).ended_epoch.values
                fitted = fitted[np.isfinite(fitted)]
                dots = axis.plot(
                    np.full(fitted.size, x), fitted, "o", color=color, markersize=3.5, alpha=0.45, markeredgewidth=0
                )
                mark(axis, name, dots)
            mark(axis, name, self._draw_censored(axis, networks, places, beside, color))
        size_axis(axis, places, NOUNS[self.along])
        axis.axhline(budget, color="#888888", linewidth=0.8, linestyle=":")
        log_axis(axis, "epochs to fit (log scale)", base=2)
        axis.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        low, high = axis.get_ylim()
        if axis.texts and low > 0:  # Room for the numbers of networks that did not fit.
            axis.set_ylim(low, low * (high / low) ** 1.12)
        legend_below(axis, "share of noisy inputs; labels: all random")

    def _at(self, networks: xr.Dataset, place: int) -> xr.Dataset:
        """Return the trained networks at a value of the varied setting."""
        is_here = (networks[self.along].values == place) & ~np.isnan(networks.ended_epoch.values)
        return networks.isel(member=np.flatnonzero(is_here))

    def _median(self, networks: xr.Dataset, place: int) -> float:
        here = self._at(networks, place)
        return median_time(*watched(here)).estimate if here.sizes["member"] else np.nan

    def _draw_censored(self, axis: Axes, networks: xr.Dataset, places: Any, beside: Any, color: Any) -> list[Artist]:
        budget, drawn = float(self.networks.epoch[-1]), list[Artist]()
        for place, x in zip(places.tolist(), beside, strict=True):
            n_censored = int(np.isinf(self._at(networks, place).ended_epoch.values).sum())
            if n_censored:
                drawn += axis.plot(
                    x, budget * 1.12, marker="^", markersize=4, color=color, fillstyle="none", linestyle=""
                )
                number = axis.annotate(
                    str(n_censored),
                    (x, budget * 1.12),
                    (0, 4),
                    textcoords="offset points",
                    ha="center",
                    color=color,
                )
                drawn.append(number)
        return drawn
