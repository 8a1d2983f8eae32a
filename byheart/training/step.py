"""One update step: the gradient of what is minimized goes to the optimizer, which changes the parameters.

Populations, the cost estimate and runs that are differentiated through all take this step.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Float, Int, Key, PyTree

from byheart.networks.network import Images, Network, is_trainable
from byheart.training.objective import objective_of
from byheart.training.recipe import Recipe

LARGE_LAYER_SIZE = 2**22
"""Weights of a layer from which on a copy of them costs more than it takes to avoid it."""

Minimized = Callable[[PyTree], tuple[Float[Array, ""], Any]]
"""From parameters to the number that an update lowers, and what else is kept of its computation."""


class Stepped(NamedTuple):
    """What an update leaves.

    Attributes:
        parameters: after it.
        optimizer_state: after it.
        kept: what `Minimized` gave besides its number, before the update.
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
    [Network, PyTree, Images, Int[Array, " batch"], Int[Array, ""]], tuple[Network, PyTree, Float[Array, ""]]
]
"""(network, optimizer state, images, labels, number of the update) -> network, optimizer state, loss before it."""


def step_of(
    recipe: Recipe,
    learning_rate: Float[Array, ""],
    strengths: Float[Array, " regularizer"],
    key: Key[Array, ""],
    steps_per_epoch: int,
) -> NetworkStep:
    """Return the update of one network by a minibatch.

    Args:
        recipe: its optimizer, loss and regularizers.
        learning_rate: of the member; may be traced.
        strengths: of the member's regularizers; may be traced, and longer than needed.
        key: of the member's regularizers.
        steps_per_epoch: updates in an epoch.
    """
    optimizer = recipe.optimizer.transformation(learning_rate, steps_per_epoch)
    objective = objective_of(recipe.loss, recipe.regularizers, strengths, key)

    def step(
        network: Network, optimizer_state: PyTree, images: Images, labels: Int[Array, " batch"], update: Int[Array, ""]
    ) -> tuple[Network, PyTree, Float[Array, ""]]:
        parameters, rest = eqx.partition(network, is_trainable(network))

        def minimized(parameters: Network) -> tuple[Float[Array, ""], tuple[Float[Array, ""], Network]]:
            value = objective(eqx.combine(parameters, rest), images, labels, update)
            return value.minimized, (value.loss, value.network)

        after = stepped(minimized, optimizer, parameters, optimizer_state)
        loss, updated = after.kept
        _, statistics = eqx.partition(updated, is_trainable(updated))
        return eqx.combine(after.parameters, statistics), after.optimizer_state, loss

    return step


def _barrier(gradient: PyTree) -> PyTree:
    """Return an equal gradient whose large parts XLA cannot use before all of it is known.

    Weights are read last when the gradient of the layers below them is made. Unless their update waits for that, XLA copies them at each
    update to be safe (benchmarks, W3 and W6). What is added to the large parts is 0, which XLA does not see.
    """
    leaves = jax.tree.leaves(gradient)
    if max(leaf.size for leaf in leaves) < LARGE_LAYER_SIZE:
        return gradient
    one_of_each = jnp.stack([leaf.ravel()[0] for leaf in leaves])
    zero = jnp.minimum(jnp.abs(one_of_each.sum()), 0)
    return jax.tree.map(lambda leaf: leaf + zero if leaf.size >= LARGE_LAYER_SIZE else leaf, gradient)
