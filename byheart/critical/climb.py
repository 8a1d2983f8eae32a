"""A climb toward another class: gradient steps on the difference of two logits, with momentum.

The steps are those that AutoAttack's APGD-T describes (Croce and Hein, 2020, "Reliable evaluation of adversarial
robustness with an ensemble of diverse parameter-free attacks", section 4): momentum, and a step that is halved at
checkpoints where it no longer helps.

    z       <- P(x_t + eta sign(grad (f_j - f_k)(x_t)))
    x_{t+1} <- P(x_t + a (z - x_t) + (1 - a)(x_t - x_{t-1})),   a = 0.75, and 1 at the first step

P is the nearest point of the box, k the predicted class and j the target.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from byheart.critical.bounds import Bound, into_box
from byheart.critical.box_search import SearchResult, has_class
from byheart.inputs import Inputs, over_inputs
from byheart.networks.network import Predict

MOMENTUM = 0.75
"""a of the step."""
ENOUGH = 0.75
"""Share of steps between checkpoints that must raise the difference; otherwise the step is halved."""


class ClimbState(NamedTuple):
    """The state of a climb toward one target.

    Attributes:
        point, before: (sample, *input), the points of this step and of the one before.
        best: (sample, *input), the point with the largest difference so far; `height` is that difference.
        last: (sample,), the difference at the step before.
        step_size: (sample, *one), eta.
        n_raised: (sample,), steps since the last checkpoint that raised the difference.
        height_then, was_halved: (sample,), `height` at the last checkpoint, and whether the step was halved there.
    """

    point: Inputs
    before: Inputs
    best: Inputs
    height: Float[Array, " sample"]
    last: Float[Array, " sample"]
    step_size: Float[Array, "sample *one"]
    n_raised: Int[Array, " sample"]
    height_then: Float[Array, " sample"]
    was_halved: Bool[Array, " sample"]


def climb(
    predict: Predict,
    center: Inputs,
    radius: Float[Array, "sample *one"],
    start: Inputs,
    predicted: Int[Array, " sample"],
    target: Int[Array, " sample"],
    result: SearchResult,
    budget: int,
    bounds: tuple[Bound, Bound] | None,
) -> SearchResult:
    """Climb from `start` toward `target`, and return the result with the first crossings on the way.

    Args:
        predict: the network.
        center: the samples.
        radius: of their boxes.
        start: where to start, in the boxes.
        predicted: the classes k predicted at the samples.
        target: the classes j.
        result: the result before; samples that are found already keep theirs.
        budget: number of steps.
        bounds: (low, high) that points are kept in, or None.
    """
    n, every = len(center), jnp.arange(len(center))
    lengths = jnp.asarray(checkpoints(budget))

    def differences(points: Inputs) -> tuple[Array, Array]:
        logits = predict(points)
        return (logits[every, target] - logits[every, predicted]), logits

    def step(number: Int[Array, ""], carry: tuple[ClimbState, SearchResult]) -> tuple[ClimbState, SearchResult]:
        state, result = carry
        height, pull_back, logits = jax.vjp(differences, state.point, has_aux=True)
        (gradient,) = pull_back(jnp.ones_like(height))
        result = _noted(result, logits, predicted, state.point)
        is_best = (height > state.height) | (number == 0)
        best = jnp.where(over_inputs(is_best, center), state.point, state.best)
        highest = jnp.where(is_best, height, state.height)
        n_raised = state.n_raised + ((height > state.last) & (number > 0))
        length = lengths[number]
        is_stuck = n_raised < ENOUGH * length
        is_stuck |= ~state.was_halved & (state.height_then >= highest)
        is_checked, is_halved = length > 0, (length > 0) & is_stuck
        step_size = jnp.where(over_inputs(is_halved, center), state.step_size / 2, state.step_size)
        climbed = into_box(state.point + step_size * jnp.sign(gradient), center, radius, bounds)
        share = jnp.where(number == 0, 1.0, MOMENTUM)
        moved = state.point + share * (climbed - state.point) + (1 - share) * (state.point - state.before)
        back = over_inputs(is_halved, center)
        return ClimbState(
            point=jnp.where(back, best, into_box(moved, center, radius, bounds)),
            before=jnp.where(back, best, state.point),
            best=best,
            height=highest,
            last=height,
            step_size=step_size,
            n_raised=jnp.where(is_checked, 0, n_raised),
            height_then=jnp.where(is_checked, highest, state.height_then),
            was_halved=jnp.where(is_checked, is_halved, state.was_halved),
        ), result

    def is_left(carry: tuple[Int[Array, ""], tuple[ClimbState, SearchResult]]) -> Bool[Array, ""]:
        number, (_, result) = carry
        return (number <= budget) & (result.is_finite & ~result.is_crossed).any()

    nowhere, zeros = jnp.full(n, -jnp.inf), jnp.zeros(n, jnp.int32)
    first = ClimbState(start, start, start, nowhere, nowhere, 2 * radius, zeros, nowhere, jnp.zeros(n, bool))
    _, (_, result) = jax.lax.while_loop(
        is_left, lambda carry: (carry[0] + 1, step(*carry)), (jnp.asarray(0, jnp.int32), (first, result))
    )
    return result


def checkpoints(budget: int) -> np.ndarray:
    """Return (budget + 1,), at each step the number of steps since the last checkpoint; 0 between checkpoints.

    Checkpoints lie at 22 % of the budget and then at intervals that shrink by 3 % to 6 % of it.
    """
    lengths, share, gap, last = np.zeros(budget + 1, np.int32), 0.22, 0.22, 0
    while share <= 1:
        place = int(np.ceil(round(share * budget, 6)))
        lengths[place], last = place - last, place
        gap = max(gap - 0.03, 0.06)
        share += gap
    return lengths


def _noted(
    result: SearchResult, logits: Float[Array, "sample class"], predicted: Int[Array, " sample"], point: Inputs
) -> SearchResult:
    """Return the result after one more point of each sample."""
    is_open = result.is_finite & ~result.is_crossed
    is_finite = has_class(logits)
    is_new = is_open & is_finite & (logits.argmax(axis=1) != predicted)
    return SearchResult(
        is_crossed=result.is_crossed | is_new,
        point=jnp.where(over_inputs(is_new, point), point, result.point),
        steps=result.steps + (is_open & ~is_new),
        is_finite=result.is_finite & (is_finite | ~is_open),
    )
