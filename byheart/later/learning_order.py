"""learning-order: networks of other architectures learn real examples in a similar order.

Hacohen, Choshen and Weinshall ("Let's Agree to Agree", ICML 2020) find that networks learn the examples of real data in
similar orders. Agreement is strongest between networks of one architecture, and crosses architectures.

    byheart run learning-order --data mnist
"""

import dataclasses
from collections.abc import Sequence
from typing import ClassVar, Self

import numpy as np
import scipy.stats
import xarray as xr
from jaxtyping import Float

from byheart import checks
from byheart.drawing.figure import Figure
from byheart.experiments.claims import Claim
from byheart.experiments.data_summary import DataSummary
from byheart.experiments.finding import Finding
from byheart.experiments.training_experiment import TrainingExperiment
from byheart.inputs import are_images
from byheart.later.catalog import LATER
from byheart.measures.misclassified import Misclassified
from byheart.networks.cnn import CNN
from byheart.networks.mlp import MLP
from byheart.networks.network import Architecture
from byheart.populations.grid import GridSweep, grid_points
from byheart.statistics.rules import Above, SmallestEffect
from byheart.sweeps.results import NEVER

ACROSS, WITHIN = "two architectures", "one architecture"


@dataclasses.dataclass(frozen=True, kw_only=True)
class LearningOrder(TrainingExperiment):
    """Settings of learning-order. A seed has a network of each architecture; two seeds are compared with each other.

    Attributes:
        other: the second architecture, of another width or depth than the first.
    """

    name: ClassVar[str] = "learning-order"
    summary: ClassVar[str] = LATER["learning-order"].summary
    source: ClassVar[str] = "Hacohen, Choshen and Weinshall, “Let's Agree to Agree” (2020)"
    description: ClassVar[str] = (
        "Networks of two architectures are trained on the same examples. The earlier a network predicts an example "
        "right, and the longer it keeps to it, the easier is that example for it: the share of epochs in which it is "
        "right. If the data decide what is learned when, architectures agree about it, though less than networks of "
        "one architecture do."
    )
    finding: ClassVar[Finding] = Finding(
        "order-agrees",
        "Two architectures learn real examples in a similar order",
        "Two architectures do not agree on the order in which they learn real examples",
    )

    n_training: int = 1000
    seeds: int = 10
    epochs: int = 20
    other: Architecture = MLP((32, 32, 32, 32))

    @classmethod
    def for_data(cls, facts: DataSummary, scale: str | None = None) -> Self:
        """Return the default settings; the second architecture is a CNN for images."""
        found = super().for_data(facts, scale)
        return (
            dataclasses.replace(found, other=CNN((16,), dense=(64,), crop=0, kernel=3, padding=1, pool=2))
            if are_images(facts.input_shape)
            else found
        )

    def collect_problems(self, problems: checks.Problems, facts: DataSummary) -> None:
        """Also collect a single seed, and a second architecture that does not fit or cannot be told from the first."""
        super().collect_problems(problems, facts)
        self.collect_counts(problems, "seeds", at_least=2)
        with problems.noted():
            dataclasses.replace(self.recipe(), architecture=self.other).check(facts.input_shape, self.n_training)
        if _size(self.other) == _size(self.architecture):
            problems.messages.append(
                "`other` must have another width or depth than `architecture`, by which results tell them apart; "
                f"got {self.other!r} and {self.architecture!r}."
            )

    def sweep(self) -> GridSweep:
        """Return the sweep: both architectures for each seed."""
        recipes = [dataclasses.replace(self.recipe(), architecture=one) for one in (self.architecture, self.other)]
        wanted = [point for recipe in recipes for point in grid_points(recipe, seed=self.seed_range())]
        epochs = tuple(range(1, self.epochs + 1))
        return GridSweep.over(wanted, measures=(Misclassified(),), measured_epochs=epochs, noise_seed=self.noise_seed)

    def claims(self) -> Sequence[Claim]:
        """Return both claims; a number is that of two seeds."""
        agreement = (
            "rank correlation, over examples, between the shares of epochs in which two networks of different seeds "
            "are right about an example"
        )
        return [
            Claim(
                "order-agrees",
                "Networks of two architectures learn examples in a similar order.",
                f"{agreement}, across architectures; one value for each two seeds",
                lambda results: self.agreement(results)[ACROSS],
                Above(0.3),
            ),
            Claim(
                "most-within",
                "Networks of one architecture agree most.",
                f"{agreement}: within an architecture minus across; one value for each two seeds",
                lambda results: self.agreement(results)[WITHIN] - self.agreement(results)[ACROSS],
                Above(0, SmallestEffect(0.02, "a fiftieth of full agreement")),
            ),
        ]

    def agreement(self, results: xr.Dataset) -> dict[str, Float[np.ndarray, " pair"]]:
        """Return the mean agreement across and within architectures for each two seeds; NaN if a network diverged."""
        one, other = (self._shares(results, architecture) for architecture in (self.architecture, self.other))
        pairs = [slice(start, start + 2) for start in range(0, len(one) - 1, 2)]
        return {
            ACROSS: np.array([_mean_agreement([*zip(one[p], other[p][::-1], strict=True)]) for p in pairs]),
            WITHIN: np.array([_mean_agreement([tuple(one[p]), tuple(other[p])]) for p in pairs]),
        }

    def _shares(self, results: xr.Dataset, of: Architecture) -> Float[np.ndarray, "seed example"]:
        """Return the shares of epochs in which networks of an architecture are right; NaN for those that diverged."""
        width, depth = _size(of)
        own = results.isel(member=np.flatnonzero((results.width.values == width) & (results.depth.values == depth)))
        own = own.isel(member=np.argsort(own.seed.values, kind="stable"))
        flags = own.is_misclassified.transpose("member", "epoch", "example").values
        is_lost = (flags == NEVER).any(axis=(1, 2))
        return np.where(is_lost[:, None], np.nan, (flags == 0).mean(axis=1))

    def figures(self, results: xr.Dataset, data_label: str) -> Sequence[Figure]:
        """Return the figure of the agreement on real and on random labels."""
        from byheart.later.panels import figure_by_kind

        caption = (
            "Rank correlation, over examples, of the shares of epochs in which two networks are right about one. "
            f"{data_label}"
        )
        title, numbers = "Agreement on the order of learning", self.agreement(results)
        return [
            figure_by_kind(self.name, title, "agreement", "rank correlation", numbers, caption, "pairs of seeds", 0)
        ]


def _mean_agreement(pairs: Sequence[tuple[np.ndarray, np.ndarray]]) -> float:
    """Return the mean rank correlation of pairs; NaN if one has a network that diverged or learned nothing."""
    if any(not np.isfinite(one).all() or np.ptp(one) == 0 for pair in pairs for one in pair):
        return np.nan
    return float(np.mean([scipy.stats.spearmanr(*pair).statistic for pair in pairs]))


def _size(architecture: Architecture) -> tuple[int, int]:
    return architecture.width, architecture.depth
