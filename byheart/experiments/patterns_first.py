"""patterns-first: Figures 7 and 8 (section 4.2). Networks learn patterns first and memorize noise later.

Claim of the paper: with part of the inputs or labels replaced by noise, validation accuracy peaks early, before the noise is fitted; after
the peak it falls and the critical sample ratio grows. More noise means lower accuracy and more critical samples.

    byheart run patterns-first --data mnist --scale laptop

Seen: see docs/measured.md.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
import xarray as xr
from jaxtyping import Float
from matplotlib.axes import Axes

from byheart import checks
from byheart.data.noise import RandX, RandY
from byheart.drawing.curves import curve_with_band, epoch_axis, share_axis
from byheart.drawing.figure import Figure, Panel
from byheart.drawing.style import level_colors
from byheart.experiments.claims import Claim, peak_epoch_of_other_seeds, slope
from byheart.experiments.experiment import DataFacts, Scale
from byheart.experiments.noise_experiment import NoiseExperiment, common_settings
from byheart.measures.accuracy import Accuracy
from byheart.measures.critical_sample_ratio import CriticalSampleRatio, RadiusSweep
from byheart.measures.lass import Pixels
from byheart.results.statistics import Above, Below
from byheart.training.recipe import Member
from byheart.training.sweep import Sweep

CLAIMED_LEVELS = (0.2, 0.8)
"""The paper's claims are about these noise levels and those between."""

KINDS = {RandX.id: "inputs", RandY.id: "labels"}


