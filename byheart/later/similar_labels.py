"""similar-labels: wrong labels of a similar class are memorized less than uniformly random ones.

People who label data mistake classes that look alike. Wei et al. ("Learning with Noisy Labels Revisited", ICLR 2022)
collected such labels; networks learn features from them that uniform noise does not have. In terms of Feldman and Zhang
(2020): a label that patterns support is predicted without having seen the example, so less of it is memorized.

    byheart run similar-labels --data mnist
"""

import dataclasses
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import xarray as xr
from jaxtyping import Float

from byheart import checks
from byheart.data.member_view import labels_after_noise
from byheart.data.noise import Noise
from byheart.data.rand_y import RandY
from byheart.data.similar_class import SimilarClass
from byheart.drawing.figure import Figure
from byheart.experiments.claims import Claim
from byheart.experiments.data_summary import DataSummary
from byheart.experiments.finding import Finding
from byheart.later.catalog import LATER
from byheart.later.fit import not_fitted
from byheart.later.halves import HalvesExperiment
from byheart.measures.accuracy import Accuracy
from byheart.measures.misclassified import Misclassified
from byheart.populations.sweep import PopulationSweep
from byheart.statistics.rules import Above, SmallestEffect
from byheart.sweeps.results import NEVER
from byheart.training.member import Member

KINDS: dict[str, type[Noise]] = {"random": RandY, "similar class": SimilarClass}


@dataclasses.dataclass(frozen=True, kw_only=True)
class SimilarLabels(HalvesExperiment):
    """Settings of similar-labels. Each network is trained on a random half of the examples.

    Attributes:
        level: share of the labels that are replaced.
    """

    name: ClassVar[str] = "similar-labels"
    summary: ClassVar[str] = LATER["similar-labels"].summary
    source: ClassVar[str] = "Wei et al., “Learning with Noisy Labels Revisited” (2022)"
    description: ClassVar[str] = (
        "A part of the labels is wrong: in some networks they are uniformly random, in others those of the class that "
        "is most similar. Each network sees a random half of the examples. Memorization is the share of wrong labels "
        "that are predicted where the network saw them, minus that where it did not. Labels that patterns support are "
        "predicted either way."
    )
    finding: ClassVar[Finding] = Finding(
        "similar-less",
        "Wrong labels of a similar class are memorized less than random ones",
        "Wrong labels of a similar class are memorized no less than random ones",
    )

    n_training: int = 1000
    epochs: int = 200
    level: float = 0.2

    def collect_problems(self, problems: checks.Problems, facts: DataSummary) -> None:
        """Also collect a level that is 0 or out of range."""
        super().collect_problems(problems, facts)
        with problems.noted():
            checks.positive("level", checks.fraction("level", self.level))

    def sweep(self) -> PopulationSweep:
        """Return the sweep: for each seed, a network with each kind of wrong labels, on the same half."""
        members = tuple(
            Member(seed, (kind(self.level),), inclusion=self.half(seed))
            for seed in self.seed_range()
            for kind in KINDS.values()
        )
        measures = (Accuracy(), Misclassified())
        return PopulationSweep(self.recipe(), members, final_measures=measures, noise_seed=self.noise_seed)

    def cautions(self, results: xr.Dataset) -> Sequence[str]:
        """Return the common cautions, and one about wrong labels that are not fitted."""
        return [*super().cautions(results), *not_fitted(results)]

    def claims(self) -> Sequence[Claim]:
        """Return the claim."""
        return [
            Claim(
                "similar-less",
                "Wrong labels of a similar class are memorized less than uniformly random ones.",
                "mean memorization of wrong labels (share predicted as labelled where the network was trained on them, "
                "minus where it was not): uniformly random minus of a similar class",
                lambda results: np.subtract(*memorized(results).values()),
                Above(0, SmallestEffect(0.01, "a hundredth of the labels")),
            )
        ]

    def figures(self, results: xr.Dataset, data_label: str) -> Sequence[Figure]:
        """Return the figure of both memorizations."""
        from byheart.later.panels import figure_by_kind

        caption = (
            "Share of wrong labels that are predicted where the network was trained on them, minus that where it was "
            f"not. {data_label}"
        )
        label, title = "memorization of wrong labels", "Memorization of wrong labels"
        return [figure_by_kind(self.name, title, "wrong labels", label, memorized(results), caption, line=0)]


def memorized(results: xr.Dataset) -> dict[str, Float[np.ndarray, " seed"]]:
    """Return the mean memorization of wrong labels for each kind, (seed,); NaN for a network that diverged."""
    found = {}
    for title, kind in KINDS.items():
        networks = results.isel(member=np.flatnonzero(results[kind.id].values > 0))
        networks = networks.isel(member=np.argsort(networks.seed.values))
        labels, _ = labels_after_noise(results.coords, {kind.id: float(networks[kind.id][0])})
        is_wrong = labels != results.label.values
        flags, is_seen = networks.is_misclassified.values, networks.is_included.values == 1
        right = np.where((flags == NEVER).any(axis=1, keepdims=True), np.nan, flags == 0)
        seen = np.where(is_seen, right, 0)[:, is_wrong].sum(axis=1) / is_seen[:, is_wrong].sum(axis=1)
        held_out = np.where(is_seen, 0, right)[:, is_wrong].sum(axis=1) / (~is_seen[:, is_wrong]).sum(axis=1)
        found[title] = seen - held_out + right[:, 0] * 0
    return found
