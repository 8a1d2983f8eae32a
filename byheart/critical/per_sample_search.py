"""The driver of `EachSample`: samples queue for a fixed number of lanes, and leave when found or spent.

All lanes take one step together, as one batch; a lane whose sample is done takes the next sample of the queue. So the shape of the batch
never changes, one program serves any number of samples, and the work is the number of steps the samples need, not the longest of them.
"""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, Key

from byheart.critical.lass import LASS, ascent_gradient, has_class
from byheart.critical.noise_table import NoiseTable
from byheart.networks.network import Predict

Points = Float[Array, "lane height width channel"]


class Look(eqx.Module):
    """What one evaluation of the network shows of a batch of points."""

    label: Int[Array, " lane"]
    predicted: Int[Array, " lane"]
    is_finite: Bool[Array, " lane"]
    gradient: Points


class Lanes(eqx.Module):
    """Where each lane is: its sample (n: none), the point it has reached, the steps and restarts behind it, the class at the sample.

    `before` is the point before that, infinite where there is none; it is kept only for searches without noise.
    """

    sample: Int[Array, " lane"]
    point: Points
    step: Int[Array, " lane"]
    restart: Int[Array, " lane"]
    predicted: Int[Array, " lane"]
    before: Points | None


class Findings(eqx.Module):
    """What is known of each sample."""

    is_crossed: Bool[Array, " sample"]
    point: Float[Array, "sample height width channel"]
    steps: Int[Array, " sample"]
    is_finite: Bool[Array, " sample"]


def look(
    predict: Predict, point: Points, step: Int[Array, " lane"] | Int[Array, ""], predicted: Int[Array, " lane"]
) -> Look:
    """The class at `point`, and the gradient that climbs the loss of the `predicted` class, which is the class at step 0."""
    logits, pull_back = jax.vjp(predict, point)
    label = logits.argmax(axis=1).astype(jnp.int32)
    predicted = jnp.where(step == 0, label, predicted)
    (gradient,) = pull_back(ascent_gradient(logits, predicted))
    return Look(label, predicted, has_class(logits), gradient)


def radius_of(
    samples: Int[Array, " lane"], radius: Float[Array, ""] | Float[Array, " sample"]
) -> Float[Array, ""] | Float[Array, "lane 1 1 1"]:
    """The radius of each of `samples`, to broadcast over images; or the one that all have."""
    return radius if radius.ndim == 0 else radius[samples][:, None, None, None]


def search_each_sample(
    predict: Predict,
    images: Float[Array, "sample height width channel"],
    radius: Float[Array, ""] | Float[Array, " sample"],
    search: LASS,
    key: Key[Array, ""],
    n_lanes: int,
) -> Findings:
    """Searches every sample until its first crossing, or until its budget and restarts are spent.

    A search without noise is deterministic. Where it comes back to the point it stands at or to the one before, it would only repeat what it
    has seen, in restarts too, and so ends.
    """
    n = images.shape[0]
    n_lanes = min(n_lanes, n)
    noise = NoiseTable.drawn(key, images.shape[1:])

    def is_any_active(state: tuple[Lanes, Findings, Int[Array, ""]]) -> Bool[Array, ""]:
        return (state[0].sample < n).any()

    def advance(
        state: tuple[Lanes, Findings, Int[Array, ""]],
    ) -> tuple[Lanes, Findings, Int[Array, ""]]:
        lanes, findings, queue_head = state
        center = images[lanes.sample]
        seen = look(predict, lanes.point, lanes.step, lanes.predicted)
        moment = lanes.restart * (search.budget + 1) + lanes.step
        eta = noise.at(lanes.sample, moment)
        moved = search.step(lanes.point, seen.gradient, eta, center, radius_of(lanes.sample, radius))

        is_crossed = seen.is_finite & (seen.label != seen.predicted)
        is_spent = lanes.step == search.budget
        is_over = is_crossed | ~seen.is_finite | (is_spent & (lanes.restart == search.restarts))
        if lanes.before is not None:
            is_over |= _is_same(moved, lanes.point) | _is_same(moved, lanes.before)
        findings = _noted(findings, jnp.where(is_over, lanes.sample, n), lanes, seen, is_crossed, search.budget)

        successor = queue_head + jnp.cumsum(is_over, dtype=jnp.int32) - 1
        sample = jnp.where(is_over, jnp.minimum(successor, n), lanes.sample)
        is_fresh = is_over | is_spent
        point = jnp.where(is_fresh[:, None, None, None], images[sample], moved)
        restart = jnp.where(is_over, 0, lanes.restart + is_spent)
        before = None if lanes.before is None else jnp.where(is_fresh[:, None, None, None], jnp.inf, lanes.point)
        lanes = Lanes(sample, point, jnp.where(is_fresh, 0, lanes.step + 1), restart, seen.predicted, before)
        return lanes, findings, queue_head + is_over.sum(dtype=jnp.int32)

    zeros = jnp.zeros(n_lanes, jnp.int32)
    nowhere = jnp.full_like(images[:n_lanes], jnp.inf) if search.noise_scale == 0 else None
    lanes = Lanes(jnp.arange(n_lanes, dtype=jnp.int32), images[:n_lanes], zeros, zeros, zeros, nowhere)
    unknown = Findings(jnp.zeros(n, bool), images, jnp.zeros(n, jnp.int32), jnp.ones(n, bool))
    _, findings, _ = jax.lax.while_loop(is_any_active, advance, (lanes, unknown, jnp.asarray(n_lanes, jnp.int32)))
    return findings


def _is_same(points: Points, others: Points) -> Bool[Array, " lane"]:
    return (points == others).all(axis=(1, 2, 3))


def _noted(
    findings: Findings,
    target: Int[Array, " lane"],
    lanes: Lanes,
    seen: Look,
    is_crossed: Bool[Array, " lane"],
    budget: int,
) -> Findings:
    """`findings` with the lanes' outcomes written at the samples in `target`; n writes nothing."""
    crossed = jnp.where(is_crossed, target, findings.is_crossed.shape[0])
    return Findings(
        is_crossed=findings.is_crossed.at[target].set(is_crossed, mode="drop"),
        point=findings.point.at[crossed].set(lanes.point, mode="drop"),
        steps=findings.steps.at[target].set(lanes.restart * budget + lanes.step, mode="drop"),
        is_finite=findings.is_finite.at[target].set(seen.is_finite, mode="drop"),
    )