@dataclasses.dataclass(frozen=True)
class PatternsFirst(NoiseExperiment):
    """Settings of patterns-first.

    Attributes:
        noise_levels: shares replaced by noise, in inputs and, separately, in labels; 0 is real data and must be among them.
        radii_in_pixels: radii at which critical samples are searched once more after training.
    """

    name: ClassVar[str] = "patterns-first"
    figure: ClassVar[str] = "7 and 8"
    shows: ClassVar[str] = "networks learn patterns first and noise later: accuracy and critical samples through training"
    story: ClassVar[str] = (
        "Part of the training data is replaced by noise: inputs by Gaussian noise (randX) or labels by random ones (randY). If networks "
        "simply memorized, noise would be fitted as soon as anything else. The paper sees another order: accuracy on clean validation "
        "data peaks early, when the noise is hardly fitted; then it falls while the noise is learned by heart, and the share of inputs "
        "close to a decision boundary (critical samples) grows."
    )
    reasons: ClassVar[dict[str, str]] = {
        "radius_in_pixels": "at the paper's radius there is too little to see at this size; the sweep over radii shows both",
        "architecture": "the paper's network is for an accelerator",
        "epochs": "training accuracy has settled by then",
    }

    noise_levels: tuple[float, ...]
    radii_in_pixels: tuple[float, ...]

    @classmethod
    def at(cls, scale: Scale, facts: DataFacts) -> Self:
        """The declared settings."""
        return cls(
            **common_settings(scale, facts), noise_levels=(0.0, 0.2, 0.4, 0.6, 0.8, 1.0), radii_in_pixels=(0.3, 1.0, 3.0, 10.0)
        )

    def check_more(self, problems: checks.Problems) -> None:
        """Notes levels or radii out of range."""
        for level in self.noise_levels:
            with problems.noted():
                checks.fraction("noise_levels", level)
        if 0.0 not in self.noise_levels or len(set(self.noise_levels)) < 2:
            problems.messages.append(
                f"`noise_levels` must hold 0, the real data, and another level; got {self.noise_levels}."
            )
        for radius in self.radii_in_pixels:
            with problems.noted():
                checks.positive("radii_in_pixels", radius)

    def sweep(self) -> Sweep:
        """Real data once, then each kind of noise at each level above 0; all levels of a seed stand together."""
        levels = sorted(set(self.noise_levels) - {0.0})
        members = tuple(
            Member(seed, rand_x, rand_y)
            for seed in self.seed_range()
            for rand_x, rand_y in [(0.0, 0.0), *((x, 0.0) for x in levels), *((0.0, y) for y in levels)]
        )
        return Sweep(
            recipe=self.recipe(),
            members=members,
            measures=(Accuracy(), CriticalSampleRatio(self.radius, self.search, n_samples=self.n_samples)),
            measured_epochs=self.measured_epochs,
            final_measures=(
                RadiusSweep(tuple(Pixels(radius) for radius in self.radii_in_pixels), self.search, self.n_samples),
            ),
            noise_seed=self.noise_seed,
        )

    def claims(self) -> Sequence[Claim]:
        """F78a to F78d."""
        csr = f"critical sample ratio (radius {self.radius_in_pixels:g} pixels) of validation data"
        low, high = CLAIMED_LEVELS
        return [
            *(
                Claim(
                    f"F78a-{noun}",
                    self.figure,
                    f"The more {noun} are noise, the more validation samples are critical.",
                    f"slope of the final {csr} over noise levels 0 to {high:g}",
                    _csr_slope(kind),
                    Above(0),
                )
                for kind, noun in KINDS.items()
            ),
            *(
                Claim(
                    f"F78b-{noun}",
                    self.figure,
                    f"The more {noun} are noise, the lower are the final and the maximal validation accuracy.",
                    f"the larger of the slopes of final and of maximal validation accuracy over noise levels 0 to {high:g}",
                    _accuracy_slope(kind),
                    Below(0),
                )
                for kind, noun in KINDS.items()
            ),
            Claim(
                "F78c-early",
                self.figure,
                "With noisy labels, validation accuracy peaks before the noise is fitted.",
                f"share of the final fit of noisy labels that is still missing at the validation peak, mean over levels {low:g} to {high:g}",
                _noise_still_missing,
                Above(0.5),
            ),
            Claim(
                "F78c-fall",
                self.figure,
                "With noisy labels, validation accuracy falls after its peak, as the noise is fitted.",
                f"validation accuracy at its peak minus at the end, mean over levels {low:g} to {high:g}; the peak of each seed is placed by the others",
                _fall_after_peak,
                Above(0),
            ),
            Claim(
                "F78d",
                self.figure,
                "After the peak of validation accuracy, while noisy labels are fitted, the critical sample ratio grows strongly.",
                f"{csr} at the end minus at the validation peak, mean over levels {low:g} to {high:g}",
                _growth_after_peak,
                Above(0.1),
            ),
        ]

    def figures(self, results: xr.Dataset, where: str) -> Sequence[Figure]:
        """Accuracy and critical samples through training for both kinds of noise, and critical samples over radii."""
        seeds = len(np.unique(results.seed))
        shared = f"{where}; mean and 95 % interval over n = {seeds} seeds."
        radius = f"{self.radius_in_pixels:g} pixels on the 0-255 scale"
        panels = []
        for kind, noun in KINDS.items():
            data = by_level(results, kind)
            title = {"inputs": "randX", "labels": "randY"}[noun]
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
            f"{self.n_samples:,} validation inputs (radius {radius}), by noise level. {shared}",
            tuple(panels),
        )
        radii = Figure(
            "patterns-first-radii",
            "Critical samples over radii",
            f"Critical sample ratio of validation inputs after {self.epochs} epochs against the radius of the search, in pixels on the "
            f"0-255 scale; the paper's radius is 0.3. {shared}",
            tuple(
                Panel(
                    f"{'randX' if kind == RandX.id else 'randY'}: radius",
                    _RadiusPanel(by_level(results, kind)),
                    f"Critical sample ratio against radius, by share of noisy {noun}.",
                )
                for kind, noun in KINDS.items()
            ),
        )
        return [curves, radii]


def by_level(results: xr.Dataset, kind: str) -> xr.Dataset:
    """The members with no other noise than `kind`, over (seed, noise_level)."""
    other = RandY.id if kind == RandX.id else RandX.id
    chosen = results.isel(member=np.flatnonzero(results[other].values == 0)).drop_vars([other, "learning_rate"])
    return chosen.set_index(member=["seed", kind]).unstack("member").rename({kind: "noise_level"})


