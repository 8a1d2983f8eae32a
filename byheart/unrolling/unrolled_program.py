"""The program that trains the runs of a sweep and differentiates through them."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
import xarray as xr
from jaxtyping import Array, Int

from byheart import checks
from byheart.data.member_view import NoisySplit, TracedView, noise_attributes, noisy_split, views_of
from byheart.data.split import Split
from byheart.jax_settings import usual_settings
from byheart.keys import key_for
from byheart.sweeps.compiling import compile_together
from byheart.sweeps.jax_description import described_program
from byheart.sweeps.layout import Layout, filled
from byheart.sweeps.parts import over_all_examples, with_is_included
from byheart.sweeps.protocol import Checkpoint, NoCheckpoint, ProgramDescription
from byheart.sweeps.results import NEVER, with_variable
from byheart.sweeps.variable import Variable
from byheart.training.optimizers import rate_of
from byheart.unrolling.adjoint_blocks import OVERHEAD, block_size, blocks_of
from byheart.unrolling.checkpoints import Segments, bytes_per_state
from byheart.unrolling.compiled_runs import CompiledRuns, kept_of, last_accuracy
from byheart.unrolling.gradients import numbers_per_step
from byheart.unrolling.member import UnrolledMember
from byheart.unrolling.plan import RunSizes
from byheart.unrolling.programs import UnrolledRuns, Unrolling
from byheart.unrolling.run_measures import RunGradients
from byheart.unrolling.sweep import UnrolledSweep
from byheart.unrolling.training_run import TrainingRun, network_run

TRAINING_ACCURACY = Variable(
    "share of training examples predicted as labelled, noise included, at the last checkpoint of the run"
)


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
        members, compiled = chunk.members, self._compiled(self.program_of(chunk))
        on_progress(0)
        filled = self._filled(members)
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

    def program_of(self, chunk: UnrolledSweep) -> bool:
        """Return a key of the compiled programs that a chunk needs: whether its members have unique classes.

        Raises:
            BadInput: members that differ in `unique_classes`.
        """
        unique = chunk.members[0].unique_classes
        if any(member.unique_classes != unique for member in chunk.members):
            raise checks.BadInput("The members of a chunk must agree in `unique_classes`; got both True and False.")
        return unique

    @usual_settings()
    def compile(self, chunk: UnrolledSweep) -> None:
        """Compile the programs of a chunk without training. `results` then finds them, since JAX keeps them."""
        compiled, filled = self._compiled(self.program_of(chunk)), self._filled(chunk.members)
        build = compiled.build.lower(*self._traced(filled), self._data)
        arrays = self.layout.shapes(build.out_info)
        wanted = [build]
        for runs, blocks in zip(compiled.measured, compiled.blocks, strict=True):
            wanted += runs.lowered(arrays, np.tile(blocks.steps[0], (len(filled), 1)))
        checkpoints = self.layout.shapes(wanted[1].out_info)
        compile_together([*wanted, compiled.accuracy.lower(arrays, checkpoints, None)])

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

    def _filled(self, members: Sequence[UnrolledMember]) -> list[UnrolledMember]:
        """Return the members of a chunk, padded by the last one to the size of the largest chunk so far."""
        self._largest = max(self._largest, len(members))
        return filled(members, self.layout.padded(self._largest))

    def _traced(self, members: Sequence[UnrolledMember]) -> tuple[Int[Array, " member"], TracedView]:
        """Return seeds and views of members, stacked."""
        views = views_of(self._data, [one.noise for one in members], [one.inclusion for one in members])
        seeds = jnp.asarray(np.array([member.seed for member in members], np.int32))
        return seeds, views

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
