"""One update step: the optimizer changes the parameters by the gradient of the objective.

Populations, the cost estimate and runs that are differentiated through all use this step.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Float, Int, Key, PyTree

from byheart.inputs import Inputs, Standardizer
from byheart.networks.network import Network, is_trainable
from byheart.training.objective import objective_of
from byheart.training.recipe import Recipe

LARGE_LAYER_SIZE = 2**22
"""Number of weights of a layer from which copying them costs more than avoiding the copy."""

Minimized = Callable[[PyTree], tuple[Float[Array, ""], Any]]
"""A function from parameters to (the number that is minimized, auxiliary values)."""


class Stepped(NamedTuple):
    """Result of one update.

    Attributes:
        parameters: parameters after the update.
        optimizer_state: optimizer state after the update.
        kept: auxiliary values of `Minimized` before the update.
    """

    parameters: PyTree
    optimizer_state: PyTree
    kept: Any


def stepped(
    minimized: Minimized, optimizer: optax.GradientTransformation, parameters: PyTree, optimizer_state: PyTree
) -> Stepped:
    """Take one update of any model, loss and Optax optimizer."""
    (_, kept), gradient = jax.value_and_grad(minimized, has_aux=True)(parameters)
    return Stepped(*applied(optimizer, _barrier(gradient), parameters, optimizer_state), kept)


def applied(
    optimizer: optax.GradientTransformation, gradient: PyTree, parameters: PyTree, optimizer_state: PyTree
) -> tuple[PyTree, PyTree]:
    """Return parameters and optimizer state after an update with `gradient`."""
    change, optimizer_state = optimizer.update(gradient, optimizer_state, parameters)
    return optax.apply_updates(parameters, change), optimizer_state


NetworkStep = Callable[
    [Network, PyTree, Inputs, Int[Array, " batch"], Int[Array, ""]], tuple[Network, PyTree, Float[Array, ""]]
]
"""(network, optimizer state, inputs, labels, update number) -> (network, optimizer state, loss before the update)."""


def step_of(
    recipe: Recipe,
    learning_rate: Float[Array, ""],
    strengths: Float[Array, " regularizer"],
    key: Key[Array, ""],
    steps_per_epoch: int,
    standardizer: Standardizer | None = None,
) -> NetworkStep:
    """Return the update of one network by a minibatch.

    Args:
        recipe: the optimizer, loss and regularizers.
        learning_rate: the member's learning rate; may be traced.
        strengths: strengths of the member's regularizers; may be traced, and followed by padding.
        key: key of the member's regularizers.
        steps_per_epoch: updates in an epoch.
        standardizer: mean and deviation of each feature of training data that are vectors; None for images.
    """
    optimizer = recipe.optimizer.transformation(learning_rate, steps_per_epoch)
    objective = objective_of(recipe.loss, recipe.regularizers, strengths, key, standardizer)

    def step(
        network: Network, optimizer_state: PyTree, inputs: Inputs, labels: Int[Array, " batch"], update: Int[Array, ""]
    ) -> tuple[Network, PyTree, Float[Array, ""]]:
        parameters, rest = eqx.partition(network, is_trainable(network))

        def minimized(parameters: Network) -> tuple[Float[Array, ""], tuple[Float[Array, ""], Network]]:
            value = objective(eqx.combine(parameters, rest), inputs, labels, update)
            return value.minimized, (value.loss, value.network)

        after = stepped(minimized, optimizer, parameters, optimizer_state)
        loss, updated = after.kept
        _, statistics = eqx.partition(updated, is_trainable(updated))
        return eqx.combine(after.parameters, statistics), after.optimizer_state, loss

    return step


def _barrier(gradient: PyTree) -> PyTree:
    """Return an equal gradient whose large leaves XLA cannot use before all leaves are computed.

    The last read of a layer's weights computes the gradient of the layers below. Unless the update waits for that read,
    XLA copies the weights at each update to be safe (benchmarks, W3 and W6). Zero is added to the large leaves; XLA
    does not know that it is zero.
    """
    leaves = jax.tree.leaves(gradient)
    if max(leaf.size for leaf in leaves) < LARGE_LAYER_SIZE:
        return gradient
    one_of_each = jnp.stack([leaf.ravel()[0] for leaf in leaves])
    zero = jnp.minimum(jnp.abs(one_of_each.sum()), 0)
    return jax.tree.map(lambda leaf: leaf + zero if leaf.size >= LARGE_LAYER_SIZE else leaf, gradient)
