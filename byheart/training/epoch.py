"""One epoch of training, written for one network; a population maps it over members."""

import dataclasses
from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, PyTree

from byheart import checks
from byheart.data.member_view import TracedView
from byheart.data.noisy_dataset import NoisyDataset
from byheart.inputs import InputShape, Standardizer
from byheart.keys import key_for
from byheart.networks.network import Network, is_trainable
from byheart.sweeps.results import NEVER
from byheart.training.recipe import Recipe
from byheart.training.step import step_of

STRENGTH_PADDING = 0.0
"""Padding after the strengths: `jax.lax.map` cannot batch zero-size arrays."""


class TracedMember(eqx.Module):
    """A `Member` as traced values."""

    seed: Int[Array, "..."]
    view: TracedView
    learning_rate: Float[Array, "..."]
    strengths: Float[Array, "... regularizer_and_padding"]


class TrainState(eqx.Module):
    """State of one member between epochs.

    Attributes:
        network: current network.
        optimizer_state: current state of the Optax optimizer.
        epoch: number of epochs trained.
        ended_update: number of updates after which `PopulationSweep.stop_when` was true and training ended; `NEVER`
            while it is still running.
    """

    network: Network
    optimizer_state: PyTree
    epoch: Int[Array, "..."]
    ended_update: Int[Array, "..."]


class EpochInfo(eqx.Module):
    """Facts about one epoch, for results.

    Attributes:
        batch_loss: mean of the minibatch losses, in nats, each before its update; NaN for an epoch without training.
        is_finite: False if the loss or any parameter is not finite.
        has_ended: whether training has ended early, so that further epochs change nothing.
    """

    batch_loss: Float[Array, "..."]
    is_finite: Bool[Array, "..."]
    has_ended: Bool[Array, "..."]


def initial_state(
    recipe: Recipe,
    member: TracedMember,
    input_shape: InputShape,
    n_classes: int,
    standardizer: Standardizer | None = None,
) -> TrainState:
    """Return the state at epoch 0: a new network and a new optimizer state.

    Args:
        recipe: the recipe.
        member: the member.
        input_shape: shape of an input.
        n_classes: number of classes.
        standardizer: means and standard deviations of training data that are vectors; None for images.

    Raises:
        BadInput: the architecture does not build a `Network`.
    """
    network = recipe.architecture.build(input_shape, n_classes, key_for("initialization", member.seed))
    checks.instance("architecture", network, Network, "one that builds a byheart.Network")
    network = network if standardizer is None else network.standardized(standardizer)
    parameters, _ = eqx.partition(network, is_trainable(network))
    optimizer_state = recipe.optimizer.transformation(member.learning_rate, 1).init(parameters)
    return TrainState(network, optimizer_state, jnp.zeros((), jnp.int32), jnp.full((), NEVER, jnp.int32))


