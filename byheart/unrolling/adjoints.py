"""The reverse sweep: pulls the adjoints of a training run back through its updates, all together.

Let s_t be the state before update t, and L a number that depends on s_T. Its adjoint at t is dL/ds_t. An update is
s_{t+1} = U_t(s_t, x), where x are the examples of minibatch t, so

    dL/ds_t = (dU_t/ds_t)^T dL/ds_{t+1},        dL/dx += (dU_t/dx)^T dL/ds_{t+1}.

For plain SGD with learning rate a and v = dL/ds_{t+1} these are v - a H v and -a d<v, gradient>/dx, where H is the
Hessian of the minibatch loss: one reverse pass over the derivative of the loss along v gives both. All adjoints share
the forward pass and everything else that depends on s_t alone.
"""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, PyTree

from byheart.sweeps.results import NEVER
from byheart.unrolling.checkpoints import Segments, at
from byheart.unrolling.losses import RunLosses
from byheart.unrolling.training_run import Examples, State, TrainingRun


class ReverseSweep(eqx.Module):
    """The state of a reverse sweep.

    Attributes:
        step_of: (adjoint,), the number of updates done at the state where each scalar is taken; `NEVER` is padding.
        adjoints: (adjoint, ...), the adjoints of the state that the sweep has reached; those that join later wait at
            their own state.
        gradients: (example, adjoint, ...), the gradient of each scalar with respect to the chosen fields of all
            examples, through the updates passed so far; None for the other fields.
        not_finite_at: (adjoint,), the update at which the adjoint stopped being finite; `NEVER` if it did not.
    """

    step_of: Int[Array, " adjoint"]
    adjoints: State
    gradients: Examples
    not_finite_at: Int[Array, " adjoint"]


def pull_back_adjoint(
    run: TrainingRun, state: State, fixed: Examples, chosen: Examples, adjoint: State
) -> tuple[State, Examples, Float[Array, ""]]:
    """Pull one adjoint back through an update.

    Args:
        run: the run.
        state: the state before the update.
        fixed: the fields of the minibatch that are not differentiated.
        chosen: the fields of the minibatch that are differentiated.
        adjoint: the adjoint of the state after the update.

    Returns:
        The adjoint of `state`, the update's contribution to the gradient of `chosen`, and a number that is not finite
        if `adjoint` is not.
    """
    smooth, rest = eqx.partition(state, eqx.is_inexact_array)
    parameters = state.parameters

    def objective(parameters: PyTree, statistics: PyTree, chosen: Examples) -> tuple[Float[Array, ""], PyTree]:
        whole = eqx.combine(statistics, rest.statistics)
        value, after = run.objective(parameters, whole, eqx.combine(chosen, fixed))
        return value, eqx.filter(after, eqx.is_inexact_array)

    def updated(gradient: PyTree, parameters: PyTree, optimizer_state: PyTree) -> tuple[PyTree, PyTree]:
        after, new = run.updated(gradient, parameters, eqx.combine(optimizer_state, rest.optimizer_state))
        return after, eqx.filter(new, eqx.is_inexact_array)

    gradient, _ = jax.grad(objective, has_aux=True)(parameters, smooth.statistics, chosen)
    _, through_optimizer = jax.vjp(updated, gradient, parameters, smooth.optimizer_state)
    of_gradient, of_parameters, of_optimizer = through_optimizer((adjoint.parameters, adjoint.optimizer_state))

    def along_adjoint(parameters: PyTree, statistics: PyTree, chosen: Examples) -> Float[Array, ""]:
        def loss(parameters: PyTree) -> tuple[Float[Array, ""], PyTree]:
            return objective(parameters, statistics, chosen)

        _, change, after = jax.jvp(loss, (parameters,), (of_gradient,), has_aux=True)
        return change + _dot(adjoint.statistics, after)

    along, (more, of_statistics, of_chosen) = jax.value_and_grad(along_adjoint, (0, 1, 2))(
        parameters, smooth.statistics, chosen
    )
    before = State(jax.tree.map(jnp.add, of_parameters, more), of_statistics, of_optimizer)
    return before, of_chosen, along


