"""A sweep of training runs that are differentiated through, and the program that computes it."""

import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
import xarray as xr
from jaxtyping import Array, Int

from byheart import checks, literals
from byheart.data.batches import Batches, Shuffled
from byheart.data.inclusion import check_all_or_parts, common_size
from byheart.data.member_view import NoisySplit, TracedView, noise_attributes, noise_levels, noisy_split, views_of
from byheart.data.noise import Noise, kinds_of
from byheart.data.split import Split
from byheart.jax_settings import usual_settings
from byheart.keys import key_for
from byheart.networks.losses import CrossEntropy, Loss, check_loss
from byheart.networks.network import Architecture
from byheart.sweeps.jax_description import described_program
from byheart.sweeps.layout import Layout, layout_for
from byheart.sweeps.parts import inclusion_column, over_all_examples, with_is_included
from byheart.sweeps.plan import PlannedPopulation, sizes_of
from byheart.sweeps.protocol import Checkpoint, Coordinate, NoCheckpoint, ProgramDescription
from byheart.sweeps.results import NEVER, with_variable
from byheart.sweeps.variable import Variable
from byheart.training.optimizers import SGD, Optimizer, as_optimizer, rate_of
from byheart.training.recipe import Recipe
from byheart.unrolling.adjoint_blocks import OVERHEAD, block_size, blocks_of
from byheart.unrolling.checkpoints import Checkpointing, Segments, SquareRoot, bytes_per_state
from byheart.unrolling.compiled_runs import CompiledRuns, kept_of, last_accuracy
from byheart.unrolling.differentiable_update import check_differentiable
from byheart.unrolling.gradients import numbers_per_step
from byheart.unrolling.member import UnrolledMember
from byheart.unrolling.plan import RunSizes, planned_runs
from byheart.unrolling.programs import UnrolledRuns, Unrolling
from byheart.unrolling.run_measures import RunGradients, RunMeasure
from byheart.unrolling.training_run import TrainingRun, network_run

TRAINING_ACCURACY = Variable(
    "share of training examples predicted as labelled, noise included, at the last checkpoint of the run"
)
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
        program, found = self.program(split, max(sizes)), []
        recipe = Recipe(self.architecture, self.optimizer, self.batch_size, epochs=1)
        for unique in sorted({member.unique_classes for member in self.members}):
            chunks = sizes_of(chunk for chunk in self.chunks(sizes) if chunk.members[0].unique_classes == unique)
            found.append(planned_runs(recipe, program.run_sizes(unique), split, unique, chunks, program.layout))
        return tuple(found)

    def program(self, split: Split, n_members: int, layout: Layout | None = None) -> "UnrolledProgram":
        """Return the program that computes members; on all local devices where no layout is given."""
        return UnrolledProgram(self, split, layout or layout_for(n_members))