def train_epoch(
    recipe: Recipe, state: TrainState, member: TracedMember, data: NoisyDataset, n_steps: int | None = None
) -> tuple[TrainState, EpochInfo]:
    """Train for one epoch of newly shuffled minibatches, or for its first `n_steps` minibatches.

    The last, incomplete minibatch is dropped.
    """
    batches = _minibatches(recipe, state, member, data, n_steps)
    first = state.epoch * (data.n_examples // recipe.batch_size)
    state, losses = _run_minibatches(recipe, state, member, data, batches, first)
    info = EpochInfo(losses.mean(), _all_finite((state.network, losses)), jnp.zeros((), bool))
    return dataclasses.replace(state, epoch=state.epoch + 1), info


def train_epoch_until(
    recipe: Recipe,
    state: TrainState,
    member: TracedMember,
    data: NoisyDataset,
    is_done: Callable[[TrainState], Bool[Array, ""]],
    every: int | None,
    n_steps: int | None = None,
) -> tuple[TrainState, EpochInfo]:
    """Train for one epoch as `train_epoch` does, but stop as soon as `is_done` returns true.

    `is_done` is called after every `every` updates (None: the whole epoch) and after the last update. A member whose
    training has ended costs no computation, unless several members are batched.
    """
    batches = _minibatches(recipe, state, member, data, n_steps)
    steps, in_epoch = len(batches), data.n_examples // recipe.batch_size
    every = min(every or steps, steps)
    before = state.epoch * in_epoch
    was_running = state.ended_update == NEVER

    def stretch(
        state: TrainState, at: tuple[Int[Array, ""], Int[Array, "step batch"]]
    ) -> tuple[TrainState, Float[Array, " step"]]:
        last_update, batches = at

        def trained(state: TrainState) -> tuple[TrainState, Float[Array, " step"]]:
            after, losses = _run_minibatches(recipe, state, member, data, batches, last_update - len(batches))
            return dataclasses.replace(after, ended_update=jnp.where(is_done(after), last_update, NEVER)), losses

        def as_it_is(state: TrainState) -> tuple[TrainState, Float[Array, " step"]]:
            return state, jnp.full(len(batches), jnp.nan)

        return jax.lax.cond(state.ended_update == NEVER, trained, as_it_is, state)

    n_whole = steps // every
    ends = before + every * jnp.arange(1, n_whole + 1)
    whole = batches[: n_whole * every].reshape(n_whole, every, recipe.batch_size)
    state, losses = jax.lax.scan(stretch, state, (ends, whole))
    losses = losses.ravel()
    if steps > n_whole * every:
        state, last = stretch(state, (before + steps, batches[n_whole * every :]))
        losses = jnp.concatenate([losses, last])
    has_ended = state.ended_update != NEVER
    is_trained = jnp.arange(1, steps + 1) + before <= jnp.where(has_ended, state.ended_update, before + steps)
    info = EpochInfo(
        jnp.mean(losses, where=is_trained),
        _all_finite(state.network) & (jnp.isfinite(losses) | ~is_trained).all(),
        has_ended,
    )
    return dataclasses.replace(state, epoch=state.epoch + was_running), info


def _minibatches(
    recipe: Recipe, state: TrainState, member: TracedMember, data: NoisyDataset, n_steps: int | None
) -> Int[Array, "step batch"]:
    """Return the examples of each minibatch of the next epoch."""
    steps = data.n_examples // recipe.batch_size if n_steps is None else n_steps
    key = jax.random.fold_in(key_for("shuffling", member.seed), state.epoch)
    order = jax.random.permutation(key, data.n_examples)[: steps * recipe.batch_size]
    return order.reshape(steps, recipe.batch_size)


def _run_minibatches(
    recipe: Recipe,
    state: TrainState,
    member: TracedMember,
    data: NoisyDataset,
    batches: Int[Array, "step batch"],
    n_done: Int[Array, ""],
) -> tuple[TrainState, Float[Array, " step"]]:
    """Return the state after one update per minibatch, and the loss before each update; `epoch` is unchanged.

    `n_done` updates came before. Regularizers draw new random numbers at each update.
    """
    key = key_for("regularization", member.seed)
    steps_per_epoch = data.n_examples // recipe.batch_size
    updated = step_of(recipe, member.learning_rate, member.strengths, key, steps_per_epoch, data.standardizer)

    def step(
        carry: tuple[Network, PyTree], at: tuple[Int[Array, " batch"], Int[Array, ""]]
    ) -> tuple[tuple[Network, PyTree], Float[Array, ""]]:
        indices, update = at
        network, optimizer_state, loss = updated(*carry, *data.batch(indices), update)
        return (network, optimizer_state), loss

    at = (batches, n_done + jnp.arange(len(batches)))
    (network, optimizer_state), losses = jax.lax.scan(step, (state.network, state.optimizer_state), at)
    return dataclasses.replace(state, network=network, optimizer_state=optimizer_state), losses


def _all_finite(tree: PyTree) -> Bool[Array, ""]:
    return jnp.stack([jnp.isfinite(leaf).all() for leaf in jax.tree.leaves(tree) if eqx.is_inexact_array(leaf)]).all()
