"""sensitivity-inequality: Figure 3 (section 3.2). Few real examples influence the loss strongly; all random ones do.

Claim of the paper: the Gini coefficient of the loss sensitivities of all training examples is
higher for real data than for random inputs, through training, also when each example is a class of
its own.

    byheart run sensitivity-inequality --data mnist --scale laptop

Seen at laptop scale on 2026-11-30, on 2 cores of an AMD EPYC. Each line has a claim, its verdict,
its number and its interval over seeds; docs/reproduction.md discusses them.

    MNIST, 60 networks in 1 h 9 min
        F3a: holds, 0.258 [0.192, 0.324]
        F3b: fails, 0.004 [-0.006, 0.014]
        F3c: holds, 0.093 [0.042, 0.144]
        F3d: holds, 0.266 [0.200, 0.332]
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import xarray as xr

from byheart import checks
from byheart.drawing.figure import Figure
from byheart.experiments.claims import Claim
from byheart.experiments.data_summary import DataSummary
from byheart.experiments.finding import Finding
from byheart.experiments.sensitivity_experiment import SensitivityExperiment
from byheart.paper.catalog import CATALOG
from byheart.paper.experiment import PaperExperiment
from byheart.paper.scales import Scale
from byheart.paper.sensitivity_inequality.claims import KINDS, claims_of
from byheart.paper.settings import AUTHOR_CODE, SENSITIVITY_REASONS, sensitivity_settings
from byheart.unrolling.losses import MinibatchLoss, WholeSetLoss
from byheart.unrolling.run_measures import MeanLossSensitivity
from byheart.unrolling.sweep import UnrolledSweep


@dataclasses.dataclass(frozen=True)
class SensitivityInequality(SensitivityExperiment, PaperExperiment):
    """Gini coefficients of loss sensitivity, for real data and for noise.

    Attributes:
        horizons: T, the numbers of updates after which the Gini coefficient is computed, all in one run.
        sensitivity_of: L_t, "WholeSetLoss()" or "MinibatchLoss()".
        direct_path: whether to include the direct dependence of L_t on the example.
    """

    name: ClassVar[str] = "sensitivity-inequality"
    figure: ClassVar[str] = CATALOG["sensitivity-inequality"].figure
    summary: ClassVar[str] = CATALOG["sensitivity-inequality"].summary
    finding: ClassVar[Finding] = Finding(
        "F3a",
        "Few real examples move the loss strongly, and nearly all random inputs do",
        "Real examples move the loss as equally as random inputs do",
    )
    description: ClassVar[str] = (
        "How much did one training input influence the loss, through all the updates of training? That is its loss "
        "sensitivity: the derivative of the loss after t updates with respect to the input, through the whole run. "
        "If networks treated real data like noise, every example would matter equally. The paper sees that for "
        "real data a few examples have most of the sensitivity, so that the Gini coefficient (0: all equal, 1: one "
        "has all) is high. For random inputs it is low: every example is learned by heart. The same holds if each "
        "example is a class of its own."
    )
    departure_reasons: ClassVar[dict[str, str]] = SENSITIVITY_REASONS
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "author_code": AUTHOR_CODE | {"sensitivity_of": MinibatchLoss(), "direct_path": False}
    }

    horizons: tuple[int, ...]
    sensitivity_of: WholeSetLoss | MinibatchLoss
    direct_path: bool

    @classmethod
    def for_scale(cls, scale: Scale, facts: DataSummary) -> Self:
        """Return the declared settings."""
        horizons = {
            "tiny": (100, 200, 500, 1000),
            "laptop": (500, 800, 1200, 2000, 5000),
            "paper": (500, 800, 1200, 2000, 5000, 10_000, 30_000, 100_000),
        }
        return cls(
            **sensitivity_settings(scale, facts),
            horizons=horizons[scale],
            sensitivity_of=WholeSetLoss(),
            direct_path=False,
        )

    def collect_problems(self, problems: checks.Problems, facts: DataSummary) -> None:
        """Collect horizons that do not increase, or whose window contains no step."""
        super().collect_problems(problems, facts)
        with problems.noted():
            checks.ascending("horizons", self.horizons)
            self.collect_window_problems(problems, self.horizons, isinstance(self.sensitivity_of, MinibatchLoss))

    def sweep(self) -> UnrolledSweep:
        """Return the sweep: all kinds of data with true classes, then two kinds with one class for each example."""
        seeds = self.seed_range()
        members = [self.member(seed, *kind) for seed in seeds for kind in KINDS.values()]
        members += [
            self.member(seed, *KINDS[kind], unique_classes=True) for seed in seeds for kind in ("real", "rand_x")
        ]
        measure = MeanLossSensitivity(self.horizons, self.window, self.sensitivity_of, self.direct_path)
        return self.sweep_of(tuple(members), self.horizons[-1], (measure,))

    def claims(self) -> Sequence[Claim]:
        """Return claims F3a to F3d."""
        return claims_of(self.figure)

    def figures(self, results: xr.Dataset, data_label: str) -> Sequence[Figure]:
        """Return figures of Gini coefficients against T, and of sorted sensitivities at the last T."""
        from byheart.paper.sensitivity_inequality.figures import figures_of

        return figures_of(results, data_label)
