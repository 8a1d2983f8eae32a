"""patterns-first: Figures 7 and 8 (section 4.2). Networks learn patterns first and memorize noise later.

Claim of the paper: with part of the inputs or labels replaced by noise, validation accuracy peaks
early, before the noise is fitted; after the peak it falls and the critical sample ratio grows. More
noise means lower accuracy and more critical samples.

    byheart run patterns-first --data mnist --scale laptop

Seen at laptop scale on 2026-11-29, on 2 cores of an Intel Xeon. Each line has a claim, its verdict,
its number and the 95 % interval over seeds, by the statistics of that day; docs/reproduction.md
discusses them.

    MNIST, 55 networks in 2 min 53 s
        F78a-inputs: holds, 0.368 [0.342, 0.395]
        F78a-labels: holds, 0.906 [0.895, 0.916]
        F78b-inputs: holds, -0.088 [-0.095, -0.081]
        F78b-labels: holds, -0.329 [-0.351, -0.307]
        F78c-early: holds, 0.956 [0.926, 0.974]
        F78c-fall: holds, 0.189 [0.171, 0.207]
        F78d: holds, 0.401 [0.385, 0.418]
    CIFAR-10, 33 networks in 9 min 25 s
        F78a-inputs: holds, 0.062 [0.013, 0.110]
        F78a-labels: undecided, 0.080 [-0.033, 0.193]
        F78b-inputs: holds, -0.133 [-0.191, -0.075]
        F78b-labels: holds, -0.299 [-0.337, -0.261]
        F78c-early: holds, 0.622 [0.618, 0.627]
        F78c-fall: undecided, 0.019 [-0.020, 0.057]
        F78d: undecided, 0.153 [0.018, 0.288]
"""

import dataclasses
from collections.abc import Sequence
from typing import ClassVar, Self

import xarray as xr

from byheart import checks
from byheart.data.rand_x import RandX
from byheart.data.rand_y import RandY
from byheart.drawing.figure import Figure
from byheart.experiments.claims import Claim
from byheart.experiments.data_summary import DataSummary
from byheart.experiments.finding import Finding
from byheart.experiments.training_experiment import collect_level_problems
from byheart.inputs import are_images
from byheart.measures.accuracy import Accuracy
from byheart.measures.critical_sample_ratio import CriticalSampleRatio, RadiusSweep
from byheart.paper.brackets import REASON, BracketedExperiment, bracketing, bracketing_by_radius
from byheart.paper.catalog import CATALOG
from byheart.paper.experiment import PaperExperiment
from byheart.paper.patterns_first.claims import claims_of
from byheart.paper.scales import Scale
from byheart.paper.settings import search_settings
from byheart.populations.sweep import PopulationSweep
from byheart.training.member import Member


@dataclasses.dataclass(frozen=True)
class PatternsFirst(BracketedExperiment, PaperExperiment):
    """Accuracy and critical sample ratio through training, by noise level.

    Attributes:
        noise_levels: shares replaced by noise, in inputs and, separately, in labels; must hold 0, the real data.
        radii: radii of further searches for critical samples after training, in the unit of `radius`.
    """

    name: ClassVar[str] = "patterns-first"
    figure: ClassVar[str] = CATALOG["patterns-first"].figure
    summary: ClassVar[str] = CATALOG["patterns-first"].summary
    finding: ClassVar[Finding] = Finding(
        "F78c-early",
        "Patterns are learned first, and noisy labels are fitted later",
        "Noisy labels are fitted as early as patterns are learned",
    )
    opening_panel: ClassVar[int] = 2
    description: ClassVar[str] = (
        "Part of the training data is replaced by noise: inputs by Gaussian noise (randX) or labels by random "
        "labels (randY). If networks simply memorized, they would fit noise as soon as anything else. The paper "
        "sees another order. Accuracy on clean validation data peaks early, when the noise is hardly fitted. Then "
        "it falls while the noise is learned by heart, and the share of inputs close to a decision boundary "
        "(critical samples) grows."
    )
    departure_reasons: ClassVar[dict[str, str]] = {
        "radius": "at the paper's radius, networks of this size have too few critical samples; "
        "the sweep over radii shows both",
        "architecture": "the paper's network needs an accelerator",
        "epochs": "training accuracy has settled by then",
        "bracket": REASON,
    }

    noise_levels: tuple[float, ...]
    radii: tuple[float, ...]

    @classmethod
    def for_scale(cls, scale: Scale, facts: DataSummary) -> Self:
        """Return the declared settings."""
        return cls(
            **search_settings(scale, facts),
            noise_levels=(0.0, 0.2, 0.4, 0.6, 0.8, 1.0),
            radii=(0.3, 1.0, 3.0, 10.0) if are_images(facts.input_shape) else (0.01, 0.03, 0.1, 0.3),
        )

    def collect_problems(self, problems: checks.Problems, facts: DataSummary) -> None:
        """Collect levels and radii out of range."""
        super().collect_problems(problems, facts)
        collect_level_problems(problems, self.noise_levels)
        with problems.noted():
            checks.ascending("radii", self.radii, checks.positive)

    def sweep(self) -> PopulationSweep:
        """Return the sweep: for each seed real data, then each kind of noise at each level above 0."""
        levels = sorted(set(self.noise_levels) - {0.0})
        noises = [*(RandX(level) for level in levels), *(RandY(level) for level in levels)]
        members = tuple(
            Member(seed, noise) for seed in self.seed_range() for noise in [(), *((one,) for one in noises)]
        )
        return PopulationSweep(
            recipe=self.recipe(),
            members=members,
            measures=(
                Accuracy(),
                CriticalSampleRatio(self.radius, self.search, n_samples=self.n_samples),
                *bracketing(self),
            ),
            measured_epochs=self.schedule,
            final_measures=(
                RadiusSweep(tuple(map(self.radius.with_value, self.radii)), self.search, self.n_samples),
                *bracketing_by_radius(self, self.radii),
            ),
            noise_seed=self.noise_seed,
        )

    def claims(self) -> Sequence[Claim]:
        """Return claims F78a to F78d."""
        csr = f"critical sample ratio (radius {self.radius.in_words}) of validation data"
        return claims_of(self.figure, csr, self.bracket)

    def figures(self, results: xr.Dataset, data_label: str) -> Sequence[Figure]:
        """Return figures of accuracy and critical samples through training, and of critical samples over radii."""
        from byheart.paper.patterns_first.figures import figures_of

        n_samples = min(self.n_samples, self.n_validation)
        return figures_of(results, data_label, self.radius, n_samples, self.epochs, self.bracket)
