"""critical-samples: Figure 9 (section 4.1). Training on noise leads to far more critical samples than real data.

Claim of the paper: the critical sample ratio of validation data rises gradually through training
and then settles, and is much higher for randX and randY than for real data; that of training data
rises and then falls.

    byheart run critical-samples --data cifar10 --scale laptop

The paper does not say whether randX is measured on real or on Gaussian validation inputs, and the
answer reverses the claim (docs/choices.md). Here, the claim is tested on inputs of the kind that the
network was trained on. The ratio on the other inputs is also shown and judged.

Seen at laptop scale on 2026-11-30, on 2 cores of an AMD EPYC. Each line has a claim, its verdict,
its number and its interval over seeds; docs/reproduction.md discusses them.

    CIFAR-10, 30 networks in 25 min 16 s
        F9a-randX: holds, 4.487 [3.767, 5.345]
        F9a-randX-on-real-inputs: undecided, 1.087 [0.500, 2.363]
        F9a-randY: holds, 1.750 [1.314, 2.330]
        F9b-rises: holds, 2.935 [1.810, 4.759]
        F9b-settles: undecided, 0.177 [-0.005, 0.358]
        F9c-rises: undecided, 1.184 [0.789, 1.775]
        F9c-falls: holds, 25.925 [21.194, 31.713]
"""

import dataclasses
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar, Self

import xarray as xr

from byheart.drawing.figure import Figure
from byheart.experiments.claims import Claim
from byheart.experiments.data_kinds import members_of_each_kind
from byheart.experiments.data_summary import DataSummary
from byheart.experiments.finding import Finding
from byheart.measures.accuracy import Accuracy
from byheart.measures.critical_sample_ratio import CriticalSampleRatio
from byheart.paper.brackets import REASON, BracketedExperiment, bracketing
from byheart.paper.catalog import CATALOG
from byheart.paper.critical_samples.claims import claims_of
from byheart.paper.experiment import PaperExperiment
from byheart.paper.scales import Scale
from byheart.paper.settings import search_settings
from byheart.populations.sweep import PopulationSweep


@dataclasses.dataclass(frozen=True)
class CriticalSampleRatios(BracketedExperiment, PaperExperiment):
    """Critical sample ratio through training, for real data, randX and randY."""

    name: ClassVar[str] = "critical-samples"
    figure: ClassVar[str] = CATALOG["critical-samples"].figure
    summary: ClassVar[str] = CATALOG["critical-samples"].summary
    finding: ClassVar[Finding] = Finding(
        "F9a-randY",
        "Networks trained on random labels have more critical samples than those trained on real data",
        "Networks trained on random labels have no more critical samples than those trained on real data",
    )
    description: ClassVar[str] = (
        "A sample is critical if a tiny box around it contains a point that the network assigns to another class. "
        "Networks are trained on real data, on Gaussian inputs (randX) and on random labels (randY). The paper sees "
        "many more critical samples in the networks that had to memorize noise. The ratio grows through training "
        "and settles; on training data it falls again once the loss has pushed samples away from the boundary."
    )
    searched: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"n_validation": "validation inputs", "n_training": "training inputs"}
    )
    departure_reasons: ClassVar[dict[str, str]] = {
        "radius": "at the paper's radius, networks of this size have too few critical samples",
        "architecture": "the paper's network needs an accelerator and color images",
        "epochs": "training accuracy has settled by then",
        "bracket": REASON,
    }

    @classmethod
    def for_scale(cls, scale: Scale, facts: DataSummary) -> Self:
        """Return the declared settings."""
        return cls(**search_settings(scale, facts))

    def sweep(self) -> PopulationSweep:
        """Return the sweep: real data, randX and randY for each seed."""
        sets = ("validation", "validation_alike", "training")
        ratio = CriticalSampleRatio(self.radius, self.search, sets, self.n_samples)
        return PopulationSweep(
            recipe=self.recipe(),
            members=members_of_each_kind(self.seed_range()),
            measures=(Accuracy(), ratio, *bracketing(self, sets)),
            measured_epochs=self.schedule,
            noise_seed=self.noise_seed,
        )

    def claims(self) -> Sequence[Claim]:
        """Return claims F9a to F9c."""
        return claims_of(self.figure, f"critical sample ratio (radius {self.radius.in_words})", self.bracket)

    def figures(self, results: xr.Dataset, data_label: str) -> Sequence[Figure]:
        """Return the figure of the ratio on validation and on training data, with accuracies."""
        from byheart.paper.critical_samples.figures import figures_of

        return figures_of(results, data_label, self.radius, min(self.n_samples, self.n_validation), self.bracket)
