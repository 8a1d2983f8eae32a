"""The classifiers of an audit with a learner, in complementary pairs, as `pair_sweep` has networks.

A learner is any function, so nothing is known of its training: the scores of training are NaN, and no memory or time
can be estimated.
"""

import dataclasses
import platform
from collections.abc import Callable, Mapping, Sequence

import jax
import numpy as np
import numpy.typing as npt
import xarray as xr
from jaxtyping import Float, Int

from byheart.auditing.learners import Learner, checked_probabilities, name_of_learner
from byheart.auditing.pair_sweep import SCORES
from byheart.data.balanced_half import BalancedHalf
from byheart.data.split import Split
from byheart.sweeps.plan import PlannedPopulation
from byheart.sweeps.protocol import Checkpoint, Coordinate, NoCheckpoint, ProgramDescription
from byheart.sweeps.results import NEVER


@dataclasses.dataclass(frozen=True)
class Half:
    """A classifier that is trained on one half of the examples.

    Attributes:
        seed: of the learner.
        inclusion: the half.
    """

    seed: int
    inclusion: BalancedHalf


@dataclasses.dataclass(frozen=True)
class LearnerSweep:
    """Classifiers in complementary pairs: the members at places 2 k and 2 k + 1 are trained on complementary halves.

    Attributes:
        name: of the learner.
        members: the classifiers.
        learner: trains them; `name` stands for it in results.
    """

    name: str
    members: tuple[Half, ...]
    learner: Learner = dataclasses.field(repr=False, compare=False)
    length: int = dataclasses.field(default=2, repr=False)
    unit: str = dataclasses.field(default="fit", repr=False)

    @classmethod
    def of(cls, learner: Learner, class_counts: Sequence[int], n_members: int, seed_base: int) -> "LearnerSweep":
        """Return the sweep over `n_members` classifiers, an even number; arguments are those of `pair_sweep`."""
        counts = tuple(class_counts)
        halves = (
            Half(seed_base + place, BalancedHalf(counts, seed_base + place // 2, bool(place % 2)))
            for place in range(n_members)
        )
        return cls(name_of_learner(learner), tuple(halves), learner)

    def coordinates(self) -> Mapping[str, Coordinate]:
        """Return the seeds."""
        return {"seed": ("member", np.array([one.seed for one in self.members]))}

    def check(self, split: Split) -> None:
        """Do nothing: only the learner knows what it can be trained on."""

    def chunk_sizes(self, split: Split) -> tuple[int, ...]:
        """Return 2: a pair is stored as soon as it is trained."""
        return (2,)

    def chunks(self, sizes: Sequence[int]) -> Sequence["LearnerSweep"]:
        """Return sweeps over the pairs, of the given even number of members each."""
        (size,) = sizes
        return [self.only(range(at, min(at + size, len(self.members)))) for at in range(0, len(self.members), size)]

    def only(self, chosen: Sequence[int]) -> "LearnerSweep":
        """Return the sweep with the members at the chosen places alone."""
        return dataclasses.replace(self, members=tuple(self.members[place] for place in chosen))

    def weight(self, split: Split) -> float:
        """Return the number of members: they take the same time, as far as one can know."""
        return float(len(self.members))

    def plan(self, split: Split, sizes: Sequence[int]) -> tuple[PlannedPopulation, ...]:
        """Return the numbers of members; their memory and time are unknown, and count as 0."""
        chunks = tuple(len(chunk.members) for chunk in self.chunks(sizes))
        return (PlannedPopulation((self.name,), chunks, chunk_bytes=0, seconds=0.0, seconds_on_h100=0.0),)

    def program(self, split: Split, n_members: int) -> "LearnerProgram":
        """Return the program that trains classifiers one after the other."""
        return LearnerProgram(self.learner, split)


class LearnerProgram:
    """A `SweepProgram` that calls a learner; its results are those of `PairProgram`.

    Args:
        learner: trains a classifier.
        split: the examples, ordered by class, in the training part.
    """

    def __init__(self, learner: Learner, split: Split) -> None:
        self._learner, self._split = learner, split
        self._inputs = np.asarray(split.training.inputs)
        self._labels = split.training.labels.astype(np.int64)

    def results(
        self, chunk: LearnerSweep, on_progress: Callable[[int], None], checkpoint: Checkpoint = NoCheckpoint()
    ) -> xr.Dataset:
        """Return the numbers of the pairs of a chunk.

        Variables: `log_probability` (pair, example, class), each of `SCORES` (pair, example) and `diverged_epoch`
        (member). All scores are NaN but `is_right`, of the classifier that was trained on the example.

        Raises:
            BadInput: the learner predicts no probabilities.
        """
        n, n_pairs = len(self._labels), len(chunk.members) // 2
        logs = np.full((n_pairs, n, self._split.n_classes), np.nan, np.float32)
        scores = {name: np.full((n_pairs, n), np.nan, np.float32) for name in SCORES}
        for place, half in enumerate(chunk.members):
            seen = half.inclusion.indices(n)
            held_out = np.setdiff1d(np.arange(n), seen)
            of_all = self._log_probabilities(seen, half.seed)
            pair = place // 2
            is_new = np.isnan(logs[pair, held_out, 0])  # An example that both leave out has the first one's prediction.
            logs[pair, held_out[is_new]] = of_all[held_out[is_new]]
            scores["is_right"][pair, seen] = of_all[seen].argmax(axis=1) == self._labels[seen]
            on_progress(1 + place * chunk.length // len(chunk.members))
        on_progress(chunk.length)
        columns: dict[str, tuple[tuple[str, ...], npt.NDArray[np.float32]]] = {
            name: (("pair", "example"), values) for name, values in scores.items()
        }
        columns["log_probability"] = (("pair", "example", "class"), logs)
        diverged = np.full(len(chunk.members), NEVER)
        return xr.Dataset({**columns, "diverged_epoch": ("member", diverged)}, chunk.coordinates())

    def describe(self) -> ProgramDescription:
        """Return the facts that are stored with results."""
        data = self._split.training
        return ProgramDescription(
            devices=f"{platform.machine()} CPU",
            versions={"jax": jax.__version__},
            n_classes=self._split.n_classes,
            class_names=data.class_names,
            class_counts=tuple(data.class_counts.tolist()),
        )

    def _log_probabilities(self, seen: Int[np.ndarray, " seen"], seed: int) -> Float[np.ndarray, "example class"]:
        """Return the log-probability of each class for all examples; classes that were not seen get the smallest."""
        present, labels = np.unique(self._labels[seen], return_inverse=True)
        predict = self._learner(self._inputs[seen], labels, seed)
        found = checked_probabilities(predict(self._inputs), len(self._inputs), len(present))
        whole = np.full((len(self._inputs), self._split.n_classes), found.min())
        whole[:, present] = found
        return np.log(whole / whole.sum(axis=1, keepdims=True))