class UnrolledProgram:
    """Trains members of a sweep and differentiates through their runs.

    Compiles once for members with unique classes and once for the others.

    Args:
        sweep: the sweep; of its members, only the number of examples that each is trained on matters.
        split: clean data; only the training part is used.
        layout: how members are distributed over devices.
    """

    @usual_settings()
    def __init__(self, sweep: UnrolledSweep, split: Split, layout: Layout) -> None:
        self.sweep, self.split, self.layout = sweep, split, layout
        sweep.check(split)
        self._data: NoisySplit = layout.replicated(noisy_split(split, sweep.noise_seed, sweep.kinds))
        self._compiled = functools.cache(self._compile)
        self._largest = 0

    @usual_settings()
    def results(
        self, chunk: UnrolledSweep, on_progress: Callable[[int], None], checkpoint: Checkpoint = NoCheckpoint()
    ) -> xr.Dataset:
        """Compute the measures of a chunk's members, over (member, ...).

        Raises:
            BadInput: members that differ in `unique_classes`.
        """
        members = chunk.members
        self._largest = max(self._largest, len(members))
        unique = members[0].unique_classes
        if any(member.unique_classes != unique for member in members):
            raise checks.BadInput("The members of a chunk must agree in `unique_classes`; got both True and False.")
        on_progress(0)
        compiled = self._compiled(unique)
        padding = self.layout.padded(self._largest) - len(members)
        filled = [*members, *[members[-1]] * padding]
        arrays = compiled.build(*self._traced(filled), self._data)
        checkpoints = compiled.measured[0].checkpoints(arrays)
        labels, batches = np.asarray(arrays.examples.targets), np.asarray(arrays.batches)
        inclusions = [member.inclusion for member in members]
        dataset = xr.Dataset(coords=chunk.coordinates(), attrs=noise_attributes(chunk.kinds))
        accuracy = np.asarray(jax.device_get(compiled.accuracy(arrays, checkpoints, None)))[: len(members)]
        dataset = with_variable(dataset, "training_accuracy", TRAINING_ACCURACY, ("member",), accuracy)
        done, gradients = 0, _in_pairs(checkpoint.load() or [])
        n_restored, n_blocks_done = len(gradients), 0
        for measure, runs, blocks in zip(self.sweep.measures, compiled.measured, compiled.blocks, strict=True):
            for steps in blocks.steps:
                if n_blocks_done >= n_restored:
                    kept, not_finite_at = runs.sweep_back(arrays, checkpoints, np.tile(steps, (len(filled), 1)))
                    gradients.append((kept[: len(members)], not_finite_at[: len(members)]))
                    if checkpoint.is_due():
                        checkpoint.save([array for pair in gradients for array in pair])
                n_blocks_done += 1
                on_progress(done := done + int((steps != NEVER).sum()))
            own = gradients[n_blocks_done - len(blocks.steps) : n_blocks_done]
            kept, not_finite_at = (np.concatenate(parts, axis=1)[:, blocks.place] for parts in zip(*own, strict=True))
            following = np.minimum(measure.steps, self.sweep.horizon - 1)
            numbers = [
                measure.numbers(RunGradients(kept[one], not_finite_at[one], labels[one][batches[one][following]]))
                for one in range(len(members))
            ]
            n_examples = len(self.split.training)
            for name, variable in measure.variables(n_examples, compiled.n_classes).items():
                values = over_all_examples([one[name] for one in numbers], variable, inclusions, n_examples)
                dataset = with_variable(dataset, name, variable, ("member",), values)
        return with_is_included(dataset, inclusions)

    def describe(self) -> ProgramDescription:
        """Return what is stored with results."""
        return described_program(self.split, self.layout)

    def run_sizes(self, unique_classes: bool) -> RunSizes:
        """Return the sizes of one run, for plans; memory is that of kept states and of a block's adjoints."""
        compiled = self._compiled(unique_classes)
        adjoints = [blocks.steps.shape[1] * n for blocks, n in zip(compiled.blocks, compiled.per_step, strict=True)]
        updates = [int((blocks.steps.max(axis=1) + 1).sum()) for blocks in compiled.blocks]
        states = (compiled.segments.length + compiled.segments.n) * compiled.state_bytes
        return RunSizes(
            self.sweep.horizon,
            self.sweep.n_training(self.split),
            adjoint_updates=sum(n * (OVERHEAD + width) for n, width in zip(updates, adjoints, strict=True)),
            adjoints_at_once=max(adjoints),
            n_bytes=states + max(adjoints) * (compiled.state_bytes + self.split.training.inputs.nbytes),
        )

    def _compile(self, unique: bool) -> "CompiledRuns":
        n_classes = self.sweep.n_training(self.split) if unique else self.split.n_classes
        statics: list[TrainingRun] = []
        shapes: list[tuple[Segments, list[int], int]] = []

        def build(seed: Int[Array, ""], view: TracedView, data: NoisySplit) -> TrainingRun:
            run = self._run(seed, view, data, unique, n_classes)
            arrays, static = eqx.partition(run, eqx.is_array)
            statics.append(static)
            counts = [numbers_per_step(run, measure.scalars(n_classes)) for measure in self.sweep.measures]
            shapes.append((Segments.of(run, self.sweep.checkpointing), counts, bytes_per_state(run)))
            return arrays

        first = next(iter(self.sweep.members), UnrolledMember())
        one = jax.tree.map(lambda leaf: leaf[0], self._traced([first]))
        jax.eval_shape(build, *one, self._data)
        segments, counts, state_bytes = shapes[0]
        measured = [
            UnrolledRuns(
                Unrolling(
                    statics[0],
                    segments,
                    measure.scalars(n_classes),
                    ("inputs",),
                    measure.with_direct,
                    functools.partial(kept_of, measure, n_classes),
                ),
                self.layout,
            )
            for measure in self.sweep.measures
        ]
        n_bytes = self.split.training.inputs.nbytes
        blocks = [
            blocks_of(measure.steps, block_size(measure.steps, count, n_bytes, n_devices=1), n_devices=1)
            for measure, count in zip(self.sweep.measures, counts, strict=True)
        ]
        accuracy = self.layout.over_members(functools.partial(last_accuracy, statics[0]))
        return CompiledRuns(
            n_classes, self.layout.over_members(build), accuracy, measured, blocks, counts, segments, state_bytes
        )

    def _traced(self, members: Sequence[UnrolledMember]) -> tuple[Int[Array, " member"], TracedView]:
        """Return seeds and views of members, stacked."""
        views = views_of(self._data, [one.noise for one in members], [one.inclusion for one in members])
        return jnp.array([member.seed for member in members], jnp.int32), views

    def _run(
        self, seed: Int[Array, ""], view: TracedView, data: NoisySplit, unique: bool, n_classes: int
    ) -> TrainingRun:
        """The training run of one member."""
        sweep, seen = self.sweep, data.for_member(view).training
        n = seen.n_examples
        labels = jnp.arange(n) if unique else seen.labels
        network = sweep.architecture.build(self.split.input_shape, n_classes, key_for("initialization", seed))
        optimizer = sweep.optimizer.transformation(rate_of(sweep.optimizer), n // sweep.batch_size)
        batches = sweep.batches(n, sweep.batch_size, sweep.horizon, key_for("shuffling", seed))
        inputs = seen.inputs if seen.standardizer is None else seen.standardizer(seen.inputs)
        return network_run(network, optimizer, inputs, labels, batches, sweep.loss)


def _in_pairs(arrays: Sequence[npt.NDArray[Any]]) -> list[tuple[npt.NDArray[Any], npt.NDArray[Any]]]:
    return list(zip(arrays[::2], arrays[1::2], strict=True))
