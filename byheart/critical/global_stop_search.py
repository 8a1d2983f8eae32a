"""The driver of `GlobalStop`: whole-set sweeps, until one finds too few new critical samples (the author's rule)."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, Key

from byheart.critical.lass import LASS, GlobalStop
from byheart.critical.noise_table import NoiseTable
from byheart.critical.per_sample_search import Findings, look, radius_of
from byheart.networks.network import Predict

Sweep = tuple[
    Int[Array, ""], Float[Array, "sample height width channel"], Int[Array, " sample"], Findings, Bool[Array, ""]
]
"""Sweeps done, points reached, predicted classes, findings, whether to go on."""


def search_in_sweeps(
    predict: Predict,
    images: Float[Array, "sample height width channel"],
    radius: Float[Array, ""] | Float[Array, " sample"],
    search: LASS,
    stop: GlobalStop,
    key: Key[Array, ""],
    block: int,
) -> Findings:
    """Steps all samples, found or not, at most `search.budget` times; stops as soon as a sweep finds fewer than `stop.fewer_than` new ones.

    Points are evaluated `block` at a time. As everywhere, the first crossing of a sample is kept.
    """
    n = images.shape[0]
    block = min(block, n)
    n_blocks = -(-n // block)
    noise = NoiseTable.drawn(key, images.shape[1:])
    blocks = jnp.minimum(jnp.arange(n_blocks * block, dtype=jnp.int32), n - 1).reshape(n_blocks, block)

    def sweep(state: Sweep) -> Sweep:
        step, points, predicted, findings, _ = state

        def one_block(samples: Int[Array, " block"]) -> tuple[Array, ...]:
            seen = look(predict, points[samples], step, predicted[samples])
            eta = noise.at(samples, jnp.broadcast_to(step, samples.shape))
            moved = search.step(points[samples], seen.gradient, eta, images[samples], radius_of(samples, radius))
            return moved, seen.label, seen.predicted, seen.is_finite

        results = jax.lax.map(one_block, blocks)
        moved, label, predicted, is_finite = (part.reshape(-1, *part.shape[2:])[:n] for part in results)
        is_new = (label != predicted) & is_finite & ~findings.is_crossed
        findings = Findings(
            is_crossed=findings.is_crossed | is_new,
            point=jnp.where(is_new[:, None, None, None], points, findings.point),
            steps=jnp.where(findings.is_crossed, findings.steps, step),
            is_finite=findings.is_finite & (is_finite | findings.is_crossed),
        )
        goes_on = (step < search.budget) & ((step == 0) | (is_new.sum() >= stop.fewer_than))
        return step + 1, moved, predicted, findings, goes_on

    unknown = Findings(jnp.zeros(n, bool), images, jnp.zeros(n, jnp.int32), jnp.ones(n, bool))
    start = (jnp.zeros((), jnp.int32), images, jnp.zeros(n, jnp.int32), unknown, jnp.array(True))
    return jax.lax.while_loop(lambda state: state[4], sweep, start)[3]