def _claimed(data: xr.Dataset) -> xr.Dataset:
    """The noise levels the claims are about."""
    low, high = CLAIMED_LEVELS
    return data.sel(noise_level=(data.noise_level >= low) & (data.noise_level <= high))


def _csr_slope(kind: str) -> Any:
    def per_seed(results: xr.Dataset) -> Float[np.ndarray, " seed"]:
        final = by_level(results, kind).csr_validation.isel(epoch=-1)
        return slope(final.sel(noise_level=final.noise_level <= CLAIMED_LEVELS[1]), "noise_level").values

    return per_seed


def _accuracy_slope(kind: str) -> Any:
    def per_seed(results: xr.Dataset) -> Float[np.ndarray, " seed"]:
        accuracy = by_level(results, kind).validation_accuracy
        accuracy = accuracy.sel(noise_level=accuracy.noise_level <= CLAIMED_LEVELS[1])
        final = slope(accuracy.isel(epoch=-1), "noise_level").values
        maximal = slope(accuracy.max("epoch", skipna=False), "noise_level").values
        return np.maximum(final, maximal)

    return per_seed


def _at_peak(data: xr.Dataset, name: str) -> xr.DataArray:
    """`name` at the epoch where the other seeds' validation accuracy peaks."""
    return data[name].sel(epoch=peak_epoch_of_other_seeds(data.validation_accuracy))


def _noise_still_missing(results: xr.Dataset) -> Float[np.ndarray, " seed"]:
    data = _claimed(by_level(results, RandY.id))
    fitted = data.training_accuracy_noisy
    return (1 - _at_peak(data, "training_accuracy_noisy") / fitted.isel(epoch=-1)).mean("noise_level", skipna=False).values


def _fall_after_peak(results: xr.Dataset) -> Float[np.ndarray, " seed"]:
    data = _claimed(by_level(results, RandY.id))
    fall = _at_peak(data, "validation_accuracy") - data.validation_accuracy.isel(epoch=-1)
    return fall.mean("noise_level", skipna=False).values


def _growth_after_peak(results: xr.Dataset) -> Float[np.ndarray, " seed"]:
    data = _claimed(by_level(results, RandY.id))
    growth = data.csr_validation.isel(epoch=-1) - _at_peak(data, "csr_validation")
    return growth.mean("noise_level", skipna=False).values


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
        axis.legend(title="noise level", loc="lower right", ncols=2)


@dataclasses.dataclass(frozen=True)
class _CriticalPanel:
    data: xr.Dataset

    def __call__(self, axis: Axes) -> None:
        levels = self.data.noise_level.values
        for level, color in zip(levels, level_colors(levels), strict=True):
            curve_with_band(axis, self.data.csr_validation.sel(noise_level=level), "epoch", color=color, label=f"{level:g}")
        epoch_axis(axis, int(self.data.epoch[-1]))
        share_axis(axis, "critical sample ratio")


@dataclasses.dataclass(frozen=True)
class _RadiusPanel:
    data: xr.Dataset

    def __call__(self, axis: Axes) -> None:
        levels = self.data.noise_level.values
        ratios = self.data.csr_by_radius.assign_coords(radius=self.data.radius * 255)
        for level, color in zip(levels, level_colors(levels), strict=True):
            curve_with_band(axis, ratios.sel(noise_level=level), "radius", color=color, label=f"{level:g}", marker="o", markersize=3)
        axis.set_xscale("log")
        axis.set_xticks(ratios.radius.values, [f"{radius:.3g}" for radius in ratios.radius.values])
        axis.set_xticks([], minor=True)
        axis.set_xlabel("radius (pixels of 0-255, log scale)")
        share_axis(axis, "critical sample ratio")
        axis.legend(title="noise level", loc="upper left", ncols=2)
