"""critical-samples: Figure 9 (section 4.1). Networks trained on noise have far more critical samples than those trained on real data.

Claim of the paper: the critical sample ratio of validation data rises gradually through training and then settles, and is much higher for
randX and randY than for real data; that of training data rises and then falls.

    byheart run critical-samples --data cifar10 --scale laptop

The paper does not say whether randX is measured on real or on Gaussian validation inputs, and the answer turns the claim around
(docs/choices.md). The claim is held against inputs of the kind the network was trained on; the other ratio is shown and judged beside it.

Seen: see docs/measured.md.
"""

import dataclasses
from collections.abc import Callable, Sequence
from typing import ClassVar, Self

import numpy as np
import xarray as xr
from jaxtyping import Float
from matplotlib.axes import Axes

from byheart.drawing.curves import curve_with_band, epoch_axis, legend_below, share_axis
from byheart.drawing.figure import Figure, Panel
from byheart.drawing.style import KIND_COLORS
from byheart.experiments.claims import Claim, peak_epoch_of_other_seeds
from byheart.experiments.experiment import DataFacts, Scale
from byheart.experiments.noise_experiment import NoiseExperiment, common_settings
from byheart.measures.accuracy import Accuracy
from byheart.measures.critical_sample_ratio import CriticalSampleRatio
from byheart.results.statistics import Above, Below
from byheart.training.recipe import Member
from byheart.training.sweep import Sweep

KINDS = {"real": "real", "rand_x": "randX", "rand_y": "randY"}


@dataclasses.dataclass(frozen=True)
class CriticalSampleExperiment(NoiseExperiment):
    """Settings of critical-samples."""

    name: ClassVar[str] = "critical-samples"
    figure: ClassVar[str] = "9"
    shows: ClassVar[str] = "critical samples through training for real data, random inputs and random labels"
    story: ClassVar[str] = (
        "A sample is critical when a tiny box around it holds a point that the network puts into another class. Networks are trained on "
        "real data, on Gaussian inputs (randX) and on random labels (randY), all of them noise. The paper sees many more critical samples "
        "in the networks that had to memorize noise, a ratio that grows through training and settles, and, on training data, falls again "
        "once the loss has pushed samples away from the boundary."
    )
    reasons: ClassVar[dict[str, str]] = {
        "radius_in_pixels": "at the paper's radius there is too little to see at this size",
        "architecture": "the paper's network is for an accelerator, and for color images",
        "epochs": "training accuracy has settled by then",
    }

    @classmethod
    def at(cls, scale: Scale, facts: DataFacts) -> Self:
        """The declared settings."""
        return cls(**common_settings(scale, facts))

    def sweep(self) -> Sweep:
        """Real data, randX and randY for each seed."""
        members = tuple(
            Member(seed, rand_x, rand_y)
            for seed in self.seed_range()
            for rand_x, rand_y in [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)]
        )
        ratio = CriticalSampleRatio(
            self.radius, self.search, ("validation", "validation_alike", "training"), self.n_samples
        )
        return Sweep(
            recipe=self.recipe(),
            members=members,
            measures=(Accuracy(), ratio),
            measured_epochs=self.schedule,
            noise_seed=self.noise_seed,
        )

    def claims(self) -> Sequence[Claim]:
        """F9a to F9c."""
        csr = f"critical sample ratio (radius {self.radius_in_pixels:g} pixels)"
        return [
            Claim(
                "F9a-randX",
                self.figure,
                "Networks trained on random inputs have more critical samples than those trained on real data.",
                f"final {csr} of randX on Gaussian validation inputs, minus that of real data",
                _excess("rand_x", "csr_validation_alike"),
                Above(0),
            ),
            Claim(
                "F9a-randX-on-real-inputs",
                self.figure,
                "The same, when randX is measured on real validation inputs, which those networks have never seen.",
                f"final {csr} of randX on real validation inputs, minus that of real data",
                _excess("rand_x", "csr_validation"),
                Above(0),
            ),
            Claim(
                "F9a-randY",
                self.figure,
                "Networks trained on random labels have more critical samples than those trained on real data.",
                f"final {csr} of randY on validation inputs, minus that of real data",
                _excess("rand_y", "csr_validation_alike"),
                Above(0),
            ),
            Claim(
                "F9b-rises",
                self.figure,
                "The ratio rises through training, for all three.",
                f"{csr} of validation data at the end minus after the first measured epoch of training, the smallest of the three",
                _smallest_rise,
                Above(0),
            ),
            Claim(
                "F9b-settles",
                self.figure,
                "The ratio settles, for all three.",
                f"change of the {csr} of validation data over the last third of training relative to its range, the largest of the three",
                _largest_late_change,
                Below(0.25),
            ),
            Claim(
                "F9c-rises",
                self.figure,
                "On training data the ratio first rises, for all three.",
                f"{csr} of training data at its peak minus after the first measured epoch, the smallest of the three; "
                "the peak of each seed is placed by the others",
                _smallest_training_rise,
                Above(0),
            ),
            Claim(
                "F9c-falls",
                self.figure,
                "On training data the ratio then falls, for all three.",
                f"{csr} of training data at its peak minus at the end, the smallest of the three; the peak of each seed is placed by the others",
                _smallest_training_fall,
                Above(0),
            ),
        ]

    def figures(self, results: xr.Dataset, where: str) -> Sequence[Figure]:
        """The ratio on validation and on training data, and the accuracies that go with it."""
        data = by_kind(results)
        seeds = len(np.unique(results.seed))
        return [
            Figure(
                "critical-samples",
                "Figure 9: critical samples through training",
                f"Critical sample ratio of {self.n_samples:,} inputs (radius {self.radius_in_pixels:g} pixels on the 0-255 scale) and accuracy against "
                f"epochs. {where}; mean and 95 % interval over n = {seeds} seeds.",
                (
                    Panel(
                        "validation inputs",
                        _ValidationPanel(data),
                        "Critical sample ratio of validation inputs against epochs, for real data, randX and randY; "
                        "randX on Gaussian inputs and, dashed, on real ones.",
                    ),
                    Panel(
                        "training inputs",
                        _TrainingPanel(data),
                        "Critical sample ratio of training inputs against epochs, for real data, randX and randY.",
                    ),
                    Panel(
                        "training accuracy",
                        _AccuracyPanel(data),
                        "Training accuracy against epochs, for real data, randX and randY.",
                    ),
                ),
                columns=3,
            )
        ]


