"""A training run as a value that can be differentiated: loss, optimizer, start, examples, and minibatches."""

import dataclasses
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
import optax
from jaxtyping import Array, Float, Int, PyTree, Shaped

from byheart import array_checks, checks
from byheart.networks.losses import CrossEntropy
from byheart.networks.network import Network, is_trainable
from byheart.training.step import applied, stepped

LossOfModel = Callable[[Any, Array, Array], Float[Array, " batch"]]
"""(model, inputs, targets) -> one loss for each example."""
LossInTraining = Callable[[Any, Array, Array], tuple[Float[Array, " batch"], Any]]
"""(model, inputs, targets) -> (one loss for each example, the model with its running statistics updated)."""


class Examples(eqx.Module):
    """Training examples, or values of the same structure, such as a gradient with respect to them.

    Attributes:
        inputs: (example, ...).
        targets: (example,) labels, or (example, ...) soft targets.
        weights: (example,), the factor of each example's loss in the mean over its minibatch.
    """

    inputs: Shaped[Array, "example *input"]
    targets: Shaped[Array, "example *target"]
    weights: Float[Array, " example"]

    def take(self, indices: Int[Array, " batch"]) -> "Examples":
        """Return the examples at `indices`."""
        return jax.tree.map(lambda leaf: leaf[indices], self)


class State(eqx.Module):
    """The state that an update changes, or values of the same structure, such as an adjoint.

    Attributes:
        parameters: the arrays that the optimizer changes.
        statistics: the model's other arrays, among them running statistics.
        optimizer_state: the state of the optimizer.
    """

    parameters: PyTree
    statistics: PyTree
    optimizer_state: PyTree


class TrainingRun(eqx.Module):
    """T updates of a model, each by the gradient of a weighted mean loss over a minibatch.

    Update t passes the gradient of mean(weight * loss) over minibatch t to the optimizer. `training_run` and
    `network_run` make runs.

    Attributes:
        loss_in_training: the loss that updates minimize.
        loss: the loss of the model as it is measured; for a network, in inference mode.
        optimizer: any Optax optimizer.
        start: the state before the first update.
        skeleton: the parts of the model that are not arrays.
        examples: the training data.
        batches: the indices of the examples that each update sees.
    """

    loss_in_training: LossInTraining
    loss: LossOfModel
    optimizer: optax.GradientTransformation
    start: State
    skeleton: PyTree
    examples: Examples
    batches: Int[Array, "step batch"]

    def __hash__(self) -> int:
        """Hash of a run without arrays, the key of its compiled program; fields may hold dictionaries."""
        leaves, structure = jax.tree.flatten(self)
        return hash((tuple(leaves), structure))

    @property
    def n_steps(self) -> int:
        """T, the number of updates."""
        return self.batches.shape[0]

    @property
    def n_examples(self) -> int:
        """Number of training examples."""
        return self.examples.weights.shape[0]

    def model(self, parameters: PyTree, statistics: PyTree) -> Any:
        """Return the model with the given arrays."""
        return eqx.combine(parameters, statistics, self.skeleton)

    def objective(self, parameters: PyTree, statistics: PyTree, batch: Examples) -> tuple[Float[Array, ""], PyTree]:
        """Return the weighted mean loss of a minibatch, and the statistics after it."""
        losses, after = self.loss_in_training(self.model(parameters, statistics), batch.inputs, batch.targets)
        is_statistic = jax.tree.map(lambda leaf: leaf is not None, statistics, is_leaf=lambda leaf: leaf is None)
        return jnp.mean(batch.weights * losses), eqx.filter(after, is_statistic)

    def updated(self, gradient: PyTree, parameters: PyTree, optimizer_state: PyTree) -> tuple[PyTree, PyTree]:
        """Parameters and optimizer state after an update with `gradient`."""
        return applied(self.optimizer, gradient, parameters, optimizer_state)

    def step(self, state: State, indices: Int[Array, " batch"]) -> State:
        """The state after the update that sees the examples at `indices`."""
        batch = self.examples.take(indices)

        def minimized(parameters: PyTree) -> tuple[Float[Array, ""], PyTree]:
            return self.objective(parameters, state.statistics, batch)

        after = stepped(minimized, self.optimizer, state.parameters, state.optimizer_state)
        return State(after.parameters, after.kept, after.optimizer_state)


