"""filters: Figure 2 (section 3.1). First-layer filters for real data, random labels and random inputs.

Claim of the paper: filters learned from random labels have structure, too. So networks look for
patterns of the inputs even where labels are noise. The paper shows images; here structure is also a
number, the share of the filters' energy at low spatial frequencies.

    byheart run filters --data cifar10 --scale laptop

Seen at laptop scale on 2026-11-30, on 2 cores of an AMD EPYC. Each line has a claim, its verdict,
its number and its interval over seeds; docs/reproduction.md discusses them.

    CIFAR-10, 15 networks in 10 min 1 s
        F2: holds, 2.434 [2.232, 2.654]
        F2-real: holds, 2.807 [2.567, 3.069]
        F2-beyond-randX: holds, 2.570 [2.378, 2.776]
"""

import dataclasses
from collections.abc import Sequence
from typing import ClassVar, Self

import xarray as xr

from byheart import checks
from byheart.drawing.figure import Figure
from byheart.experiments.claims import Claim
from byheart.experiments.data_kinds import members_of_each_kind
from byheart.experiments.data_summary import DataSummary
from byheart.experiments.finding import Finding
from byheart.experiments.training_experiment import ThroughTrainingExperiment
from byheart.inputs import image_shape
from byheart.measures.accuracy import Accuracy
from byheart.measures.filters import FirstLayer
from byheart.networks.cnn import CNN
from byheart.networks.mlp import MLP
from byheart.paper.catalog import CATALOG
from byheart.paper.experiment import PaperExperiment
from byheart.paper.filters.claims import claims_of
from byheart.paper.scales import Scale
from byheart.paper.settings import training_settings
from byheart.populations.sweep import PopulationSweep


@dataclasses.dataclass(frozen=True)
class Filters(ThroughTrainingExperiment, PaperExperiment):
    """First-layer filters for real data, random inputs and random labels.

    Attributes:
        n_shown: number of filters of each network that are stored and drawn, those with the most energy.
    """

    name: ClassVar[str] = "filters"
    figure: ClassVar[str] = CATALOG["filters"].figure
    needs_images: ClassVar[bool] = True
    summary: ClassVar[str] = CATALOG["filters"].summary
    finding: ClassVar[Finding] = Finding(
        "F2",
        "Filters learned from random labels have structure",
        "Filters learned from random labels have no structure",
    )
    description: ClassVar[str] = (
        "Random labels hold nothing to learn but the labels themselves. The first layer of a network that learned "
        "them by heart shows whether it used patterns of the images nevertheless. The paper sees structured filters "
        "for random labels (randY), similar to those for real data. Neighboring weights of such filters are similar, "
        "so their energy lies at low spatial frequencies. The energy of the initial random weights is spread over "
        "all frequencies."
    )
    departure_reasons: ClassVar[dict[str, str]] = {
        "architecture": "the paper's network needs an accelerator and color images",
        "epochs": "training accuracy has settled by then",
    }

    n_shown: int

    @classmethod
    def for_scale(cls, scale: Scale, facts: DataSummary) -> Self:
        """Return the declared settings."""
        return cls(**(training_settings(scale, facts, {"seeds": 5})), n_shown=36)

    def collect_problems(self, problems: checks.Problems, facts: DataSummary) -> None:
        """Collect a network without filters, and measured epochs without 0."""
        super().collect_problems(problems, facts)
        with problems.noted():
            image_shape(f"The experiment {self.name}", facts.input_shape)
        with problems.noted():
            checks.count("n_shown", self.n_shown)
        if not isinstance(self.architecture, MLP | CNN):
            problems.messages.append(
                f"`architecture` must be an MLP or a CNN, which have filters; got {self.architecture!r}."
            )
        elif isinstance(self.architecture, CNN) and not self.architecture.channels:
            problems.messages.append(f"`architecture` must have a convolution; got {self.architecture!r}.")
        if 0 not in self.schedule:
            problems.messages.append(
                "`measured_epochs` must hold 0, the untrained network, with which filters are compared; "
                f"got {self.measured_epochs}."
            )

    def sweep(self) -> PopulationSweep:
        """Return the sweep: real data, randX and randY for each seed."""
        return PopulationSweep(
            recipe=self.recipe(),
            members=members_of_each_kind(self.seed_range()),
            measures=(Accuracy(), FirstLayer(self.n_shown)),
            measured_epochs=self.schedule,
            noise_seed=self.noise_seed,
        )

    def claims(self) -> Sequence[Claim]:
        """Return claim F2, and two claims for comparison."""
        return claims_of(self.figure)

    def figures(self, results: xr.Dataset, data_label: str) -> Sequence[Figure]:
        """Return figures of the filters, and of their share of low frequencies through training."""
        from byheart.paper.filters.figures import figures_of

        return figures_of(results, data_label)