def by_kind(results: xr.Dataset) -> xr.Dataset:
    """Results over (seed, kind), kind being real, rand_x or rand_y."""
    kind = np.where(results.rand_x == 1, "rand_x", np.where(results.rand_y == 1, "rand_y", "real"))
    named = results.drop_vars(["rand_x", "rand_y", "learning_rate"]).assign_coords(kind=("member", kind))
    return named.set_index(member=["seed", "kind"]).unstack("member")


def _excess(kind: str, name: str) -> Callable[[xr.Dataset], Float[np.ndarray, " seed"]]:
    def per_seed(results: xr.Dataset) -> Float[np.ndarray, " seed"]:
        final = by_kind(results).isel(epoch=-1)
        return (final[name].sel(kind=kind) - final.csr_validation.sel(kind="real")).values

    return per_seed


def _trained(curves: xr.DataArray) -> xr.DataArray:
    """Without the untrained network."""
    return curves.sel(epoch=curves.epoch > 0)


def _smallest_rise(results: xr.Dataset) -> Float[np.ndarray, " seed"]:
    ratio = _trained(by_kind(results).csr_validation_alike)
    return (ratio.isel(epoch=-1) - ratio.isel(epoch=0)).min("kind", skipna=False).values


def _largest_late_change(results: xr.Dataset) -> Float[np.ndarray, " seed"]:
    ratio = _trained(by_kind(results).csr_validation_alike)
    late = ratio.sel(epoch=2 * int(ratio.epoch[-1]) / 3, method="nearest")
    spread = ratio.max("epoch", skipna=False) - ratio.min("epoch", skipna=False)
    return (abs(ratio.isel(epoch=-1) - late) / spread).max("kind", skipna=False).values


def _at_training_peak(results: xr.Dataset) -> tuple[xr.DataArray, xr.DataArray]:
    ratio = _trained(by_kind(results).csr_training)
    return ratio, ratio.sel(epoch=peak_epoch_of_other_seeds(ratio))


def _smallest_training_rise(results: xr.Dataset) -> Float[np.ndarray, " seed"]:
    ratio, peak = _at_training_peak(results)
    return (peak - ratio.isel(epoch=0)).min("kind", skipna=False).values


def _smallest_training_fall(results: xr.Dataset) -> Float[np.ndarray, " seed"]:
    ratio, peak = _at_training_peak(results)
    return (peak - ratio.isel(epoch=-1)).min("kind", skipna=False).values


@dataclasses.dataclass(frozen=True)
class _ValidationPanel:
    data: xr.Dataset

    def __call__(self, axis: Axes) -> None:
        for kind, title in KINDS.items():
            label = "randX (Gaussian inputs)" if kind == "rand_x" else title
            ratio = self.data.csr_validation_alike.sel(kind=kind)
            curve_with_band(axis, ratio, "epoch", color=KIND_COLORS[kind], label=label)
        ratio = self.data.csr_validation.sel(kind="rand_x")
        curve_with_band(axis, ratio, "epoch", color=KIND_COLORS["rand_x"], linestyle="--", label="randX (real inputs)")
        epoch_axis(axis, int(self.data.epoch[-1]))
        share_axis(axis, "critical sample ratio")
        legend_below(axis, columns=2)


@dataclasses.dataclass(frozen=True)
class _TrainingPanel:
    data: xr.Dataset

    def __call__(self, axis: Axes) -> None:
        for kind, title in KINDS.items():
            curve_with_band(axis, self.data.csr_training.sel(kind=kind), "epoch", color=KIND_COLORS[kind], label=title)
        epoch_axis(axis, int(self.data.epoch[-1]))
        share_axis(axis, "critical sample ratio")
        legend_below(axis, columns=3)


@dataclasses.dataclass(frozen=True)
class _AccuracyPanel:
    data: xr.Dataset

    def __call__(self, axis: Axes) -> None:
        for kind, title in KINDS.items():
            accuracy = self.data.training_accuracy.sel(kind=kind)
            curve_with_band(axis, accuracy, "epoch", color=KIND_COLORS[kind], label=title)
        epoch_axis(axis, int(self.data.epoch[-1]))
        share_axis(axis, "training accuracy")
        legend_below(axis, columns=3)