def training_run(
    loss: LossOfModel,
    optimizer: optax.GradientTransformation,
    parameters: PyTree,
    inputs: npt.ArrayLike | Array,
    targets: npt.ArrayLike | Array,
    batches: npt.ArrayLike | Array,
    weights: npt.ArrayLike | Array | None = None,
) -> TrainingRun:
    """Return the training run of any model and loss.

    Args:
        loss: `loss(parameters, inputs, targets)`, one value for each example of a minibatch. JAX must be able to
            differentiate it twice, once in forward mode.
        optimizer: any Optax optimizer. Adam's square root has no derivative at 0: give it `eps_root=1e-8`.
        parameters: the model before the first update; a pytree, for example an Equinox model. Its floating-point arrays
            are trained.
        inputs: (example, ...).
        targets: (example, ...), labels or soft targets.
        batches: (step, batch), the indices of the examples that each update sees.
        weights: (example,); None means 1 for all.

    Raises:
        BadInput: axes that do not fit together, an index out of range, numbers that are not finite.
    """
    model = _with_jax_arrays(parameters)
    trainable = jax.tree.map(eqx.is_inexact_array, model)
    return _run(_Stateless(loss), loss, optimizer, eqx.partition(model, trainable), inputs, targets, batches, weights)


def network_run(
    network: Network,
    optimizer: optax.GradientTransformation,
    inputs: npt.ArrayLike | Array,
    targets: npt.ArrayLike | Array,
    batches: npt.ArrayLike | Array,
    loss: Callable[[Array, Array], Float[Array, " batch"]] = CrossEntropy(),
    weights: npt.ArrayLike | Array | None = None,
) -> TrainingRun:
    """Return the training run of one of byheart's networks: trained in training mode, measured in inference mode.

    Args:
        network: the network before the first update.
        optimizer: any Optax optimizer.
        inputs: images (example, height, width, channel) or vectors (example, feature), in the precision of the network.
            Vectors are not standardized, unless the network does it.
        targets: (example,) labels, or (example, class) soft targets.
        batches: (step, batch), the indices of the examples that each update sees.
        loss: function of logits and targets, one value for each example.
        weights: (example,); None means 1 for all.

    Raises:
        BadInput: axes that do not fit together, an index out of range, numbers that are not finite.
    """
    checks.instance("network", network, Network, "a Network, as `MLP((16, 16)).build(...)` makes one")
    in_training, in_inference = _NetworkInTraining(loss), _NetworkInInference(loss)
    model = _with_jax_arrays(network)
    parts = eqx.partition(model, is_trainable(model))
    inputs = array_checks.jax_array("inputs", inputs, of="numbers")
    if inputs.ndim not in (2, 4):
        raise checks.BadInput(
            "`inputs` must have the axes (example, height, width, channel) of images or (example, feature) of vectors; "
            f"got the shape {inputs.shape}."
        )
    inputs = inputs.astype(jnp.result_type(*jax.tree.leaves(parts[0])))
    return _run(in_training, in_inference, optimizer, parts, inputs, targets, batches, weights)


@dataclasses.dataclass(frozen=True)
class _Stateless:
    loss: LossOfModel

    def __call__(self, model: Any, inputs: Array, targets: Array) -> tuple[Float[Array, " batch"], Any]:
        return self.loss(model, inputs, targets), model


@dataclasses.dataclass(frozen=True)
class _NetworkInTraining:
    loss: Callable[[Array, Array], Float[Array, " batch"]]

    def __call__(self, network: Network, inputs: Array, targets: Array) -> tuple[Float[Array, " batch"], Network]:
        logits, after = network.in_training(inputs)
        return self.loss(logits, targets), after


