"""convergence: Figure 6 (section 3.3.2). Time to convergence against the number of units, and of examples.

Claim of the paper: fewer units or more data slow convergence. With noise among the inputs they slow
it more, more units help for longer, and time is longer. The workshop version of the paper says that
inputs that are all noise take *less* time than real data. Both are claims here.

    byheart run convergence --data mnist --scale laptop

Seen at laptop scale on 2026-11-30, on 2 cores of an AMD EPYC. Each line has a claim, its verdict,
its number and its interval over seeds; docs/reproduction.md discusses them.

    MNIST, 820 networks in 16 min 12 s
        F6a-units: holds, -0.227 [-0.283, -0.171]
        F6b-units: holds, -0.068 [-0.100, -0.036]
        F6d-units: fails, -0.276 [-0.336, -0.216]
        F6a-examples: fails, 0.006 [-0.023, 0.035]
        F6b-examples: holds, 0.195 [0.152, 0.237]
        F6d-examples: fails, -0.039 [-0.103, 0.025]
        F6c: undecided, 0.132 [-0.613, 0.876]
        F6d-all-inputs-noise: fails, -0.461 [-0.553, -0.369]
        F6d-all-labels-random: holds, 1.732 [1.611, 1.853]
"""

import dataclasses
from collections.abc import Sequence
from typing import Any, ClassVar, Self

import xarray as xr

from byheart import checks
from byheart.data.split import Split
from byheart.data.stratified import stratified_subset
from byheart.data.subsets import Subset
from byheart.drawing.figure import Figure
from byheart.experiments.cautions import at_chance
from byheart.experiments.claims import Claim
from byheart.experiments.data_summary import DataSummary
from byheart.experiments.finding import Finding
from byheart.experiments.training_experiment import TrainingExperiment, collect_level_problems
from byheart.experiments.used_parts import UsedPart
from byheart.measures.fitted import Fitted
from byheart.networks.mlp import MLP
from byheart.paper.catalog import CATALOG
from byheart.paper.convergence.claims import Varied, claims_of
from byheart.paper.convergence.tables import tables_of
from byheart.paper.experiment import PaperExperiment
from byheart.paper.scales import Scale
from byheart.paper.settings import limited_to_data
from byheart.populations.grid import GridSweep, grid_points
from byheart.results.table import Table
from byheart.training.optimizers import SGD


