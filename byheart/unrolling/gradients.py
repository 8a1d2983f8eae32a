"""Gradients of a network's losses at any steps, through its whole training run, for every training example.

All losses share one reverse sweep (`adjoints.py`), in blocks as large as memory allows, one block on each device at a
time.
"""

import dataclasses
import functools
from collections.abc import Callable, Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Int, PyTree

from byheart import checks
from byheart.jax_settings import usual_promotion
from byheart.sweeps.layout import Layout
from byheart.unrolling.adjoint_blocks import block_size, blocks_of
from byheart.unrolling.adjoints import split_fields
from byheart.unrolling.checkpoints import Checkpointing, Segments, SquareRoot
from byheart.unrolling.losses import RunLosses, WholeSetLoss
from byheart.unrolling.programs import UnrolledRuns, Unrolling
from byheart.unrolling.training_run import Examples, TrainingRun

Reduce = Callable[[Examples], PyTree]
"""From the gradient of one loss, `Examples` with fields (example, ...), to the value that is kept."""

FIELDS = ("inputs", "targets", "weights")


@dataclasses.dataclass(frozen=True)
class UnrolledGradients:
    """Gradients of losses at steps, through all updates before each step.

    Attributes:
        values: the result of `reduce` for the gradient of each loss, stacked to (step, scalar, ...). Without `reduce`,
            `Examples` whose chosen fields are (step, scalar, example, ...) and whose other fields are None.
        steps: (step,), numbers of updates done.
        not_finite_at: (step, scalar), the update at which the adjoint, pulled back, stopped being finite; -1 if it
            stayed finite. 0 if the adjoint stayed finite but a gradient did not.
    """

    values: Any
    steps: Int[np.ndarray, " step"]
    not_finite_at: Int[np.ndarray, "step scalar"]


@dataclasses.dataclass(frozen=True)
class Unroll:
    """Settings of the differentiation of a run.

    Attributes:
        checkpointing: which states are kept in memory.
        steps_at_once: number of steps whose losses share a reverse sweep; None takes the fastest, with at most 128 MiB
            of gradients at a time.
    """

    checkpointing: Checkpointing = SquareRoot()
    steps_at_once: int | None = None

    def __post_init__(self) -> None:
        checks.instance(
            "checkpointing", self.checkpointing, Checkpointing, "SquareRoot(), KeepEverything() or MemoryBudget(...)"
        )
        checks.fields(self, steps_at_once=checks.optional(checks.count))


@usual_promotion()
def unrolled_gradients(
    run: TrainingRun,
    steps: Sequence[int],
    scalars: RunLosses = WholeSetLoss(),
    *,
    with_respect_to: tuple[str, ...] = ("inputs",),
    direct_path: bool = False,
    reduce: Reduce = lambda gradient: gradient,
    unroll: Unroll = Unroll(),
    layout: Layout = Layout(),
) -> UnrolledGradients:
    """Return dL_t/dx, through all updates before t, for every step t, loss L_t and training example x.

    L_t depends on x because x was trained on. It may also depend on x directly, if x is among the examples that
    `scalars` evaluates. That path counts only with `direct_path`. Examples that no update has seen by step t have no
    other.

    Args:
        run: the training run.
        steps: numbers of updates done, 0 to T, each once. Minibatch losses end at T - 1.
        scalars: the losses at each step.
        with_respect_to: any of "inputs", "targets" (soft ones) and "weights".
        direct_path: whether the path counts on which `scalars` itself evaluates examples.
        reduce: function from the gradient of a loss to the value that is kept; by default the whole gradient is kept,
            which takes memory for steps x scalars x examples.
        unroll: memory and blocks.
        layout: devices that share the work.

    Raises:
        BadInput: steps out of range, or fields that have no derivative.

    Cost, for K losses in all and T updates: two forward passes of the run, and in the sweep 6 times the operations of a
    forward pass of a minibatch for each loss and update. Memory: 2 sqrt(T) states of the run, and for each block K
    parameters and K gradients.
    """
    steps = _checked_steps(run, steps, scalars)
    fields = _checked_fields(run, with_respect_to)
    layout = Layout(min(len(layout.devices), len(steps)), layout.at_once)
    n_devices = len(layout.devices)
    per_step = numbers_per_step(run, scalars)
    chosen, _ = split_fields(run.examples, fields)
    bytes_per_adjoint = sum(leaf.size * leaf.dtype.itemsize for leaf in jax.tree.leaves(chosen))
    size = unroll.steps_at_once or block_size(steps, per_step, bytes_per_adjoint, n_devices)
    blocks = blocks_of(steps, size, n_devices)
    segments = Segments.of(run, unroll.checkpointing)
    arrays, static = eqx.partition(run, eqx.is_array)
    keep = _Whole(reduce)
    runs = _runs(Unrolling(static, segments, scalars, fields, direct_path, keep), layout)
    stacked = jax.tree.map(lambda leaf: jnp.broadcast_to(leaf, (n_devices, *leaf.shape)), arrays)
    stacked = layout.spread(stacked)
    checkpoints = runs.checkpoints(stacked)
    on_device = blocks.steps.reshape(n_devices, -1, size)
    found = [runs.sweep_back(stacked, checkpoints, on_device[:, turn]) for turn in range(on_device.shape[1])]
    values, not_finite_at = jax.tree.map(lambda *parts: _in_order(np.stack(parts, axis=1), blocks.place), *found)
    return UnrolledGradients(values, np.array(steps), not_finite_at)


