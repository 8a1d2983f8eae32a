"""The driver of `EachSample`: samples wait in a queue for a fixed number of lanes, and leave when found or spent.

All lanes take a step together, as one batch. A lane whose sample is done takes the next sample of the queue. So the
shape of the batch never changes, one program serves any number of samples, and the cost is the sum of the steps that
samples need, not the largest of them.
"""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Int, Key

from byheart.critical.box_search import BoxSearch, Evaluation, Points, Radius, SearchResult, radius_of
from byheart.critical.noise_table import noise_for
from byheart.inputs import Inputs, over_inputs
from byheart.networks.network import Predict


class LaneState(eqx.Module):
    """The state of each lane.

    Attributes:
        sample: (lane,), index of its sample; the number of samples if it has none.
        point: (lane, *input), the point that its search has reached.
        step: (lane,), steps since the last start.
        restart: (lane,), restarts so far.
        predicted: (lane,), the class predicted at the sample.
        before: the point before `point`, infinite at a start; None for searches with noise.
    """

    sample: Int[Array, " lane"]
    point: Points
    step: Int[Array, " lane"]
    restart: Int[Array, " lane"]
    predicted: Int[Array, " lane"]
    before: Points | None


State = tuple[LaneState, SearchResult, Int[Array, ""]]
"""Lanes, results so far, and the index of the first sample that still waits."""


def search_each_sample(
    predict: Predict, inputs: Inputs, radius: Radius, search: BoxSearch, key: Key[Array, ""], n_lanes: int
) -> SearchResult:
    """Search around every sample until its first crossing, or until its budget and restarts are spent.

    A search without noise is deterministic. If it returns to the point where it stands or to the one before, further
    steps and restarts would only repeat, so it ends.
    """
    n = inputs.shape[0]
    n_lanes = min(n_lanes, n)
    noise = noise_for(search.noise_scale, key, inputs.shape[1:])

    def is_any_active(state: State) -> Bool[Array, ""]:
        return (state[0].sample < n).any()

    def advance(state: State) -> State:
        lanes, result, queue_head = state
        moment = lanes.restart * (search.budget + 1) + lanes.step
        moved, seen = search.step(
            predict,
            lanes.point,
            is_start=lanes.step == 0,
            predicted=lanes.predicted,
            noise=noise.at(lanes.sample, moment),
            center=inputs[lanes.sample],
            radius=radius_of(lanes.sample, radius, inputs),
        )
        is_spent = lanes.step == search.budget
        is_over = seen.is_crossed | ~seen.is_finite | (is_spent & (lanes.restart == search.restarts))
        if lanes.before is not None:
            is_over |= _is_same(moved, lanes.point) | _is_same(moved, lanes.before)
        result = _with_outcomes(result, jnp.where(is_over, lanes.sample, n), lanes, seen, search.budget)

        successor = queue_head + jnp.cumsum(is_over, dtype=jnp.int32) - 1
        sample = jnp.where(is_over, jnp.minimum(successor, n), lanes.sample)
        is_fresh = is_over | is_spent
        point = jnp.where(over_inputs(is_fresh, moved), inputs[sample], moved)
        restart = jnp.where(is_over, 0, lanes.restart + is_spent)
        before = None if lanes.before is None else jnp.where(over_inputs(is_fresh, moved), jnp.inf, lanes.point)
        lanes = LaneState(sample, point, jnp.where(is_fresh, 0, lanes.step + 1), restart, seen.predicted, before)
        return lanes, result, queue_head + is_over.sum(dtype=jnp.int32)

    zeros = jnp.zeros(n_lanes, jnp.int32)
    nowhere = jnp.full_like(inputs[:n_lanes], jnp.inf) if search.noise_scale == 0 else None
    lanes = LaneState(jnp.arange(n_lanes, dtype=jnp.int32), inputs[:n_lanes], zeros, zeros, zeros, nowhere)
    start = (lanes, SearchResult.before(inputs), jnp.asarray(n_lanes, jnp.int32))
    _, result, _ = jax.lax.while_loop(is_any_active, advance, start)
    return result


def _is_same(points: Points, others: Points) -> Bool[Array, " lane"]:
    return (points == others).all(axis=tuple(range(1, points.ndim)))


def _with_outcomes(
    result: SearchResult, target: Int[Array, " lane"], lanes: LaneState, seen: Evaluation, budget: int
) -> SearchResult:
    """Write the outcomes of lanes at the samples in `target`; the number of samples writes nothing."""
    crossed = jnp.where(seen.is_crossed, target, result.is_crossed.shape[0])
    return SearchResult(
        is_crossed=result.is_crossed.at[target].set(seen.is_crossed, mode="drop"),
        point=result.point.at[crossed].set(lanes.point, mode="drop"),
        steps=result.steps.at[target].set(lanes.restart * budget + lanes.step, mode="drop"),
        is_finite=result.is_finite.at[target].set(seen.is_finite, mode="drop"),
    )
