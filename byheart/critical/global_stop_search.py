"""The driver of `GlobalStop`: sweeps over all samples until one finds too few new ones (the author's rule)."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, Key

from byheart.critical.box_search import BoxSearch, Evaluation, Points, Radius, SearchResult, radius_of
from byheart.critical.noise_table import noise_for
from byheart.inputs import Inputs, over_inputs
from byheart.networks.network import Predict


class SweepState(eqx.Module):
    """The state of the search.

    Attributes:
        step: sweeps done.
        points: (sample, *input), the points reached.
        predicted: (sample,), the classes predicted at the samples.
        result: the results so far.
        goes_on: whether another sweep follows.
    """

    step: Int[Array, ""]
    points: Float[Array, "sample *input"]
    predicted: Int[Array, " sample"]
    result: SearchResult
    goes_on: Bool[Array, ""]


def search_in_sweeps(
    predict: Predict,
    inputs: Inputs,
    radius: Radius,
    search: BoxSearch,
    fewer_than: int,
    key: Key[Array, ""],
    block: int,
) -> SearchResult:
    """Move all samples, found or not, until a sweep finds fewer than `fewer_than` new ones, or the budget is spent.

    Points are evaluated `block` at a time. As everywhere, the first crossing of a sample is kept.
    """
    n = inputs.shape[0]
    block = min(block, n)
    n_blocks = -(-n // block)
    noise = noise_for(search.noise_scale, key, inputs.shape[1:])
    blocks = jnp.minimum(jnp.arange(n_blocks * block, dtype=jnp.int32), n - 1).reshape(n_blocks, block)

    def sweep(state: SweepState) -> SweepState:
        def one_block(samples: Int[Array, " block"]) -> tuple[Points, Evaluation]:
            return search.step(
                predict,
                state.points[samples],
                is_start=state.step == 0,
                predicted=state.predicted[samples],
                noise=noise.at(samples, jnp.broadcast_to(state.step, samples.shape)),
                center=inputs[samples],
                radius=radius_of(samples, radius, inputs),
            )

        def of_samples(blocks: Array) -> Array:
            return blocks.reshape(-1, *blocks.shape[2:])[:n]

        moved, seen = jax.tree.map(of_samples, jax.lax.map(one_block, blocks))
        found = state.result
        is_new = seen.is_crossed & ~found.is_crossed
        result = SearchResult(
            is_crossed=found.is_crossed | is_new,
            point=jnp.where(over_inputs(is_new, found.point), state.points, found.point),
            steps=jnp.where(found.is_crossed, found.steps, state.step),
            is_finite=found.is_finite & (seen.is_finite | found.is_crossed),
        )
        goes_on = (state.step < search.budget) & ((state.step == 0) | (is_new.sum() >= fewer_than))
        return SweepState(state.step + 1, moved, seen.predicted, result, goes_on)

    zeros = jnp.zeros(n, jnp.int32)
    start = SweepState(jnp.zeros((), jnp.int32), inputs, zeros, SearchResult.before(inputs), jnp.array(True))
    return jax.lax.while_loop(lambda state: state.goes_on, sweep, start).result
