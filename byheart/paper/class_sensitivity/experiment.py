"""class-sensitivity: Figure 4 (section 3.2). The influence of inputs of one class on the loss of another.

Claim of the paper: the loss of a class is moved most by inputs of that class, the diagonal; for
real data other classes matter, too, more than for random inputs.

    byheart run class-sensitivity --data mnist --scale laptop

Seen at laptop scale on 2026-11-30, on 2 cores of an AMD EPYC. Each line has a claim, its verdict,
its number and its interval over seeds; docs/reproduction.md discusses them.

    MNIST, 10 networks in 32 s
        F4a: holds, 0.132 [0.087, 0.178]
        F4b: fails, -0.067 [-0.114, -0.020]
        F4a-direct: holds, 0.104 [0.084, 0.123]
        F4b-direct: fails, -0.023 [-0.046, 0.000]
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
from byheart.paper.class_sensitivity.claims import claims_of
from byheart.paper.experiment import PaperExperiment
from byheart.paper.scales import Scale
from byheart.paper.settings import AUTHOR_CODE, SENSITIVITY_REASONS, sensitivity_settings
from byheart.unrolling.run_measures import MeanClassSensitivity
from byheart.unrolling.sweep import UnrolledSweep


@dataclasses.dataclass(frozen=True)
class ClassSensitivity(SensitivityExperiment, PaperExperiment):
    """Sensitivity of the loss of each class to inputs of each class.

    Attributes:
        horizon: T, the number of updates.
        each_loss: differentiate the loss of each example of a minibatch, in place of the mean loss of each class.
    """

    name: ClassVar[str] = "class-sensitivity"
    figure: ClassVar[str] = CATALOG["class-sensitivity"].figure
    summary: ClassVar[str] = CATALOG["class-sensitivity"].summary
    finding: ClassVar[Finding] = Finding(
        "F4a",
        "The loss of a class is moved most by inputs of that class",
        "The loss of a class is moved no more by inputs of that class than by others",
    )
    description: ClassVar[str] = (
        "Training inputs of any class j influence the loss of examples of a class i. A network that learns patterns "
        "shares them between classes; one that learns by heart does not. The paper sees that the matrix over i and "
        "j has a bright diagonal, and that real data have more off the diagonal than random inputs. Part of the "
        "diagonal is trivial: an input changes its own loss when the loss is evaluated on it. So both are shown: "
        "the effect through training alone, and with that direct path."
    )
    departure_reasons: ClassVar[dict[str, str]] = SENSITIVITY_REASONS
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {"author_code": AUTHOR_CODE | {"each_loss": True}}

    horizon: int
    each_loss: bool

    @classmethod
    def for_scale(cls, scale: Scale, facts: DataSummary) -> Self:
        """Return the declared settings."""
        horizons = {"tiny": 500, "laptop": 2000, "paper": 5000}
        return cls(**sensitivity_settings(scale, facts), horizon=horizons[scale], each_loss=False)

    def collect_problems(self, problems: checks.Problems, facts: DataSummary) -> None:
        """Collect a horizon whose window contains no step."""
        super().collect_problems(problems, facts)
        with problems.noted():
            checks.count("horizon", self.horizon)
            self.collect_window_problems(problems, (self.horizon,), self.each_loss)

    def sweep(self) -> UnrolledSweep:
        """Return the sweep: for each seed a run on real data and one on random inputs."""
        members = tuple(self.member(seed, rand_x) for seed in self.seed_range() for rand_x in (0.0, 1.0))
        measure = MeanClassSensitivity(self.horizon, self.window, self.each_loss)
        return self.sweep_of(members, self.horizon, (measure,))

    def claims(self) -> Sequence[Claim]:
        """Return claims F4a and F4b, each without and with the direct path."""
        return claims_of(self.figure)

    def figures(self, results: xr.Dataset, data_label: str) -> Sequence[Figure]:
        """Return the figure of the sensitivity matrices."""
        from byheart.paper.class_sensitivity.figures import figures_of

        return figures_of(results, data_label)