@functools.lru_cache(maxsize=16)
def _runs(shared: Unrolling, layout: Layout) -> UnrolledRuns:
    """Return the program, which is compiled once for runs that differ only in their arrays."""
    return UnrolledRuns(shared, layout)


@dataclasses.dataclass(frozen=True)
class _Whole:
    """Keeps the result of `reduce` for the whole gradient."""

    reduce: Reduce

    def __call__(self, run: TrainingRun, gradient: Examples, direct: Examples | None) -> PyTree:
        return self.reduce(gradient if direct is None else together(gradient, direct))


def together(through_training: Examples, direct: Examples) -> Examples:
    """Return the whole gradient: the sum of the part through training and the direct part."""
    return jax.tree.map(jnp.add, through_training, direct)


def _in_order(found: np.ndarray, place: Int[np.ndarray, " step"]) -> np.ndarray:
    """Reorder (device, turn, step in block, ...) to (step, ...), in the order of the given steps."""
    return found.reshape(-1, *found.shape[3:])[place]


def numbers_per_step(run: TrainingRun, scalars: RunLosses) -> int:
    """Return the number of losses that `scalars` returns at each step."""
    model = run.model(run.start.parameters, run.start.statistics)
    arrays, rest = eqx.partition(model, eqx.is_array)
    shape = jax.eval_shape(
        lambda arrays: scalars(run, eqx.combine(arrays, rest), run.examples, run.batches[0]), arrays
    ).shape
    if len(shape) != 1 or shape[0] == 0:
        raise checks.BadInput(f"`scalars` must return losses as an array (scalar,); got the shape {shape}.")
    return shape[0]


def _checked_steps(run: TrainingRun, steps: Sequence[int], scalars: RunLosses) -> tuple[int, ...]:
    checks.instance("run", run, TrainingRun, "a TrainingRun, as `training_run` and `network_run` make one")
    chosen = checks.each(checks.whole)("steps", steps)
    last = run.n_steps - getattr(scalars, "looks_at_next_minibatch", False)
    if not chosen or min(chosen) < 0 or max(chosen) > last:
        span = f"{min(chosen)} to {max(chosen)}" if chosen else "none"
        raise checks.BadInput(
            f"`steps` must lie in 0 to {last} for {scalars!r} in a run of {run.n_steps} updates; got {span}."
        )
    if len(set(chosen)) < len(chosen):
        raise checks.BadInput("`steps` must hold each step once.")
    return chosen


def _checked_fields(run: TrainingRun, with_respect_to: tuple[str, ...]) -> tuple[str, ...]:
    checks.several("with_respect_to", with_respect_to, str, f"any of {', '.join(FIELDS)}")
    if not with_respect_to:
        raise checks.BadInput(f"`with_respect_to` must hold one or more of {', '.join(FIELDS)}.")
    for name in with_respect_to:
        checks.known("field of the examples", name, FIELDS)
        if not eqx.is_inexact_array(getattr(run.examples, name)):
            advice = " Give soft targets, for example `jax.nn.one_hot(labels, n_classes)`." if name == "targets" else ""
            raise checks.BadInput(
                f"`{name}` must be floating-point numbers to be differentiated; "
                f"got {getattr(run.examples, name).dtype}.{advice}"
            )
    return with_respect_to
