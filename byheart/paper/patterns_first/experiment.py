"""patterns-first: Figures 7 and 8 (section 4.2). Networks learn patterns first and memorize noise later.

Claim of the paper: with part of the inputs or labels replaced by noise, validation accuracy peaks
early, before the noise is fitted; after the peak it falls and the critical sample ratio grows. More
noise means lower accuracy and more critical samples.

    byheart run patterns-first --data mnist --scale laptop

Seen at laptop scale on 2026-11-30, on 2 cores of an AMD EPYC. Each line has a claim, its verdict,
its number and its interval over seeds; docs/reproduction.md discusses them.

    MNIST, 55 networks in 3 min 0 s
        F78a-inputs: holds, 5.275 [4.354, 6.392]
        F78a-labels: holds, 130.350 [116.992, 145.234]
        F78b-inputs: holds, 0.390 [0.335, 0.455]
        F78b-labels: holds, 0.104 [0.081, 0.133]
        F78c-early: holds, 0.941 [0.874, 0.984]
        F78c-fall: holds, 1.928 [1.706, 2.180]
        F78d: holds, 7.001 [5.616, 8.728]
    CIFAR-10, 120 networks in 50 min 54 s
        F78a-inputs: holds, 2.007 [1.197, 3.365]
        F78a-labels: holds, 1.901 [1.410, 2.564]
        F78b-inputs: holds, 0.539 [0.459, 0.633]
        F78b-labels: holds, 0.161 [0.145, 0.180]
        F78c-early: holds, 0.631 [0.546, 0.713]
        F78c-fall: fails, 1.035 [0.990, 1.082]
        F78d: holds, 2.450 [2.164, 2.775]
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
