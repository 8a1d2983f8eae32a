"""The programs compiled for runs that share a number of classes, and what they compute of each run."""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, PyTree

from byheart.networks.blocks import block_for, in_blocks
from byheart.unrolling.adjoint_blocks import Blocks
from byheart.unrolling.checkpoints import Segments
from byheart.unrolling.losses import class_members
from byheart.unrolling.programs import UnrolledRuns
from byheart.unrolling.run_measures import RunMeasure
from byheart.unrolling.training_run import Examples, State, TrainingRun


@dataclasses.dataclass(frozen=True)
class CompiledRuns:
    """The compiled programs of runs with true classes, or of runs with one class for each example.

    Attributes:
        n_classes: number of classes of the networks.
        build: function from stacked members to the arrays of their runs.
        accuracy: function from stacked arrays and checkpoints of runs to their accuracies.
        measured: the differentiated runs, one for each measure.
        blocks: the steps of each measure, in the order of the reverse sweeps.
        per_step: number of losses of each measure at a step.
        segments: how each run is cut for checkpointing.
        state_bytes: bytes of one state.
    """

    n_classes: int
    build: jax.stages.Wrapped
    accuracy: jax.stages.Wrapped
    measured: list[UnrolledRuns]
    blocks: list[Blocks]
    per_step: list[int]
    segments: Segments
    state_bytes: int


def last_accuracy(static: TrainingRun, arrays: TrainingRun, checkpoints: State, shared: None) -> Float[Array, ""]:
    """Return the accuracy at the last checkpoint on the training examples; NaN if a logit is not finite."""
    del shared
    run = eqx.combine(arrays, static)
    last = jax.tree.map(lambda leaf: leaf[-1], checkpoints)
    model, examples = run.model(last.parameters, last.statistics), run.examples

    def one_block(indices: Int[Array, " block"]) -> Float[Array, " block"]:
        logits = model(examples.inputs[indices])
        is_right = logits.argmax(axis=1) == examples.targets[indices]
        return jnp.where(jnp.isfinite(logits).all(axis=1), is_right, jnp.nan)

    return in_blocks(one_block, run.n_examples, block_for(model, examples.inputs.shape[1:])).mean()


def kept_of(
    measure: RunMeasure, n_classes: int, run: TrainingRun, gradient: Examples, direct: Examples | None
) -> PyTree:
    """Return what a measure keeps of the gradient of one of its numbers."""
    return measure.keep(gradient, direct, class_members(run.examples.targets, n_classes))
