"""rare-examples: memorized examples are rare, and leaving them out changes their own prediction most.

Feldman and Zhang ("What Neural Networks Memorize and Why", NeurIPS 2020) estimate memorization and influence by
networks that see random parts of the data. They find that memorized examples are atypical, from rare subpopulations,
and useful for the few others of their kind. Here an example is the rarer, the farther its nearest neighbor of the same
label is: a stand-in for subpopulations, which data do not name.

    byheart run rare-examples --data mnist
"""

import dataclasses
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import scipy.stats
import xarray as xr
from jaxtyping import Float

from byheart import checks
from byheart.drawing.figure import Figure
from byheart.experiments.claims import Claim
from byheart.experiments.data_summary import DataSummary
from byheart.experiments.finding import Finding
from byheart.later.catalog import LATER
from byheart.later.groups import GROUP, GROUPS, collect_few_seeds, groups_of, memorization_of
from byheart.later.halves import HalvesExperiment
from byheart.measures.misclassified import Misclassified
from byheart.measures.neighbors import ClassNeighborDistance
from byheart.populations.sweep import PopulationSweep
from byheart.statistics.memorization import influence
from byheart.statistics.rules import Above, SmallestEffect
from byheart.training.member import Member

MOST = 0.05
"""Share of the examples that count as the most memorized."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class RareExamples(HalvesExperiment):
    """Settings of rare-examples. Each network, a seed, is trained on a random half of the examples."""

    name: ClassVar[str] = "rare-examples"
    summary: ClassVar[str] = LATER["rare-examples"].summary
    source: ClassVar[str] = "Feldman and Zhang, “What Neural Networks Memorize and Why” (2020)"
    description: ClassVar[str] = (
        "Each network sees a random half of the examples. An example is memorized as far as networks that saw it are "
        "right about it more often than those that did not. Its influence on another example is the same difference, "
        "counted at the other. Rare examples are those far from all others of their label."
    )
    finding: ClassVar[Finding] = Finding(
        "memorized-rare", "Memorized examples are rare ones", "Memorized examples are not rarer than others"
    )

    n_training: int = 1000
    seeds: int = 6 * GROUP

    def collect_problems(self, problems: checks.Problems, facts: DataSummary) -> None:
        """Also collect too few seeds."""
        super().collect_problems(problems, facts)
        collect_few_seeds(problems, self.seeds)

    def sweep(self) -> PopulationSweep:
        """Return the sweep: a network for each seed."""
        members = tuple(Member(seed, inclusion=self.half(seed)) for seed in self.seed_range())
        measures = (Misclassified(), ClassNeighborDistance())
        return PopulationSweep(self.recipe(), members, final_measures=measures, noise_seed=self.noise_seed)

    def claims(self) -> Sequence[Claim]:
        """Return both claims; a number is that of a group of networks."""
        return [
            Claim(
                "memorized-rare",
                "Memorized examples are rare.",
                f"rank correlation, over examples, of memorization by {GROUP} networks and the distance to the nearest "
                "example of the same label; one value for each group",
                rarity_of_memorized,
                Above(0.1),
            ),
            Claim(
                "own-prediction",
                "Leaving out a memorized example changes its own prediction most.",
                f"influence on itself minus on the example it influences most, mean over the {MOST:.0%} most memorized "
                f"examples, by {GROUP} networks; the groups before choose the examples",
                influence_on_itself,
                Above(0, SmallestEffect(0.05, "one network of the group")),
            ),
        ]

    def figures(self, results: xr.Dataset, data_label: str) -> Sequence[Figure]:
        """Return the figure of memorization against rarity."""
        from byheart.later.panels import figure_by_kind

        caption = (
            "Mean memorization of training examples, by the distance to the nearest example of the same label, in "
            f"fifths of the examples. {data_label}"
        )
        title, numbers = "Memorization of typical and of rare examples", memorization_by_rarity(results)
        return [figure_by_kind(self.name, title, "rarity", "memorization", numbers, caption, GROUPS, line=0)]


def rarity_of_memorized(results: xr.Dataset) -> Float[np.ndarray, " group"]:
    """Return the rank correlation of memorization and rarity for each group of networks."""
    found = []
    for group in groups_of(results):
        scores, rarity = memorization_of(group).estimate, group.class_neighbor_distance.values[0]
        known = np.isfinite(scores)
        found.append(scipy.stats.spearmanr(scores[known], rarity[known]).statistic)
    return np.array(found, float)


def influence_on_itself(results: xr.Dataset) -> Float[np.ndarray, " group"]:
    """Return the influence of memorized examples on themselves minus that on another; NaN for the first group.

    The groups before choose the memorized examples, and for each the other example that it influences most. Chosen by
    the group itself, the largest of many noisy influences would be far too large.
    """
    found, before = list[float](), list[xr.Dataset]()
    for group in groups_of(results):
        found.append(_itself_minus_other(xr.concat(before, "member"), group) if before else np.nan)
        before.append(group)
    return np.array(found, float)


def _itself_minus_other(earlier: xr.Dataset, group: xr.Dataset) -> float:
    scores = np.nan_to_num(memorization_of(earlier).estimate, nan=-np.inf)
    memorized = np.argsort(-scores, kind="stable")[: max(1, round(MOST * len(scores)))]
    own = np.arange(len(memorized))
    of_earlier = np.nan_to_num(_influence(earlier, memorized), nan=-np.inf)
    of_earlier[own, memorized] = -np.inf
    now = _influence(group, memorized)
    return float(np.nanmean(now[own, memorized] - now[own, of_earlier.argmax(axis=1)]))


def _influence(networks: xr.Dataset, of: np.ndarray) -> Float[np.ndarray, "influencing influenced"]:
    return influence(networks.is_misclassified.values == 0, networks.is_included.values == 1, of)


def memorization_by_rarity(results: xr.Dataset) -> dict[str, Float[np.ndarray, " group"]]:
    """Return the mean memorization of the examples in each fifth by rarity, for each group of networks."""
    groups = list(groups_of(results))
    rarity = results.class_neighbor_distance.values[0]
    fifths = np.array_split(np.argsort(rarity, kind="stable"), 5)
    names = ("typical", "2nd", "3rd", "4th", "rarest")
    scores = [memorization_of(group).estimate for group in groups]
    return {
        name: np.array([np.nanmean(one[fifth]) for one in scores]) for name, fifth in zip(names, fifths, strict=True)
    }