@dataclasses.dataclass(frozen=True)
class _NetworkInInference:
    loss: Callable[[Array, Array], Float[Array, " batch"]]

    def __call__(self, network: Network, inputs: Array, targets: Array) -> Float[Array, " batch"]:
        return self.loss(network(inputs), targets)


def _with_jax_arrays(model: PyTree) -> PyTree:
    return jax.tree.map(lambda leaf: jnp.asarray(leaf) if isinstance(leaf, np.ndarray) else leaf, model)


def _run(
    loss_in_training: LossInTraining,
    loss: LossOfModel,
    optimizer: optax.GradientTransformation,
    model: tuple[PyTree, PyTree],
    inputs: npt.ArrayLike | Array,
    targets: npt.ArrayLike | Array,
    batches: npt.ArrayLike | Array,
    weights: npt.ArrayLike | Array | None,
) -> TrainingRun:
    parameters, rest = model
    if not jax.tree.leaves(parameters):
        raise checks.BadInput("`parameters` holds no array of floating-point numbers, so there is nothing to train.")
    statistics, skeleton = eqx.partition(rest, eqx.is_array)
    inputs = array_checks.jax_array("inputs", inputs)
    if inputs.ndim == 0:
        raise checks.BadInput("`inputs` must have the examples along their first axis; got a single number.")
    n_examples = inputs.shape[0]
    targets, batches = array_checks.jax_array("targets", targets), array_checks.jax_array("batches", batches)
    weights = jnp.ones(n_examples) if weights is None else array_checks.jax_array("weights", weights, of="numbers")
    _check(n_examples, targets, batches, weights)
    for name, values in (("inputs", inputs), ("targets", targets), ("weights", weights)):
        _check_finite(name, values)
    examples = Examples(inputs, targets, weights)
    start = State(parameters, statistics, optimizer.init(parameters))
    run = TrainingRun(loss_in_training, loss, optimizer, start, skeleton, examples, batches)
    _check_loss(run)
    return run


def _check_finite(name: str, values: Any) -> None:
    """Raise `BadInput` for NaN and infinity; traced values are not checked."""
    if isinstance(values, jax.core.Tracer) or not jnp.issubdtype(values.dtype, jnp.floating):
        return
    numbers = np.asarray(values)
    is_finite = np.isfinite(numbers).reshape(len(numbers), -1).all(axis=1)
    if not is_finite.all():
        raise checks.BadInput(
            f"`{name}` must be finite; got NaN or infinity in {checks.some_of(~is_finite, 'examples')}. "
            "Repair or drop those."
        )


def _check_loss(run: TrainingRun) -> None:
    batch = jax.eval_shape(lambda run: run.examples.take(run.batches[0]), eqx.filter(run, eqx.is_array))
    model = run.model(run.start.parameters, run.start.statistics)
    losses = eqx.filter_eval_shape(run.loss, model, batch.inputs, batch.targets)
    if losses.shape != batch.weights.shape:
        raise checks.BadInput(
            f"`loss` must return one value for each of the {batch.weights.shape[0]} examples of a minibatch; "
            f"got the shape {losses.shape}."
        )


def _check(n_examples: int, targets: Array, batches: Array, weights: Array) -> None:
    problems = checks.Problems("The training run cannot be made")
    for name, values in (("targets", targets), ("weights", weights)):
        if values.ndim == 0 or values.shape[0] != n_examples:
            problems.messages.append(
                f"`{name}` must have one entry for each of {n_examples} inputs; got the shape {values.shape}."
            )
    if batches.ndim != 2 or 0 in batches.shape or not jnp.issubdtype(batches.dtype, jnp.integer):
        problems.messages.append(
            f"`batches` must be indices of examples, (step, batch); got {batches.dtype} of shape {batches.shape}."
        )
    elif not isinstance(batches, jax.core.Tracer) and (batches.min() < 0 or batches.max() >= n_examples):
        problems.messages.append(
            f"`batches` must lie in 0 to {n_examples - 1}; got {int(batches.min())} to {int(batches.max())}."
        )
    problems.raise_if_any()