@dataclasses.dataclass(frozen=True)
class Convergence(TrainingExperiment, PaperExperiment):
    """Epochs to convergence against the number of units, and of examples.

    Attributes:
        n_training: number of training examples where units vary.
        architecture: sets the number of layers; the units of each are those of `widths` or `width_of_sizes`.
        epochs: the budget; a network that has not fitted by then is censored.
        widths: units of each hidden layer.
        sizes: numbers of training examples.
        width_of_sizes: units of each hidden layer where the number of examples varies.
        noise_levels: shares of Gaussian inputs; must hold 0, the real data.
        asked_every: number of updates between checks whether all examples are fitted; None checks after each epoch.
    """

    name: ClassVar[str] = "convergence"
    figure: ClassVar[str] = CATALOG["convergence"].figure
    summary: ClassVar[str] = CATALOG["convergence"].summary
    finding: ClassVar[Finding] = Finding(
        "F6d-units",
        "Fitting takes longer with noise among the inputs",
        "Fitting takes no longer with noise among the inputs",
    )
    description: ClassVar[str] = (
        "How many epochs does a network need to predict all its training examples as labeled? The paper varies "
        "the number of hidden units and the number of examples, with part of the inputs replaced by Gaussian "
        "noise. A network that memorizes needs capacity for each example. So fewer units and more examples should "
        "slow it more than a network that learns patterns, and it should gain from more units for longer. "
        "Networks that do not fit within the budget are censored: they count as taking longer than the budget, in "
        "medians (Kaplan and Meier) and in slopes (log-normal regression). The paper's workshop version says that "
        "inputs that are all noise take less time than real data, and that random labels take more; both are "
        "tested."
    )
    departure_reasons: ClassVar[dict[str, str]] = {
        "widths": "few units for few examples: the effect appears when capacity is scarce",
        "optimizer": "this learning rate needs about a tenth of the updates that the paper's needs",
    }

    widths: tuple[int, ...]
    sizes: tuple[int, ...]
    width_of_sizes: int
    noise_levels: tuple[float, ...]
    asked_every: int | None

    @classmethod
    def for_scale(cls, scale: Scale, facts: DataSummary) -> Self:
        """Return the declared settings."""
        chosen = limited_to_data(facts, _SETTINGS[scale])
        sizes = tuple(size for size in chosen["sizes"] if size <= facts.n_training) or (facts.n_training,)
        return cls(**(chosen | {"sizes": sizes, "batch_size": min(chosen["batch_size"], *sizes)}))

    limiting: ClassVar[tuple[str, ...]] = ("n_training", "sizes")

    def parts_used(self, facts: DataSummary) -> Sequence[UsedPart]:
        """Return the training examples used where units vary, and where examples vary."""
        largest, how = max(self.n_training, *self.sizes), self._drawn()
        return [
            UsedPart(
                "n_training", self.n_training, facts.n_training, "training examples are used where units vary", how
            ),
            UsedPart("sizes", largest, facts.n_training, "training examples are used where examples vary", how),
        ]

    def cautions(self, results: xr.Dataset) -> Sequence[str]:
        """Return the common cautions, and one about networks of real data that end no better than guessing."""
        chance = at_chance(results, self.n_training)
        return [*super().cautions(results), *([chance] if chance else [])]

    def select(self, split: Split) -> Split:
        """Return as many examples as the largest member trains on."""
        largest = max(self.n_training, *self.sizes)
        return Split.of_parts(stratified_subset(split.training, largest, self.subset_seed), split.validation)

    def collect_problems(self, problems: checks.Problems, facts: DataSummary) -> None:
        """Collect invalid widths, sizes and levels."""
        super().collect_problems(problems, facts)
        for name in ("widths", "sizes"):
            with problems.noted():
                checks.ascending(name, getattr(self, name))
        with problems.noted():
            checks.count("width_of_sizes", self.width_of_sizes)
        if self.asked_every is not None:
            with problems.noted():
                checks.count("asked_every", self.asked_every)
        collect_level_problems(problems, self.noise_levels)
        if self.sizes and max(self.sizes) > facts.n_training:
            problems.messages.append(
                f"`sizes` must be at most {facts.n_training}, the number available in {facts.name}; "
                f"got {max(self.sizes)}."
            )
        if self.sizes and min(self.sizes) < self.batch_size:
            problems.messages.append(
                f"`sizes` must be at least `batch_size`, {self.batch_size}; got {min(self.sizes)}."
            )

    def sweep(self) -> GridSweep:
        """Return the sweep: both grids at each level of noisy inputs, and the widths with all labels random."""
        levels, whole = sorted(set(self.noise_levels)), Subset(self.n_training)
        sizes = [Subset(size) for size in self.sizes]
        recipe, seeds = self.recipe(), self.seed_range()
        wanted = [
            *grid_points(recipe, width=self.widths, subset=[whole], rand_x=levels, seed=seeds),
            *grid_points(recipe, width=self.widths, subset=[whole], rand_y=[1.0], seed=seeds),
            *grid_points(recipe, width=[self.width_of_sizes], subset=sizes, rand_x=levels, seed=seeds),
        ]
        return GridSweep.over(wanted, stop_when=Fitted(), check_every=self.asked_every, noise_seed=self.noise_seed)

    def varied(self) -> tuple[Varied, Varied]:
        """Return, for each grid, the setting that varies and the setting that is fixed."""
        return Varied("width", "n_training", self.n_training), Varied("n_training", "width", self.width_of_sizes)

    def claims(self) -> Sequence[Claim]:
        """Return claims F6a to F6d, and those of the workshop version."""
        return claims_of(self.figure, *self.varied())

    def figures(self, results: xr.Dataset, data_label: str) -> Sequence[Figure]:
        """Return the figure of epochs to fit against units, and against examples."""
        from byheart.paper.convergence.figures import figures_of

        return figures_of(results, data_label, *self.varied())

    def tables(self, results: xr.Dataset) -> Sequence[Table]:
        """Return a table of medians and of networks that did not fit."""
        return tables_of(results, *self.varied())


_SETTINGS: dict[Scale, dict[str, Any]] = {
    "tiny": {
        "architecture": MLP((128, 128)),
        "optimizer": SGD(0.2),
        "batch_size": 30,
        "epochs": 150,
        "n_training": 300,
        "seeds": 3,
        "widths": (8, 16, 128),
        "sizes": (150, 300, 600),
        "width_of_sizes": 16,
        "noise_levels": (0.0, 0.4, 1.0),
        "asked_every": None,
    },
    "laptop": {
        "architecture": MLP((256, 256)),
        "optimizer": SGD(0.1),
        "batch_size": 50,
        "epochs": 300,
        "n_training": 1000,
        "seeds": 5,
        "widths": (16, 32, 64, 128, 512, 2048),
        "sizes": (500, 1000, 2000, 4000, 8000),
        "width_of_sizes": 32,
        "noise_levels": (0.0, 0.2, 0.4, 0.8, 1.0),
        "asked_every": None,
    },
    "paper": {
        "architecture": MLP((4096, 4096)),
        "optimizer": SGD(0.01),
        "batch_size": 32,
        "epochs": 1000,
        "n_training": 50_000,
        "seeds": 5,
        "widths": (256, 512, 1024, 2048, 4096, 8192, 16_384),
        "sizes": (5000, 10_000, 20_000, 30_000, 50_000),
        "width_of_sizes": 4096,
        "noise_levels": (0.0, 0.2, 0.4, 0.6, 0.8, 1.0),
        "asked_every": None,
    },
}
