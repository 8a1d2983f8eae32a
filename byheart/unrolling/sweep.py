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
from jaxtyping import Array, Float, Int, PyTree

from byheart import checks
from byheart.data.batches import Batches, Shuffled
from byheart.data.dataset import Split
from byheart.data.noise import NoiseFamily
from byheart.jax_settings import usual_settings
from byheart.keys import key_for
from byheart.networks.blocks import block_for, in_blocks
from byheart.networks.losses import CrossEntropy, Loss
from byheart.networks.network import Architecture
from byheart.sweeps.layout import Layout
from byheart.sweeps.protocol import Checkpoint, Coordinate, NoCheckpoint
from byheart.sweeps.results import NEVER
from byheart.sweeps.variable import Variable
from byheart.training.optimizers import SGD
from byheart.unrolling.adjoint_blocks import OVERHEAD, Blocks, block_size, blocks_of
from byheart.unrolling.checkpoints import Checkpointing, Segments, SquareRoot, bytes_per_state
from byheart.unrolling.gradients import numbers_per_step
from byheart.unrolling.losses import class_members
from byheart.unrolling.programs import UnrolledRuns, Unrolling
from byheart.unrolling.random_inputs import (
    GaussianInputs,
    RandomInputs,
    TracedUnrolledMember,
    UnrolledMember,
    family_of,
)
from byheart.unrolling.run_measures import Found, RunMeasure
from byheart.unrolling.training_run import Examples, State, TrainingRun, network_run

TRAINING_ACCURACY = Variable(
    "share of training examples predicted as labelled, noise included, at the last checkpoint of the run"
)
MEMBERS_ON_A_DEVICE = 1
"""In a chunk: a run takes seconds to minutes, a chunk is what an interruption loses, and one that is not full is filled up with repetitions."""


@dataclasses.dataclass(frozen=True)
class UnrolledSweep:
    """Training runs of one kind, and what is measured of them by differentiating through.

    Attributes:
        architecture: the network.
        members: what differs; those with unique classes stand together.
        horizon: updates of each run.
        measures: what is measured of each run.
        optimizer: the update rule.
        batch_size: examples in a minibatch.
        batches: how minibatches are drawn.
        loss: what is minimized, and whose sensitivity is measured.
        random_inputs: what replaces inputs.
        noise_seed: which draw of the noise; the same for all members.
        checkpointing: which states of a run are kept.
    """

    architecture: Architecture
    members: tuple[UnrolledMember, ...]
    horizon: int
    measures: tuple[RunMeasure, ...]
    optimizer: SGD = SGD(0.1)
    batch_size: int = 32
    batches: Batches = Shuffled()
    loss: Loss = CrossEntropy()
    random_inputs: RandomInputs = GaussianInputs()
    noise_seed: int = 0
    checkpointing: Checkpointing = SquareRoot()

    unit: ClassVar[str] = "step"

    @property
    def length(self) -> int:
        """Steps at which numbers are differentiated, which progress counts."""
        return sum(len(measure.steps) for measure in self.measures)

    def coordinates(self) -> Mapping[str, Coordinate]:
        """The members' settings, along the axis `member` of results."""
        names = [field.name for field in dataclasses.fields(UnrolledMember)]
        return {name: ("member", np.array([getattr(member, name) for member in self.members])) for name in names}

    def chunk_sizes(self, split: Split, layout: Layout) -> tuple[int, ...]:
        """One on each device."""
        del split
        return (layout.padded(min(len(self.members), MEMBERS_ON_A_DEVICE * len(layout.devices))),)

    def weight(self, split: Split) -> float:
        """Numbers of a member's loss, or losses, that are differentiated at each step; all members' together."""
        outputs = [len(split.training) if member.unique_classes else split.n_classes for member in self.members]
        return float(sum(outputs))

    def chunks(self, sizes: Sequence[int]) -> list["UnrolledSweep"]:
        """The same sweep in pieces of at most so many members (one number), in order; none mixes unique classes with others."""
        (size,) = sizes
        pieces: list[tuple[UnrolledMember, ...]] = []
        for unique in (False, True):
            alike = tuple(member for member in self.members if member.unique_classes == unique)
            pieces += [alike[start : start + size] for start in range(0, len(alike), size)]
        return [dataclasses.replace(self, members=piece) for piece in pieces]

    def program(self, split: Split, layout: Layout) -> "UnrolledProgram":
        """What computes members."""
        return UnrolledProgram(self, split, layout)


