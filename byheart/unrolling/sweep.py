"""A sweep of training runs that are differentiated through: settings, measures, and what they cost."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np

from byheart import checks, literals
from byheart.data.batches import Batches, Shuffled
from byheart.data.inclusion import check_all_or_parts, common_size
from byheart.data.member_view import noise_levels
from byheart.data.noise import Noise, kinds_of
from byheart.data.split import Split
from byheart.networks.losses import CrossEntropy, Loss, check_loss
from byheart.networks.network import Architecture
from byheart.sweeps.layout import Layout, layout_for
from byheart.sweeps.parts import inclusion_column
from byheart.sweeps.plan import PlannedPopulation, sizes_of
from byheart.sweeps.protocol import Coordinate, SweepProgram
from byheart.training.optimizers import SGD, Optimizer, as_optimizer
from byheart.training.recipe import Recipe
from byheart.unrolling.checkpoints import Checkpointing, SquareRoot
from byheart.unrolling.differentiable_update import check_differentiable
from byheart.unrolling.member import UnrolledMember
from byheart.unrolling.plan import planned_runs
from byheart.unrolling.run_measures import RunMeasure

MEMBERS_ON_A_DEVICE = 1
"""Members per device in a chunk.

A run takes seconds to minutes, and an interruption loses at most one chunk. A chunk that is not full is padded with
repetitions, which also take time.
"""


@dataclasses.dataclass(frozen=True)
class UnrolledSweep:
    """Training runs with one architecture and optimizer, and the measures that differentiate through them.

    Images are trained on as they are. Vectors are standardized first, by the mean and deviation of the training data,
    so that sensitivities are for a change of one standard deviation.

    Attributes:
        architecture: the network.
        members: the settings that differ between runs; members with unique classes form chunks of their own.
        horizon: number of updates of each run.
        measures: the measures computed for each run.
        optimizer: the update rule; it must have a derivative where a gradient is 0, as Adam has with an `eps_root`.
        batch_size: examples in a minibatch.
        batches: how minibatches are drawn.
        loss: the loss that training minimizes and whose sensitivity is measured.
        noise_seed: seed of the noise; the same for all members.
        checkpointing: which states of a run are kept in memory.
        kinds: kinds of noise that results have a column for, at any level; those that members name are added.
    """

    architecture: Architecture
    members: tuple[UnrolledMember, ...]
    horizon: int
    measures: tuple[RunMeasure, ...]
    optimizer: Optimizer = SGD(0.1)
    batch_size: int = 32
    batches: Batches = Shuffled()
    loss: Loss = CrossEntropy()
    noise_seed: int = 0
    checkpointing: Checkpointing = SquareRoot()
    kinds: tuple[Noise, ...] = ()

    unit: ClassVar[str] = "step"

    def __post_init__(self) -> None:
        literals.check_is_a("architecture", self.architecture, Architecture)
        object.__setattr__(self, "optimizer", as_optimizer(self.optimizer))
        check_differentiable(self.optimizer)
        literals.check_is_a("batches", self.batches, Batches)
        check_loss("loss", self.loss)
        kinds = kinds_of([*self.kinds, *(noise for member in self.members for noise in member.noise)])
        object.__setattr__(self, "kinds", kinds)
        check_all_or_parts(one.inclusion for one in self.members)

    @property
    def length(self) -> int:
        """Number of steps at which losses are differentiated, over all measures; progress counts these."""
        return sum(len(measure.steps) for measure in self.measures)

    def coordinates(self) -> Mapping[str, Coordinate]:
        """Return the members' settings, as coordinates along the axis `member` of the results."""
        settings = {name: np.array([getattr(one, name) for one in self.members]) for name in ("unique_classes", "seed")}
        settings |= noise_levels([member.noise for member in self.members], self.kinds)
        settings |= inclusion_column([member.inclusion for member in self.members])
        return {name: ("member", values) for name, values in settings.items()}

    def check(self, split: Split) -> None:
        """Raise `BadInput` if the network, noise or inclusions do not fit the data, or the runs are too short."""
        self.n_training(split)
        self.architecture.check(split.input_shape)
        for kind in self.kinds:
            kind.check(split.input_shape, split.n_classes)
        last = max(step for measure in self.measures for step in measure.steps)
        if last > self.horizon:
            raise checks.BadInput(
                f"`horizon` must be at least {last}, the last step that a measure asks for; got {self.horizon}."
            )

    def chunk_sizes(self, split: Split, layout: Layout | None = None) -> tuple[int, ...]:
        """Return the size of a chunk: `MEMBERS_ON_A_DEVICE` members on each device, at most all members."""
        del split
        layout = layout or layout_for(len(self.members))
        return (layout.padded(min(len(self.members), MEMBERS_ON_A_DEVICE * len(layout.devices))),)

    def weight(self, split: Split) -> float:
        """Return the number of network outputs, summed over members; the cost of a chunk grows with it."""
        n = self.n_training(split)
        outputs = [n if member.unique_classes else split.n_classes for member in self.members]
        return float(sum(outputs))

    def n_training(self, split: Split) -> int:
        """Return the number of training examples of each run.

        Raises:
            BadInput: runs have different numbers of examples.
        """
        return common_size((one.inclusion for one in self.members), len(split.training))

    def only(self, chosen: Sequence[int]) -> "UnrolledSweep":
        """Return the sweep with the members at the chosen places alone."""
        return dataclasses.replace(self, members=tuple(self.members[place] for place in chosen))

    def chunks(self, sizes: Sequence[int]) -> list["UnrolledSweep"]:
        """Split the sweep into chunks of at most `sizes[0]` members, in order.

        No chunk mixes members with unique classes and others.
        """
        (size,) = sizes
        pieces: list[tuple[UnrolledMember, ...]] = []
        for unique in (False, True):
            alike = tuple(member for member in self.members if member.unique_classes == unique)
            pieces += [alike[start : start + size] for start in range(0, len(alike), size)]
        return [dataclasses.replace(self, members=piece) for piece in pieces]

    def plan(self, split: Split, sizes: Sequence[int]) -> tuple[PlannedPopulation, ...]:
        """Return what the runs take: those with true classes, and those with one class for each example."""
        from byheart.unrolling.unrolled_program import UnrolledProgram  # It needs this class.

        program, found = UnrolledProgram(self, split, layout_for(max(sizes))), []
        recipe = Recipe(self.architecture, self.optimizer, self.batch_size, epochs=1)
        for unique in sorted({member.unique_classes for member in self.members}):
            chunks = sizes_of(chunk for chunk in self.chunks(sizes) if chunk.members[0].unique_classes == unique)
            found.append(planned_runs(recipe, program.run_sizes(unique), split, unique, chunks, program.layout))
        return tuple(found)

    def program(self, split: Split, n_members: int, layout: Layout | None = None) -> SweepProgram:
        """Return the program that computes members; on all local devices where no layout is given."""
        from byheart.unrolling.unrolled_program import UnrolledProgram  # It needs this class.

        return UnrolledProgram(self, split, layout or layout_for(n_members))
