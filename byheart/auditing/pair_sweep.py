"""The networks of an audit, in complementary pairs. A pair stores one number of each kind per example.

The two networks of a pair are trained on the two halves of the examples. So in every pair each example is seen by one
network and held out of the other, and a pair gives every example one held-out prediction and one history of training.
"""

import dataclasses
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr
from jaxtyping import Float, Int

from byheart import checks
from byheart.auditing.probes import HeldOutLogProbabilities, TrainingScores
from byheart.data.balanced_half import BalancedHalf
from byheart.data.split import Split
from byheart.populations.population import Population
from byheart.populations.sweep import PopulationSweep
from byheart.statistics.training_dynamics import epochs_to_learn, forgetting_events
from byheart.sweeps.layout import Layout, layout_for
from byheart.sweeps.protocol import Checkpoint, NoCheckpoint, ProgramDescription
from byheart.sweeps.results import NEVER
from byheart.training.member import Member
from byheart.training.recipe import Recipe

TRAINING_SCORES = (
    "area_under_margin",
    "mean_loss",
    "epochs_to_learn",
    "forgetting_events",
    "confidence",
    "variability",
    "early_error",
)
"""Scores of training, of each pair and example: numbers of the network that saw the example."""
SCORES = (*TRAINING_SCORES, "is_right")
"""Numbers that are stored of each pair and example; `is_right` is after the last epoch."""


@dataclasses.dataclass(frozen=True)
class PairSweep(PopulationSweep):
    """Networks in complementary pairs: the members at places 2 k and 2 k + 1 are trained on complementary halves."""

    def chunk_sizes(self, split: Split, layout: Layout | None = None) -> tuple[int, ...]:
        """Return an even chunk size that fits into memory and leaves the last chunk as full as the others."""
        (largest,) = super().chunk_sizes(split, layout)
        n = len(self.members)
        sizes = range(max(2, largest - largest % 2), 1, -2)
        return (min(sizes, key=lambda size: (-(-n // size) * size - n, -size)),)

    def program(self, split: Split, n_members: int, layout: Layout | None = None) -> "PairProgram":
        """Return the program that trains networks and reduces each pair to the numbers of its examples."""
        return PairProgram(self, split, layout or layout_for(n_members))


def pair_sweep(recipe: Recipe, class_counts: Sequence[int], n_networks: int, seed_base: int) -> PairSweep:
    """Return the sweep over `n_networks` networks, an even number.

    Args:
        recipe: of all networks.
        class_counts: number of examples of each class.
        n_networks: number of networks.
        seed_base: the first seed, of a network's initialization and shuffling and of the halves of its pair.
    """
    counts = tuple(class_counts)
    members = tuple(
        Member(seed_base + place, inclusion=BalancedHalf(counts, seed_base + place // 2, bool(place % 2)))
        for place in range(n_networks)
    )
    return PairSweep(
        recipe,
        members,
        measures=(TrainingScores(),),
        measured_epochs=tuple(range(1, recipe.epochs + 1)),
        final_measures=(HeldOutLogProbabilities(),),
    )


class PairProgram:
    """A `SweepProgram` whose results are over (pair, example) in place of (member, ...).

    Args:
        sweep: of the networks.
        split: the examples, ordered by class, in the training part.
        layout: distribution of networks over devices.
    """

    def __init__(self, sweep: PairSweep, split: Split, layout: Layout) -> None:
        self._population = Population(sweep, split, layout)
        self._n_examples = len(split.training)

    def results(
        self, chunk: PairSweep, on_progress: Callable[[int], None], checkpoint: Checkpoint = NoCheckpoint()
    ) -> xr.Dataset:
        """Return the numbers of the pairs of a chunk.

        Variables: `log_probability` (pair, example, class), each of `SCORES` (pair, example), and `diverged_epoch`
        (member). NaN: the network that would give the number diverged, or neither network of the pair saw the example.
        """
        trace = self._population.results(chunk, on_progress, checkpoint)
        pairs = [
            _of_pair(trace.isel(member=slice(at, at + 2)), chunk.members[at : at + 2], self._n_examples)
            for at in range(0, len(chunk.members), 2)
        ]
        columns = {name: np.stack([pair[name] for pair in pairs]) for name in SCORES}
        logs = np.stack([pair["log_probability"] for pair in pairs])
        return xr.Dataset(
            {
                "log_probability": (("pair", "example", "class"), logs),
                **{name: (("pair", "example"), values) for name, values in columns.items()},
                "diverged_epoch": ("member", trace.diverged_epoch.values),
            },
            {"seed": trace.seed},
        )

    def describe(self) -> ProgramDescription:
        """Return the facts that are stored with results."""
        return self._population.describe()

    def program_of(self, chunk: PairSweep) -> Hashable:
        """Return a key of the compiled programs that a chunk needs."""
        return self._population.program_of(chunk)

    def compile(self, chunk: PairSweep) -> None:
        """Compile the programs of a chunk without training."""
        self._population.compile(chunk)


def _of_pair(trace: xr.Dataset, members: Sequence[Member], n_examples: int) -> dict[str, npt.NDArray[Any]]:
    """Return the numbers of a pair by name: `log_probability` (example, class) and each of `SCORES` (example,)."""
    if len(members) != 2:
        raise checks.Fault("A chunk of an audit does not hold whole pairs.")
    n_classes = trace.sizes["class"]
    found: dict[str, npt.NDArray[Any]] = {name: np.full(n_examples, np.nan, np.float32) for name in SCORES}
    found["log_probability"] = np.full((n_examples, n_classes), np.nan, np.float32)
    for place in (1, 0):  # An example that both networks leave out has the prediction of the first.
        if trace.diverged_epoch.values[place] != NEVER:
            continue
        of_one, seen = trace.isel(member=place), members[place].inclusion.indices(n_examples)
        held_out = np.setdiff1d(np.arange(n_examples), seen)
        found["log_probability"][held_out] = of_one.log_probability.values
        for name, values in _training_scores(of_one.margin.values, of_one.loss.values).items():
            found[name][seen] = values
    return found


def _training_scores(
    margin: Float[np.ndarray, "epoch included"], loss: Float[np.ndarray, "epoch included"]
) -> dict[str, Float[np.ndarray, " included"] | Int[np.ndarray, " included"]]:
    """Return the scores of training of one network; an example that it ends wrong on is learned one epoch too late."""
    is_right, probability = margin > 0, np.exp(-loss)
    n_epochs = len(margin)
    learned = epochs_to_learn(is_right, range(1, n_epochs + 1))
    return {
        "area_under_margin": margin.mean(axis=0, dtype=np.float64),
        "mean_loss": loss.mean(axis=0, dtype=np.float64),
        "epochs_to_learn": np.where(np.isfinite(learned), learned, n_epochs + 1),
        "forgetting_events": forgetting_events(is_right),
        "confidence": probability.mean(axis=0, dtype=np.float64),
        "variability": probability.std(axis=0, dtype=np.float64),
        "early_error": ~is_right[0],
        "is_right": is_right[-1],
    }
