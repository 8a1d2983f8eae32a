"""capacity: Figure 5 (section 3.3.1). Validation accuracy against the number of units, with and without noise.

Claim of the paper: on real data a modest number of units is enough; with noise the best validation
accuracy needs more units. If the noisy examples are left out, fewer units suffice again (stated as
a hypothesis). On CIFAR-10 the paper sees the same with noisy inputs, but not with random labels.

    byheart run capacity --data mnist --scale laptop

Seen at laptop scale on 2026-11-30, on 2 cores of an AMD EPYC. Each line has a claim, its verdict,
its number and its interval over seeds; docs/reproduction.md discusses them.

    MNIST, 1380 networks in 21 min 21 s
        F5a: holds, 0.002 [0.001, 0.004]
        F5b-inputs: holds, 0.032 [0.021, 0.043]
        F5b-labels: undecided, 0.016 [-0.053, 0.084]
        F5d-inputs: fails, 0.005 [-0.000, 0.010]
        F5d-labels: fails, 0.006 [-0.006, 0.017]
    CIFAR-10, 750 networks in 24 min 44 s
        F5a: undecided, 0.009 [-0.018, 0.036]
        F5b-inputs: undecided, 0.052 [-0.130, 0.233]
        F5c-labels: undecided, 0.006 [-0.135, 0.148]
        F5d-inputs: undecided, 0.015 [-0.019, 0.049]
        F5d-labels: fails, -0.046 [-0.079, -0.014]
"""

import dataclasses
from collections.abc import Sequence
from typing import Any, ClassVar, Self

import xarray as xr

from byheart import checks
from byheart.data.rand_x import RandX
from byheart.data.subsets import Subset
from byheart.drawing.figure import Figure
from byheart.experiments.claims import Claim
from byheart.experiments.data_summary import DataSummary
from byheart.experiments.finding import Finding
from byheart.experiments.training_experiment import ThroughTrainingExperiment, collect_level_problems
from byheart.measures.accuracy import Accuracy
from byheart.networks.mlp import MLP
from byheart.paper.capacity.claims import claims_of
from byheart.paper.catalog import CATALOG
from byheart.paper.experiment import PaperExperiment
from byheart.paper.scales import Scale
from byheart.paper.settings import PAPER_MLP, are_in_color, limited_to_data
from byheart.populations.grid import GridSweep, grid_points
from byheart.training.optimizers import SGD


