"""size-and-memorization: larger networks memorize most examples less, and some more.

Lukasik et al. ("What do larger image classifiers memorise?", 2023) follow the memorization scores of Feldman and Zhang
(2020) over the sizes of networks. For most examples they fall; for others they rise, or rise first.

    byheart run size-and-memorization --data mnist
"""

import dataclasses
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
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
from byheart.populations.grid import GridSweep, grid_points
from byheart.statistics.rules import Above, SmallestEffect

SOME = 0.05
"""Share of the examples that count as *some*: those whose memorization rises most."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class SizeAndMemorization(HalvesExperiment):
    """Settings of size-and-memorization. Each network is trained on a random half of the examples.

    Attributes:
        widths: units of each hidden layer, or channels of each convolution.
    """

    name: ClassVar[str] = "size-and-memorization"
    summary: ClassVar[str] = LATER["size-and-memorization"].summary
    source: ClassVar[str] = "Lukasik et al., “What do larger image classifiers memorise?” (2023)"
    description: ClassVar[str] = (
        "Networks of several widths are trained on random halves of the examples, until they fit them. An example is "
        "memorized as far as networks that saw it are right about it more often than those that did not. Larger "
        "networks generalize better, so most examples need not be memorized any more."
    )
    finding: ClassVar[Finding] = Finding(
        "falls-for-most",
        "Larger networks memorize most examples less",
        "Larger networks do not memorize most examples less",
    )

    n_training: int = 1000
    seeds: int = 6 * GROUP
    epochs: int = 60
    widths: tuple[int, ...] = (16, 64, 256)

    def collect_problems(self, problems: checks.Problems, facts: DataSummary) -> None:
        """Also collect too few seeds, and widths that are not at least two ascending numbers."""
        super().collect_problems(problems, facts)
        collect_few_seeds(problems, self.seeds)
        with problems.noted():
            checks.ascending("widths", self.widths)
        if len(self.widths) < 2:
            problems.messages.append(f"`widths` must be at least two; got {self.widths}.")

    def sweep(self) -> GridSweep:
        """Return the sweep: a network of each width for each seed, on the same half."""
        wanted = [
            point
            for seed in self.seed_range()
            for point in grid_points(self.recipe(), width=self.widths, seed=[seed], inclusion=[self.half(seed)])
        ]
        return GridSweep.over(wanted, final_measures=(Misclassified(),), noise_seed=self.noise_seed)

    def claims(self) -> Sequence[Claim]:
        """Return both claims; a number is that of a group of networks of each width."""
        slope = f"slope of memorization by {GROUP} networks of each width over log2(width)"
        return [
            Claim(
                "falls-for-most",
                "The larger networks are, the less they memorize most examples.",
                f"{slope}: share of the examples for which it is negative, minus the share for which it is positive",
                lambda results: np.array([-np.sign(one).mean() for one in slopes_of(results)]),
                Above(0, SmallestEffect(0.02, "a fiftieth of the examples")),
            ),
            Claim(
                "rises-for-some",
                "Some examples are memorized more by larger networks.",
                f"{slope}, mean over the {SOME:.0%} of the examples with the largest slope in the groups before",
                rise_of_some,
                Above(0, SmallestEffect(0.01, "one network in a hundred for each doubling")),
            ),
        ]

    def figures(self, results: xr.Dataset, data_label: str) -> Sequence[Figure]:
        """Return the figure of mean memorization by width."""
        from byheart.later.panels import figure_by_kind

        numbers = {
            f"{width} units": np.array([np.nanmean(memorization_of(group).estimate) for group in groups_of(own)])
            for width, own in _by_width(results).items()
        }
        title, label = "Memorization against the size of networks", "mean memorization"
        caption = f"Mean memorization of training examples. {data_label}"
        return [figure_by_kind(self.name, title, "width", label, numbers, caption, GROUPS)]


def slopes_of(results: xr.Dataset) -> list[Float[np.ndarray, " example"]]:
    """Return the slope of memorization over log2(width) of each example, for each group of networks of each width.

    Examples that all networks of a group saw, or none, have the slope 0.
    """
    by_width = _by_width(results)
    x = np.log2(np.array(list(by_width), float))
    weights = (x - x.mean()) / np.square(x - x.mean()).sum()
    groups = zip(*(groups_of(own) for own in by_width.values()), strict=False)
    return [
        np.nan_to_num(sum(w * memorization_of(one).estimate for w, one in zip(weights, of_widths, strict=True)))
        for of_widths in groups
    ]


def rise_of_some(results: xr.Dataset) -> Float[np.ndarray, " group"]:
    """Return the mean slope of the examples that rise most in the groups before; NaN for the first group."""
    slopes = slopes_of(results)
    found = []
    for place, own in enumerate(slopes):
        if place == 0:
            found.append(np.nan)
            continue
        earlier = np.mean(slopes[:place], axis=0)
        chosen = np.argsort(-earlier, kind="stable")[: max(1, round(SOME * len(own)))]
        found.append(own[chosen].mean())
    return np.array(found, float)


def _by_width(results: xr.Dataset) -> dict[int, xr.Dataset]:
    widths = results.width.values
    return {int(width): results.isel(member=np.flatnonzero(widths == width)) for width in np.unique(widths)}