class UnrolledProgram:
    """Trains members of a sweep and differentiates through their runs; compiled once for each kind of classes.

    Args:
        sweep: its members are not looked at.
        split: clean data, of which the training part is used.
        layout: how members are laid over devices.
    """

    @usual_settings()
    def __init__(self, sweep: UnrolledSweep, split: Split, layout: Layout) -> None:
        self.sweep, self.split, self.layout = sweep, split, layout
        sweep.architecture.check(split.image_shape)
        last = max(step for measure in sweep.measures for step in measure.steps)
        if last > sweep.horizon:
            raise checks.BadInput(
                f"`horizon` must be at least {last}, where something is measured; got {sweep.horizon}."
            )
        self._family: NoiseFamily = layout.replicated(family_of(split.training, sweep.random_inputs, sweep.noise_seed))
        self._kind = functools.cache(self._kind_of)
        self._largest = 0

    @usual_settings()
    def results(
        self, chunk: UnrolledSweep, on_progress: Callable[[int], None], checkpoint: Checkpoint = NoCheckpoint()
    ) -> xr.Dataset:
        """The numbers of a chunk's members, which must agree in `unique_classes`, over (member, ...)."""
        members = chunk.members
        self._largest = max(self._largest, len(members))
        unique = members[0].unique_classes
        if any(member.unique_classes != unique for member in members):
            raise checks.BadInput("Members that are computed together must agree in `unique_classes`.")
        on_progress(0)
        kind = self._kind(unique)
        padding = self.layout.padded(self._largest) - len(members)
        traced = TracedUnrolledMember.of([*members, *[members[-1]] * padding], len(self.split.training))
        arrays = kind.build(traced, self._family)
        checkpoints = kind.measured[0].checkpoints(arrays)
        labels, batches = np.asarray(arrays.examples.targets), np.asarray(arrays.batches)
        dataset = xr.Dataset(coords=dataclasses.replace(self.sweep, members=tuple(members)).coordinates())
        accuracy = np.asarray(jax.device_get(kind.accuracy(arrays, checkpoints, None)))[: len(members)]
        dataset["training_accuracy"] = ("member", accuracy, {"long_name": TRAINING_ACCURACY.long_name})
        done, swept = 0, _in_pairs(checkpoint.load() or [])
        n_taken_up, n_swept = len(swept), 0
        for measure, runs, blocks in zip(self.sweep.measures, kind.measured, kind.blocks, strict=True):
            for steps in blocks.steps:
                if n_swept >= n_taken_up:
                    kept, not_finite_at = runs.swept(arrays, checkpoints, np.tile(steps, (len(traced.seed), 1)))
                    swept.append((kept[: len(members)], not_finite_at[: len(members)]))
                    if checkpoint.is_due():
                        checkpoint.save([array for pair in swept for array in pair])
                n_swept += 1
                on_progress(done := done + int((steps != NEVER).sum()))
            found = swept[n_swept - len(blocks.steps) : n_swept]
            kept, not_finite_at = (np.concatenate(parts, axis=1)[:, blocks.place] for parts in zip(*found, strict=True))
            following = np.minimum(measure.steps, self.sweep.horizon - 1)
            numbers = [
                measure.numbers(Found(kept[one], not_finite_at[one], labels[one][batches[one][following]]))
                for one in range(len(members))
            ]
            for name, variable in measure.variables(len(self.split.training), kind.n_classes).items():
                axes = dict(variable.axes)
                dataset = dataset.assign_coords({axis: list(at) for axis, at in axes.items() if at is not None})
                values = np.stack([one[name] for one in numbers])
                dataset[name] = (("member", *axes), values, {"long_name": variable.long_name})
        return dataset

    def adjoint_updates(self, unique_classes: bool) -> int:
        """How many adjoints go back through how many updates, for one member; what else an update costs counts as `OVERHEAD` adjoints."""
        kind = self._kind(unique_classes)
        return sum(
            int((blocks.steps.max(axis=1) + 1).sum()) * (OVERHEAD + blocks.steps.shape[1] * per_step)
            for blocks, per_step in zip(kind.blocks, kind.per_step, strict=True)
        )

    def adjoints_at_once(self, unique_classes: bool) -> int:
        """The most adjoints of a member that go back together."""
        kind = self._kind(unique_classes)
        return max(
            blocks.steps.shape[1] * per_step for blocks, per_step in zip(kind.blocks, kind.per_step, strict=True)
        )

    def bytes_for(self, unique_classes: bool) -> int:
        """Bytes for one member: the states that are kept, and parameters and gradients of all examples for each adjoint of a block."""
        kind, adjoints = self._kind(unique_classes), self.adjoints_at_once(unique_classes)
        states = (kind.segments.length + kind.segments.n) * kind.state_bytes
        return states + adjoints * (kind.state_bytes + self.split.training.images.nbytes)

    def _kind_of(self, unique: bool) -> "_Kind":
        n_classes = len(self.split.training) if unique else self.split.n_classes
        statics: list[TrainingRun] = []
        shapes: list[tuple[Segments, list[int], int]] = []

        def build(member: TracedUnrolledMember, family: NoiseFamily) -> TrainingRun:
            run = self._run(member, family, unique, n_classes)
            arrays, static = eqx.partition(run, eqx.is_array)
            statics.append(static)
            counts = [numbers_per_step(run, measure.scalars(n_classes)) for measure in self.sweep.measures]
            shapes.append((Segments.of(run, self.sweep.checkpointing), counts, bytes_per_state(run)))
            return arrays

        one = jax.tree.map(lambda leaf: leaf[0], TracedUnrolledMember.of([UnrolledMember()], 1))
        jax.eval_shape(build, one, self._family)
        segments, counts, state_bytes = shapes[0]
        measured = [
            UnrolledRuns(
                Unrolling(
                    statics[0],
                    segments,
                    measure.scalars(n_classes),
                    ("inputs",),
                    measure.with_direct,
                    functools.partial(_kept, measure, n_classes),
                ),
                self.layout,
            )
            for measure in self.sweep.measures
        ]
        n_bytes = self.split.training.images.nbytes
        blocks = [
            blocks_of(measure.steps, block_size(measure.steps, count, n_bytes, n_devices=1), n_devices=1)
            for measure, count in zip(self.sweep.measures, counts, strict=True)
        ]
        accuracy = self.layout.over_members(functools.partial(_accuracy, statics[0]))
        return _Kind(
            n_classes, self.layout.over_members(build), accuracy, measured, blocks, counts, segments, state_bytes
        )

    def _run(self, member: TracedUnrolledMember, family: NoiseFamily, unique: bool, n_classes: int) -> TrainingRun:
        """The training run of one member."""
        sweep, n = self.sweep, len(self.split.training)
        images, labels = member.examples(family, unique)
        network = sweep.architecture.build(self.split.image_shape, n_classes, key_for("initialization", member.seed))
        optimizer = sweep.optimizer.transformation(sweep.optimizer.learning_rate, n // sweep.batch_size)
        batches = sweep.batches(n, sweep.batch_size, sweep.horizon, key_for("shuffling", member.seed))
        return network_run(network, optimizer, images, labels, batches, sweep.loss)


def _in_pairs(arrays: Sequence[npt.NDArray[Any]]) -> list[tuple[npt.NDArray[Any], npt.NDArray[Any]]]:
    return list(zip(arrays[::2], arrays[1::2], strict=True))


@dataclasses.dataclass(frozen=True)
class _Kind:
    """What is compiled for runs with true classes, or with one class an example.

    Attributes:
        n_classes: of the networks.
        build: from stacked members to the arrays of their runs.
        accuracy: from stacked arrays and checkpoints of runs to their accuracies.
        measured: what differentiates for each measure.
        blocks: the steps of each measure, in the order in which they are swept.
        per_step: numbers of each measure at a step.
        segments: of the states that are kept.
        state_bytes: bytes of one state.
    """

    n_classes: int
    build: Callable[..., TrainingRun]
    accuracy: Callable[..., Array]
    measured: list[UnrolledRuns]
    blocks: list[Blocks]
    per_step: list[int]
    segments: Segments
    state_bytes: int


def _accuracy(static: TrainingRun, arrays: TrainingRun, checkpoints: State, shared: None) -> Float[Array, ""]:
    """Of the network at the last checkpoint, on its training examples; NaN where a logit is not finite."""
    del shared
    run = eqx.combine(arrays, static)
    last = jax.tree.map(lambda leaf: leaf[-1], checkpoints)
    model, examples = run.model(last.parameters, last.statistics), run.examples

    def one_block(indices: Int[Array, " block"]) -> Float[Array, " block"]:
        logits = model(examples.inputs[indices])
        is_right = logits.argmax(axis=1) == examples.targets[indices]
        return jnp.where(jnp.isfinite(logits).all(axis=1), is_right, jnp.nan)

    return in_blocks(one_block, run.n_examples, block_for(model, examples.inputs.shape[1:])).mean()


def _kept(measure: RunMeasure, n_classes: int, run: TrainingRun, gradient: Examples, direct: Examples | None) -> PyTree:
    return measure.keep(gradient, direct, class_members(run.examples.targets, n_classes))
