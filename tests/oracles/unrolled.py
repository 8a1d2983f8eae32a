"""Slow twins of derivatives through a training run: a plain loop, reverse mode, and finite differences."""

import dataclasses
import functools
from collections.abc import Sequence
from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.flatten_util
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float, Int, PyTree

from byheart.unrolling.losses import RunLosses
from byheart.unrolling.training_run import Examples, TrainingRun, training_run

Gradients = dict[str, np.ndarray]
"""Derivatives (step, scalar, example, ...) for each field of the examples."""
Trained = tuple[PyTree, PyTree, PyTree]
"""Parameters, statistics and optimizer state."""


class Curve(eqx.Module):
    """A smooth classifier of a few numbers, with one hidden layer."""

    hidden: Float[Array, "input unit"]
    bias: Float[Array, " unit"]
    output: Float[Array, "unit class"]

    def __call__(self, inputs: Float[Array, "batch input"]) -> Float[Array, "batch class"]:
        return jnp.tanh(inputs @ self.hidden + self.bias) @ self.output


def curve(seed: int = 0, n_inputs: int = 3, n_units: int = 4, n_classes: int = 2) -> Curve:
    """Return a random `Curve` in the current precision."""
    generator = np.random.default_rng(seed)
    shapes = ((n_inputs, n_units), (n_units,), (n_units, n_classes))
    return Curve(*(jnp.asarray(generator.normal(0, 0.7, shape)) for shape in shapes))


def soft_loss(model: Curve, inputs: Float[Array, "batch input"], targets: Float[Array, "batch class"]) -> Array:
    """Return the cross-entropy with soft targets, one value per example."""
    return -(targets * jax.nn.log_softmax(model(inputs))).sum(axis=1)


BATCHES = np.array([[0, 1, 2], [3, 3, 0], [4, 1, 5], [2, 0, 4], [5, 3, 1], [1, 2, 4]])
"""Six updates over seven examples: 3 is twice in a minibatch, 4 and 5 come first in the third, and 6 never."""
N_EXAMPLES = 7


@dataclasses.dataclass(frozen=True)
class Together:
    """The numbers of several kinds, concatenated."""

    kinds: tuple[RunLosses, ...]
    looks_at_next_minibatch: ClassVar[bool] = True

    def __call__(
        self, run: TrainingRun, model: Any, examples: Examples, indices: Int[Array, " batch"]
    ) -> Float[Array, " scalar"]:
        return jnp.concatenate([kind(run, model, examples, indices) for kind in self.kinds])


def curve_run(optimizer: optax.GradientTransformation, batches: np.ndarray = BATCHES) -> TrainingRun:
    """Return a run of `curve()` on random examples with soft targets and weights, in the current precision."""
    generator = np.random.default_rng(1)
    inputs, targets = generator.normal(size=(N_EXAMPLES, 3)), generator.dirichlet([1, 1], N_EXAMPLES)
    return training_run(
        soft_loss, optimizer, curve(), inputs, targets, batches, weights=generator.uniform(0.5, 1.5, N_EXAMPLES)
    )


def updated(run: TrainingRun, trained: Trained, examples: Examples, indices: Int[Array, " batch"]) -> Trained:
    """Take one textbook update: gradient of the minibatch's mean loss, optimizer, new parameters."""
    parameters, statistics, optimizer_state = trained
    inputs, targets, weights = examples.inputs[indices], examples.targets[indices], examples.weights[indices]

    def mean_loss(parameters: PyTree) -> tuple[Array, PyTree]:
        model = eqx.combine(parameters, statistics, run.skeleton)
        losses, after = run.loss_in_training(model, inputs, targets)
        return (weights * losses).sum() / len(indices), after

    gradient, after = jax.grad(mean_loss, has_aux=True)(parameters)
    change, optimizer_state = run.optimizer.update(gradient, optimizer_state, parameters)
    kept = jax.tree.map(
        lambda old, new: None if old is None else new, statistics, after, is_leaf=lambda leaf: leaf is None
    )
    return optax.apply_updates(parameters, change), kept, optimizer_state


def numbers(
    run: TrainingRun, trained: Trained, measured: Examples, indices: Int[Array, " batch"], scalars: RunLosses
) -> Float[Array, " scalar"]:
    """Return the scalars of trained parameters, on the `measured` examples."""
    return scalars(run, eqx.combine(*trained[:2], run.skeleton), measured, indices)


def numbers_at(
    run: TrainingRun, steps: Sequence[int], scalars: RunLosses, examples: Examples, measured: Examples
) -> Float[Array, "step scalar"]:
    """Train on `examples` by the plain loop, and measure on `measured`."""
    found = {}
    trained = _start(run)
    for t in range(max(steps) + 1):
        indices = run.batches[min(t, len(run.batches) - 1)]
        if t in steps:
            found[t] = numbers(run, trained, measured, indices, scalars)
        if t < max(steps):
            trained = updated(run, trained, examples, indices)
    return jnp.stack([found[t] for t in steps])


def straight_through(
    run: TrainingRun, steps: Sequence[int], scalars: RunLosses, fields: Sequence[str], direct_path: bool = False
) -> Gradients:
    """Return derivatives by plain reverse mode through the loop, with every state in memory."""

    def of(chosen: dict[str, Array]) -> Array:
        moved = dataclasses.replace(run.examples, **chosen)
        return numbers_at(run, steps, scalars, moved, moved if direct_path else run.examples)

    chosen = {name: getattr(run.examples, name) for name in fields}
    return jax.tree.map(np.asarray, jax.jit(jax.jacrev(of))(chosen))


def finite_differences(
    run: TrainingRun, steps: Sequence[int], scalars: RunLosses, fields: Sequence[str], direct_path: bool, width: float
) -> Gradients:
    """Return (L(x + width) - L(x - width)) / (2 width) for every number of the examples.

    All of these runs are trained together.
    """
    chosen = {name: getattr(run.examples, name) for name in fields}
    flat, restored = jax.flatten_util.ravel_pytree(chosen)
    moves = width * np.concatenate([np.eye(flat.size), -np.eye(flat.size)])
    moved = jax.vmap(lambda values: dataclasses.replace(run.examples, **restored(values)))(flat + moves)
    measured, axis = (moved, 0) if direct_path else (run.examples, None)
    update = jax.jit(jax.vmap(functools.partial(updated, run), (0, 0, None)))
    measure = jax.jit(jax.vmap(functools.partial(numbers, run, scalars=scalars), (0, axis, None)))

    found = {}
    trained = jax.tree.map(lambda leaf: jnp.broadcast_to(leaf, (len(moves), *leaf.shape)), _start(run))
    for t in range(max(steps) + 1):
        indices = run.batches[min(t, len(run.batches) - 1)]
        if t in steps:
            plus, minus = np.split(np.asarray(measure(trained, measured, indices)), 2)
            found[t] = ((plus - minus) / (2 * width)).T
        trained = update(trained, moved, indices)
    slopes = jnp.stack([found[t] for t in steps])
    return jax.tree.map(np.asarray, jax.vmap(jax.vmap(restored))(slopes))


def _start(run: TrainingRun) -> Trained:
    return run.start.parameters, run.start.statistics, run.start.optimizer_state
