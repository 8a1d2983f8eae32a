"""One training run, written for one network; a population maps it over members."""

import equinox as eqx
import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Bool, Float, Int, PyTree

from byheart.data.member_data import NoiseCounts
from byheart.data.noise import NoisyDataset
from byheart.keys import key_for
from byheart.networks.losses import cross_entropy
from byheart.networks.network import Network, is_trainable
from byheart.training.recipe import Recipe
from byheart.work import NEVER

LARGE = 2**22
"""Weights of a layer from which on a copy of them costs more than it takes to avoid it."""


class TracedMember(eqx.Module):
    """A `Member` as traced values."""

    seed: Int[Array, "..."]
    noise: NoiseCounts
    learning_rate: Float[Array, "..."]


class TrainState(eqx.Module):
    """What the next epoch needs.

    Attributes:
        network: as it is.
        optimizer_state: as it is.
        epoch: epochs trained.
        ended_epoch: the epoch after which `Sweep.ends_when` was true, and training ended; `NEVER` where it was not yet.
    """

    network: Network
    optimizer_state: PyTree
    epoch: Int[Array, "..."]
    ended_epoch: Int[Array, "..."]


class EpochInfo(eqx.Module):
    """What the reader wants to know of an epoch.

    Attributes:
        batch_loss: mean of the minibatch losses, in nats, each before its update; NaN for an epoch that was not trained.
        is_finite: False when the loss or any parameter is not finite.
    """

    batch_loss: Float[Array, "..."]
    is_finite: Bool[Array, "..."]


def initial_state(
    recipe: Recipe, member: TracedMember, image_shape: tuple[int, int, int], n_classes: int
) -> TrainState:
    """A fresh network and optimizer, at epoch 0."""
    network = recipe.architecture.build(image_shape, n_classes, key_for("initialization", member.seed))
    parameters, _ = eqx.partition(network, is_trainable(network))
    optimizer_state = recipe.optimizer.transformation(member.learning_rate, 1).init(parameters)
    return TrainState(network, optimizer_state, jnp.zeros((), jnp.int32), jnp.full((), NEVER, jnp.int32))


def train_epoch(
    recipe: Recipe, state: TrainState, member: TracedMember, data: NoisyDataset, n_steps: int | None = None
) -> tuple[TrainState, EpochInfo]:
    """One pass over freshly shuffled minibatches, or the first `n_steps` of it; the last, incomplete minibatch is dropped."""
    in_epoch = data.n_examples // recipe.batch_size
    steps = in_epoch if n_steps is None else n_steps
    optimizer = recipe.optimizer.transformation(member.learning_rate, in_epoch)
    key = jax.random.fold_in(key_for("shuffling", member.seed), state.epoch)
    order = jax.random.permutation(key, data.n_examples)[: steps * recipe.batch_size]

    def step(
        carry: tuple[Network, PyTree], indices: Int[Array, " batch"]
    ) -> tuple[tuple[Network, PyTree], Float[Array, ""]]:
        network, optimizer_state = carry
        images, labels = data.batch(indices)
        parameters, rest = eqx.partition(network, is_trainable(network))

        def loss(parameters: Network) -> tuple[Float[Array, ""], Network]:
            logits, updated = eqx.combine(parameters, rest).in_training(images)
            return cross_entropy(logits, labels).mean(), updated

        (value, updated), gradient = jax.value_and_grad(loss, has_aux=True)(parameters)
        change, optimizer_state = optimizer.update(_known_as_a_whole(gradient), optimizer_state, parameters)
        _, statistics = eqx.partition(updated, is_trainable(updated))
        return (eqx.combine(optax.apply_updates(parameters, change), statistics), optimizer_state), value

    batches = order.reshape(steps, recipe.batch_size)
    carry = (state.network, state.optimizer_state)
    (network, optimizer_state), losses = jax.lax.scan(step, carry, batches)
    info = EpochInfo(losses.mean(), _all_finite((network, losses)))
    return TrainState(network, optimizer_state, state.epoch + 1, state.ended_epoch), info


def not_trained(state: TrainState) -> tuple[TrainState, EpochInfo]:
    """An epoch of a member whose training has ended."""
    return state, EpochInfo(jnp.full((), jnp.nan), jnp.ones((), bool))


def _known_as_a_whole(gradient: PyTree) -> PyTree:
    """The same gradient, of which XLA cannot use the large parts before all of it is known.

    Weights are read last when the gradient of the layers below them is made. Unless their update waits for that, XLA copies them at each
    update to be safe (benchmarks, W3 and W6). What is added to the large parts is 0, which XLA does not see.
    """
    leaves = jax.tree.leaves(gradient)
    if max(leaf.size for leaf in leaves) < LARGE:
        return gradient
    one_of_each = jnp.stack([leaf.ravel()[0] for leaf in leaves])
    zero = jnp.minimum(jnp.abs(one_of_each.sum()), 0)
    return jax.tree.map(lambda leaf: leaf + zero if leaf.size >= LARGE else leaf, gradient)


def _all_finite(tree: PyTree) -> Bool[Array, ""]:
    return jnp.stack([jnp.isfinite(leaf).all() for leaf in jax.tree.leaves(tree) if eqx.is_inexact_array(leaf)]).all()
