"""The figures of patterns-first: accuracy and critical samples through training, and over radii."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from byheart.data.noise import RandX, RandY
from byheart.drawing.curves import curve_with_band, epoch_axis, legend_below, share_axis
from byheart.drawing.figure import Figure, Panel
from byheart.drawing.style import level_colors
from byheart.experiments.patterns_first_claims import KINDS, by_level

TITLES = {RandX.id: RandX.title, RandY.id: RandY.title}


def figures_of(
    results: xr.Dataset, where: str, radius_in_pixels: float, n_samples: int, epochs: int
) -> Sequence[Figure]:
    """Accuracy and critical samples through training for both kinds of noise, and critical samples over radii."""
    seeds = len(np.unique(results.seed))
    shared = f"{where}; mean and 95 % interval over n = {seeds} seeds."
    radius = f"{radius_in_pixels:g} pixels on the 0-255 scale"
    panels = []
    for kind, noun in KINDS.items():
        data = by_level(results, kind)
        title = TITLES[kind]
        panels += [
            Panel(
                f"{title}: accuracy",
                _AccuracyPanel(data),
                f"Training and validation accuracy against epochs, by share of noisy {noun}.",
            ),
            Panel(
                f"{title}: critical samples",
                _CriticalPanel(data),
                f"Critical sample ratio of validation data against epochs, by share of noisy {noun}.",
            ),
        ]
    curves = Figure(
        "patterns-first",
        "Figures 7 and 8: patterns first, noise later",
        f"Training accuracy (solid, noise included) and validation accuracy (dotted), and the critical sample ratio of "
        f"{n_samples:,} validation inputs (radius {radius}), by noise level. {shared}",
        tuple(panels),
    )
    radii = Figure(
        "patterns-first-radii",
        "Critical samples over radii",
        f"Critical sample ratio of validation inputs after {epochs} epochs against the radius of the search, in pixels on the "
        f"0-255 scale; the paper's radius is 0.3. {shared}",
        tuple(
            Panel(
                f"{TITLES[kind]}: radius",
                _RadiusPanel(by_level(results, kind)),
                f"Critical sample ratio against radius, by share of noisy {noun}.",
            )
            for kind, noun in KINDS.items()
        ),
    )
    return [curves, radii]


@dataclasses.dataclass(frozen=True)
class _AccuracyPanel:
    data: xr.Dataset

    def __call__(self, axis: Axes) -> None:
        levels = self.data.noise_level.values
        for level, color in zip(levels, level_colors(levels), strict=True):
            at_level = self.data.sel(noise_level=level)
            curve_with_band(axis, at_level.training_accuracy, "epoch", color=color, label=f"{level:g}")
            curve_with_band(axis, at_level.validation_accuracy, "epoch", color=color, linestyle=":")
        epoch_axis(axis, int(self.data.epoch[-1]))
        share_axis(axis, "accuracy (dotted: validation)")
        legend_below(axis, "noise level")


@dataclasses.dataclass(frozen=True)
class _CriticalPanel:
    data: xr.Dataset

    def __call__(self, axis: Axes) -> None:
        levels = self.data.noise_level.values
        for level, color in zip(levels, level_colors(levels), strict=True):
            curve_with_band(
                axis, self.data.csr_validation.sel(noise_level=level), "epoch", color=color, label=f"{level:g}"
            )
        epoch_axis(axis, int(self.data.epoch[-1]))
        share_axis(axis, "critical sample ratio")
        legend_below(axis, "noise level")


@dataclasses.dataclass(frozen=True)
class _RadiusPanel:
    data: xr.Dataset

    def __call__(self, axis: Axes) -> None:
        levels = self.data.noise_level.values
        ratios = self.data.csr_by_radius.assign_coords(radius=self.data.radius * 255)
        for level, color in zip(levels, level_colors(levels), strict=True):
            curve_with_band(
                axis, ratios.sel(noise_level=level), "radius", color=color, label=f"{level:g}", marker="o", markersize=3
            )
        axis.set_xscale("log")
        axis.set_xticks(ratios.radius.values, [f"{radius:.3g}" for radius in ratios.radius.values])
        axis.set_xticks([], minor=True)
        axis.set_xlabel("radius (pixels of 0-255, log scale)")
        share_axis(axis, "critical sample ratio")
        legend_below(axis, "noise level")