def init(
    run: TrainingRun,
    segments: Segments,
    checkpoints: State,
    steps: Int[Array, " block"],
    scalars: RunLosses,
    fields: tuple[str, ...],
    with_direct: bool,
) -> tuple[ReverseSweep, Examples | None]:
    """Return the sweep with the adjoints of the scalars at `steps`, before it passes any update.

    Args:
        run: the run.
        segments: how the run is cut.
        checkpoints: `segments.checkpoints(run)`.
        steps: t of each state at which the scalars are taken, 0 to T, each once; `NEVER` is padding.
        scalars: the losses that are differentiated.
        fields: the fields of `Examples` with respect to which they are differentiated.
        with_direct: whether to return the direct gradients, too.

    Returns:
        The sweep, and the direct gradients (adjoint, example, ...) of the scalars with respect to the examples that
        they look at themselves; None unless `with_direct`.
    """
    chosen, fixed = split_fields(run.examples, fields)
    states = _states_at(run, segments, checkpoints, steps)
    at_steps = jax.lax.map(
        lambda one: _at_its_step(run, one[0], one[1], scalars, chosen, fixed, with_direct), (states, steps)
    )
    adjoints, direct = jax.tree.map(lambda leaf: leaf.reshape(-1, *leaf.shape[2:]), at_steps)
    step_of = jnp.repeat(steps, jax.tree.leaves(adjoints)[0].shape[0] // steps.shape[0])
    nothing = jax.tree.map(lambda leaf: jnp.zeros((leaf.shape[0], step_of.size, *leaf.shape[1:]), leaf.dtype), chosen)
    return ReverseSweep(step_of, adjoints, nothing, jnp.full(step_of.shape, NEVER, jnp.int32)), direct


def step(
    run: TrainingRun,
    segments: Segments,
    checkpoints: State,
    sweep: ReverseSweep,
    fields: tuple[str, ...],
    stretch: Int[Array, "2"],
) -> ReverseSweep:
    """Take the sweep back through a stretch of segments.

    Args:
        run: the run.
        segments: how the run is cut.
        checkpoints: `segments.checkpoints(run)`.
        sweep: the result of `init`, or of `step` through all later segments.
        fields: the fields given to `init`.
        stretch: the first of the segments, and the one after the last.
    """
    chosen, fixed = split_fields(run.examples, fields)
    batches = segments.batches(run)
    pull = jax.vmap(pull_back_adjoint, in_axes=(None, None, None, None, 0), out_axes=(0, 1, 0))

    def back(sweep: ReverseSweep, at_step: tuple[Array, State, Array]) -> tuple[ReverseSweep, None]:
        t, state, indices = at_step
        is_active = t < sweep.step_of
        before, added, along = pull(run, state, fixed.take(indices), chosen.take(indices), sweep.adjoints)
        adjoints = jax.tree.map(lambda new, old: jnp.where(_over(is_active, new), new, old), before, sweep.adjoints)
        gradients = jax.tree.map(
            lambda leaf, more: leaf.at[indices].add(jnp.where(_over(is_active, more[0]), more, 0)),
            sweep.gradients,
            added,
        )
        is_lost = is_active & ~jnp.isfinite(along) & (sweep.not_finite_at == NEVER)
        return ReverseSweep(sweep.step_of, adjoints, gradients, jnp.where(is_lost, t + 1, sweep.not_finite_at)), None

    def segment(number: Int[Array, ""], sweep: ReverseSweep) -> ReverseSweep:
        index = stretch[1] - 1 - number
        states = segments.states(run, at(checkpoints, index), batches[index])
        times = (index * segments.length + jnp.arange(segments.length)).astype(jnp.int32)
        return jax.lax.scan(back, sweep, (times, states, batches[index]), reverse=True)[0]

    return jax.lax.fori_loop(0, stretch[1] - stretch[0], segment, sweep)


def _states_at(run: TrainingRun, segments: Segments, checkpoints: State, steps: Int[Array, " block"]) -> State:
    """Return the states at `steps`, stacked on a first axis; the start of the run where a step is padding."""
    batches = segments.batches(run)

    def segment(index: Int[Array, ""], kept: State) -> State:
        states = segments.states(run, at(checkpoints, index), batches[index])
        position = steps - index * segments.length
        is_here = (position >= 0) & (position < segments.length)
        there = at(states, jnp.clip(position, 0, segments.length - 1))
        return jax.tree.map(lambda new, old: jnp.where(_over(is_here, new), new, old), there, kept)

    first = jnp.where(steps == NEVER, run.n_steps, steps).min() // segments.length
    last = jnp.maximum(steps.max(), 0) // segments.length
    start = jax.tree.map(lambda leaf: jnp.broadcast_to(leaf, (steps.shape[0], *leaf.shape)), run.start)
    return jax.lax.fori_loop(first, last + 1, segment, start)


def _at_its_step(
    run: TrainingRun,
    state: State,
    step: Int[Array, ""],
    scalars: RunLosses,
    chosen: Examples,
    fixed: Examples,
    with_direct: bool,
) -> tuple[State, Examples | None]:
    """Return the gradients (scalar, ...) of the scalars at a step, with respect to the state there and to examples.

    The gradients with respect to examples are None unless `with_direct`.
    """
    smooth, rest = eqx.partition((state.parameters, state.statistics), eqx.is_inexact_array)
    indices = run.batches[jnp.clip(step, 0, run.n_steps - 1)]

    def numbers(smooth: PyTree, chosen: Examples) -> Float[Array, " scalar"]:
        return scalars(run, run.model(*eqx.combine(smooth, rest)), eqx.combine(chosen, fixed), indices)

    of_parameters, of_statistics = jax.jacrev(numbers)(smooth, chosen)
    n_scalars = jax.tree.leaves(of_parameters)[0].shape[0]
    optimizer_state = jax.tree.map(
        lambda leaf: jnp.zeros((n_scalars, *leaf.shape), leaf.dtype),
        eqx.filter(state.optimizer_state, eqx.is_inexact_array),
    )
    direct = jax.jacrev(numbers, 1)(smooth, chosen) if with_direct else None
    return State(of_parameters, of_statistics, optimizer_state), direct


def split_fields(examples: Examples, fields: tuple[str, ...]) -> tuple[Examples, Examples]:
    """Return the examples with `fields` only, and with the other fields only; None stands for each field left out."""
    leaves, structure = jax.tree.flatten(examples)
    is_chosen = [field.name in fields for field in dataclasses.fields(examples)]
    chosen, fixed = (
        jax.tree.unflatten(
            structure, [leaf if of == which else None for leaf, of in zip(leaves, is_chosen, strict=True)]
        )
        for which in (True, False)
    )
    return chosen, fixed


def finish(sweep: ReverseSweep) -> Int[Array, " adjoint"]:
    """Return the final `not_finite_at`, after the sweep has passed all updates.

    An adjoint that is not finite is detected at the update before, whose derivative along it is not finite either: that
    check costs nothing. Nothing precedes update 0, so it is checked here: an adjoint or a gradient that is not finite
    only at the end counts as lost at update 0.
    """
    of_adjoints = [leaf.sum(range(1, leaf.ndim)) for leaf in jax.tree.leaves(sweep.adjoints)]
    of_gradients = [leaf.sum((0, *range(2, leaf.ndim))) for leaf in jax.tree.leaves(sweep.gradients)]
    is_finite = jnp.isfinite(jnp.stack([*of_adjoints, *of_gradients])).all(axis=0)
    is_lost = ~is_finite & (sweep.not_finite_at == NEVER) & (sweep.step_of != NEVER)
    return jnp.where(is_lost, 0, sweep.not_finite_at)


def _over(mask: Bool[Array, " adjoint"], like: Array) -> Bool[Array, "adjoint ..."]:
    """Reshape `mask` to broadcast over all axes of `like` but its first."""
    return mask.reshape(-1, *[1] * (like.ndim - 1))


def _dot(one: PyTree, other: PyTree) -> Float[Array, ""]:
    products = jax.tree.leaves(jax.tree.map(jnp.vdot, one, other))
    return sum(products, jnp.zeros(()))