@dataclasses.dataclass(frozen=True)
class Capacity(ThroughTrainingExperiment, PaperExperiment):
    """Validation accuracy against the number of units, with and without noise.

    Attributes:
        architecture: sets the number of layers; the units of each are those of `widths`.
        widths: units of each hidden layer.
        enough: the width that claim F5a says is enough for real data; one of `widths`.
        noise_levels: shares replaced by noise, in inputs and, separately, in labels; must hold 0, the real data.
        removed_levels: shares of examples to leave out: those that would have noisy inputs at that level.
    """

    name: ClassVar[str] = "capacity"
    figure: ClassVar[str] = CATALOG["capacity"].figure
    summary: ClassVar[str] = CATALOG["capacity"].summary
    finding: ClassVar[Finding] = Finding(
        "F5b-inputs",
        "The more inputs are noise, the more units the best accuracy needs",
        "The best accuracy needs no more units where more inputs are noise",
    )
    description: ClassVar[str] = (
        "How large must a network be? The paper trains networks with more and more hidden units on partly noisy "
        "data. If networks learn noise by heart while they learn patterns, noise uses up capacity: the more noise "
        "there is, the more units the best validation accuracy should need. If the noisy examples are left out, "
        "small networks should suffice again."
    )
    departure_reasons: ClassVar[dict[str, str]] = {
        "widths": "few units for few examples: the effect appears when capacity is scarce",
        "enough": "well below the largest width, as in the paper",
        "optimizer": "this learning rate shows the effect in far fewer epochs than the paper's",
        "removed_levels": "each level needs programs of its own, which take time to compile",
    }

    widths: tuple[int, ...]
    enough: int
    noise_levels: tuple[float, ...]
    removed_levels: tuple[float, ...]

    @classmethod
    def for_scale(cls, scale: Scale, facts: DataSummary) -> Self:
        """Return the declared settings."""
        chosen = limited_to_data(
            facts, _SETTINGS[scale] | (_FOR_COLOR if scale != "paper" and are_in_color(facts) else {})
        )
        smallest = min(Subset(chosen["n_training"], RandX(level)).size for level in chosen["removed_levels"])
        limited = {
            "batch_size": min(chosen["batch_size"], smallest),
            "n_validation": min(chosen["n_validation"], facts.n_validation),
        }
        return cls(**(chosen | limited))

    def collect_problems(self, problems: checks.Problems, facts: DataSummary) -> None:
        """Collect invalid widths and levels, and subsets smaller than a minibatch."""
        super().collect_problems(problems, facts)
        with problems.noted():
            checks.ascending("widths", self.widths)
        if self.enough not in self.widths:
            problems.messages.append(f"`enough` must be one of `widths`, {self.widths}; got {self.enough}.")
        collect_level_problems(problems, self.noise_levels)
        for level in self.removed_levels:
            with problems.noted():
                checks.fraction("removed_levels", level)
                size = Subset(self.n_training, RandX(level)).size
                if size < self.batch_size:
                    problems.messages.append(
                        f"`removed_levels` must leave a minibatch of {self.batch_size} examples; "
                        f"{level:g} leaves {size}."
                    )

    def sweep(self) -> GridSweep:
        """Return the sweep: all widths at each level of each noise, and with the noisy examples left out."""
        whole, levels = Subset(self.n_training), sorted(set(self.noise_levels))
        fewer = [Subset(self.n_training, RandX(level)) for level in sorted(set(self.removed_levels) - {0.0})]
        shared: dict[str, Any] = {"width": self.widths, "seed": self.seed_range()}
        wanted = [
            *grid_points(self.recipe(), **shared, subset=[whole], rand_x=levels),
            *grid_points(self.recipe(), **shared, subset=[whole], rand_y=levels),
            *grid_points(self.recipe(), **shared, subset=fewer),
        ]
        return GridSweep.over(wanted, measures=(Accuracy(),), measured_epochs=self.schedule, noise_seed=self.noise_seed)

    def claims(self) -> Sequence[Claim]:
        """Return claims F5a to F5d."""
        return claims_of(self.figure, self.enough)

    def figures(self, results: xr.Dataset, data_label: str) -> Sequence[Figure]:
        """Return the figure of best and final validation accuracy against units."""
        from byheart.paper.capacity.figures import figures_of

        return figures_of(results, data_label, self.n_training)


_LEVELS = (0.0, 0.2, 0.4, 0.6, 0.8)
_SETTINGS: dict[Scale, dict[str, Any]] = {
    "tiny": {
        "architecture": MLP((128, 128)),
        "optimizer": SGD(0.3),
        "batch_size": 30,
        "epochs": 30,
        "measured_epochs": (0, 2, 4, 8, 12, 20, 30),
        "n_training": 600,
        "n_validation": 300,
        "seeds": 3,
        "widths": (4, 16, 128),
        "enough": 16,
        "noise_levels": (0.0, 0.4, 0.8),
        "removed_levels": (0.8,),
    },
    "laptop": {
        "architecture": MLP((256, 256)),
        "optimizer": SGD(0.3),
        "batch_size": 50,
        "epochs": 20,
        "measured_epochs": (0, 2, 4, 6, 9, 13, 20),
        "n_training": 500,
        "n_validation": 1000,
        "seeds": 5,
        "widths": (16, 32, 64, 128, 512, 2048),
        "enough": 512,
        "noise_levels": _LEVELS,
        "removed_levels": (0.4, 0.8),
    },
    "paper": PAPER_MLP
    | {
        "widths": (256, 512, 1024, 2048, 4096, 8192, 16_384),
        "enough": 4096,
        "noise_levels": _LEVELS,
        "removed_levels": _LEVELS[1:],
    },
}
_FOR_COLOR: dict[str, Any] = {
    "optimizer": SGD(0.02),
    "epochs": 40,
    "measured_epochs": (0, 4, 8, 13, 20, 30, 40),
}
"""Settings for color images, on which these MLPs do not train at the learning rates for gray images."""
