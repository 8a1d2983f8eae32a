"""noise-nearby: fitted label noise makes clean examples of its surroundings critical.

Paleka and Sanyal ("A Law of Adversarial Risk, Interpolation, and Label Noise", ICLR 2023) prove that a classifier which
fits wrong labels has points of another class near many clean ones. Critical samples count them: a clean example is
critical if its box holds a point of another predicted class.

    byheart run noise-nearby --data mnist
"""

import dataclasses
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import xarray as xr
from jaxtyping import Float

from byheart import checks
from byheart.critical.radius import Pixels, StandardDeviations
from byheart.data.rand_y import RandY
from byheart.drawing.figure import Figure
from byheart.experiments.claims import Claim
from byheart.experiments.data_summary import DataSummary
from byheart.experiments.finding import Finding
from byheart.experiments.search_experiment import BoxExperiment
from byheart.later.catalog import LATER
from byheart.later.fit import not_fitted
from byheart.measures.accuracy import Accuracy
from byheart.measures.critical_examples import CriticalExamples
from byheart.measures.neighbors import WrongNeighbor
from byheart.populations.sweep import PopulationSweep
from byheart.statistics.rules import Above, SmallestEffect
from byheart.statistics.scales import Log, odds_ratio
from byheart.sweeps.results import NEVER
from byheart.training.member import Member

OF_ODDS = SmallestEffect(0.1, "odds a tenth higher")
GROUPS = ("no noise", "none near", "one near")


@dataclasses.dataclass(frozen=True, kw_only=True)
class NoiseNearby(BoxExperiment):
    """Settings of noise-nearby. A seed has a network without label noise and one with it.

    Attributes:
        level: share of the labels that are random.
        n_neighbors: nearest examples among which one with a wrong label counts as near.
    """

    name: ClassVar[str] = "noise-nearby"
    summary: ClassVar[str] = LATER["noise-nearby"].summary
    source: ClassVar[str] = "Paleka and Sanyal, “A Law of Adversarial Risk, Interpolation, and Label Noise” (2023)"
    description: ClassVar[str] = (
        "Networks fit training data of which a part has random labels. Each wrong label needs a region of its own "
        "class, whose boundary is close to clean examples of its surroundings. These should be critical more often "
        "than without noise, and more often the nearer a wrong label is. Which labels are wrong is random, so nothing "
        "else distinguishes these examples."
    )
    finding: ClassVar[Finding] = Finding(
        "wrong-label-near",
        "Fitted wrong labels bring decision boundaries close to clean examples nearby",
        "Clean examples near fitted wrong labels are not critical more often than others",
    )

    n_training: int = 1000
    epochs: int = 200
    level: float = 0.2
    radius: Pixels | StandardDeviations = Pixels(10.0)
    n_neighbors: int = 5

    def collect_problems(self, problems: checks.Problems, facts: DataSummary) -> None:
        """Also collect a level or number of neighbors out of range."""
        super().collect_problems(problems, facts)
        self.collect_counts(problems, "n_neighbors")
        with problems.noted():
            checks.positive("level", checks.fraction("level", self.level))

    def sweep(self) -> PopulationSweep:
        """Return the sweep: real labels and partly random ones for each seed."""
        members = tuple(Member(seed, noise) for seed in self.seed_range() for noise in ((), (RandY(self.level),)))
        measures = (Accuracy(), CriticalExamples(self.radius, self.search), WrongNeighbor(self.n_neighbors))
        return PopulationSweep(self.recipe(), members, final_measures=measures, noise_seed=self.noise_seed)

    def cautions(self, results: xr.Dataset) -> Sequence[str]:
        """Return the common cautions, and one about wrong labels that are not fitted."""
        return [*super().cautions(results), *not_fitted(results)]

    def claims(self) -> Sequence[Claim]:
        """Return both claims, by odds ratios."""
        odds = f"odds of a clean training example to be critical (radius {self.radius})"
        near = f"one of the {self.n_neighbors} nearest examples has a wrong label"
        return [
            Claim(
                "more-critical",
                "Where label noise is fitted, more clean examples are critical.",
                f"{odds} with label noise, divided by those of the same examples without",
                _with_and_without,
                Above(1, OF_ODDS),
                scale=Log(),
            ),
            Claim(
                "wrong-label-near",
                "Clean examples near a wrong label are critical more often than others.",
                f"with label noise: {odds} where {near}, divided by those where none has",
                _near_and_far,
                Above(1, OF_ODDS),
                scale=Log(),
            ),
        ]

    def figures(self, results: xr.Dataset, data_label: str) -> Sequence[Figure]:
        """Return the figure of critical sample ratios by surroundings."""
        from byheart.later.panels import figure_by_kind

        caption = (
            "Share of clean training examples that are critical: of networks without label noise (no noise); with it, "
            f"of examples that have no wrong label among the {self.n_neighbors} nearest (none near), or have one (one "
            f"near). {data_label}"
        )
        title, label = "Critical samples near wrong labels", "critical sample ratio"
        return [figure_by_kind(self.name, title, "clean examples", label, ratios(results), caption)]


def ratios(results: xr.Dataset) -> dict[str, Float[np.ndarray, " seed"]]:
    """Return the critical sample ratios of clean examples for each of `GROUPS`; NaN where a network diverged."""
    without, noisy = _networks(results)
    is_near = noisy.has_wrong_neighbor.values == 1
    is_clean = noisy.has_wrong_label.values == 0
    chosen = (is_clean, is_clean & ~is_near, is_clean & is_near)
    flags = [one.is_critical.values for one in (without, noisy, noisy)]
    return {name: _share(*one) for name, *one in zip(GROUPS, flags, chosen, strict=True)}


def _near_and_far(results: xr.Dataset) -> Float[np.ndarray, " seed"]:
    found = ratios(results)
    return odds_ratio(found[GROUPS[2]], found[GROUPS[1]])


def _with_and_without(results: xr.Dataset) -> Float[np.ndarray, " seed"]:
    without, noisy = _networks(results)
    is_clean = noisy.has_wrong_label.values == 0
    return odds_ratio(_share(noisy.is_critical.values, is_clean), _share(without.is_critical.values, is_clean))


def _networks(results: xr.Dataset) -> tuple[xr.Dataset, xr.Dataset]:
    """Return the networks without and with label noise, in the order of seeds."""
    ordered = results.isel(member=np.argsort(results.seed.values, kind="stable"))
    is_noisy = ordered[RandY.id].values > 0
    return ordered.isel(member=np.flatnonzero(~is_noisy)), ordered.isel(member=np.flatnonzero(is_noisy))


def _share(
    is_critical: Float[np.ndarray, "seed example"] | np.ndarray, chosen: np.ndarray
) -> Float[np.ndarray, " seed"]:
    """Return the share of critical ones among the chosen examples of each network; NaN if it diverged."""
    is_lost = (is_critical == NEVER).any(axis=1)
    n = np.maximum(chosen.sum(axis=1), 1)
    share = ((is_critical == 1) & chosen).sum(axis=1) / n
    return np.where(is_lost | ~chosen.any(axis=1), np.nan, share)
