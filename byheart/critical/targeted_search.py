"""Targeted search: gradient steps on the difference of two logits, toward each other class in turn.

The steps are those that AutoAttack's APGD-T describes (Croce and Hein, 2020, "Reliable evaluation of adversarial
robustness with an ensemble of diverse parameter-free attacks", section 4): momentum, and a step that is halved at
checkpoints where it no longer helps.

    z       <- P(x_t + eta sign(grad (f_j - f_k)(x_t)))
    x_{t+1} <- P(x_t + a (z - x_t) + (1 - a)(x_t - x_{t-1})),   a = 0.75, and 1 at the first step

P is the nearest point of the box, k the predicted class and j the target.
"""

import dataclasses
from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, Key

from byheart import checks
from byheart.critical.bounds import Bound, check_channels, checked_bounds, into_box
from byheart.critical.box_search import Radius, SearchResult, has_class, radius_of
from byheart.critical.lass import NOISE_TO_RADIUS
from byheart.critical.noise_table import NoiseTable
from byheart.inputs import Inputs, InputShape, over_inputs
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


@dataclasses.dataclass(frozen=True)
class TargetedSearch:
    """Settings of a stronger and slower search than `LASS`: it climbs toward each other class in turn.

    Each climb starts at the sample with the noise of LASS, and once more at the corner where a proof failed if
    `starts` are given. On a linear classifier it finds every critical sample.

    Attributes:
        budget: steps of a climb.
        n_targets: number of other classes to climb toward, from that with the largest logit; None takes all.
        restarts: number of further climbs to each target, with fresh noise.
        bounds: (low, high) in input units, as for `LASS`.

    Raises:
        BadInput: a value out of range.
    """

    budget: int = 50
    n_targets: int | None = None
    restarts: int = 0
    bounds: tuple[Bound, Bound] | None = None

    takes_starts: ClassVar[bool] = True

    def __post_init__(self) -> None:
        checks.fields(self, budget=checks.count, n_targets=checks.optional(checks.count))
        checks.fields(self, restarts=checks.count_from_0, bounds=checks.optional(checked_bounds))

    @property
    def limits(self) -> tuple[Bound, Bound] | None:
        """The bounds (low, high) that points are kept in."""
        return self.bounds

    def check_shape(self, input_shape: InputShape) -> None:
        """Raise `BadInput` if bounds are given for vectors, or for another number of channels than images have."""
        check_channels(self.bounds, input_shape)

    def run(
        self,
        predict: Predict,
        inputs: Inputs,
        radius: Radius,
        key: Key[Array, ""],
        lanes: int,
        starts: Inputs | None = None,
    ) -> SearchResult:
        """Search all samples, `lanes` of them at a time.

        Cost: for each sample at most (targets)(starts + restarts + 1)(budget + 1) forward and input-backward passes. A
        block of samples ends when all of them are found.
        """
        n = len(inputs)
        noise = NoiseTable.drawn(key, inputs.shape[1:])
        lanes = min(lanes, n)
        rows = jnp.minimum(jnp.arange(-(-n // lanes) * lanes), n - 1).reshape(-1, lanes)

        def one_block(samples: Int[Array, " lane"]) -> SearchResult:
            r = jnp.broadcast_to(radius_of(samples, radius, inputs), (lanes, *[1] * (inputs.ndim - 1)))
            given = None if starts is None else starts[samples]
            return self._search_block(predict, inputs[samples], r, samples, noise, given)

        found = jax.lax.map(one_block, rows)
        return jax.tree.map(lambda leaf: leaf.reshape(-1, *leaf.shape[2:])[:n], found)

    def _search_block(
        self,
        predict: Predict,
        center: Inputs,
        radius: Float[Array, "sample *one"],
        samples: Int[Array, " sample"],
        noise: NoiseTable,
        given: Inputs | None,
    ) -> SearchResult:
        logits = predict(center)
        predicted = logits.argmax(axis=1)
        order = jnp.argsort(-logits.at[jnp.arange(len(center)), predicted].set(-jnp.inf), axis=1)
        n_targets = min(self.n_targets or logits.shape[1], logits.shape[1] - 1)
        n_starts = self.restarts + 1 + (given is not None)
        result = dataclasses.replace(SearchResult.before(center), is_finite=has_class(logits))

        def climb(number: Int[Array, ""], result: SearchResult) -> SearchResult:
            """Climb once; the number says toward which target and from which start."""
            eta = noise.at(samples, jnp.full_like(samples, number))
            point = into_box(center + NOISE_TO_RADIUS * radius * eta, center, radius, self.bounds)
            if given is not None:
                corner = into_box(given, center, radius, self.bounds)
                point = jnp.where(number % n_starts == 0, corner, point)
            target = order[:, number // n_starts]
            return self._climb(predict, center, radius, point, predicted, target, result)

        def is_left(carry: tuple[Int[Array, ""], SearchResult]) -> Bool[Array, ""]:
            number, result = carry
            return (number < n_targets * n_starts) & (result.is_finite & ~result.is_crossed).any()

        def advance(carry: tuple[Int[Array, ""], SearchResult]) -> tuple[Int[Array, ""], SearchResult]:
            return carry[0] + 1, climb(*carry)

        return jax.lax.while_loop(is_left, advance, (jnp.asarray(0, jnp.int32), result))[1]

    def _climb(
        self,
        predict: Predict,
        center: Inputs,
        radius: Float[Array, "sample *one"],
        start: Inputs,
        predicted: Int[Array, " sample"],
        target: Int[Array, " sample"],
        result: SearchResult,
    ) -> SearchResult:
        n, every = len(center), jnp.arange(len(center))
        lengths = jnp.asarray(_checkpoints(self.budget))

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
            climbed = into_box(state.point + step_size * jnp.sign(gradient), center, radius, self.bounds)
            share = jnp.where(number == 0, 1.0, MOMENTUM)
            moved = state.point + share * (climbed - state.point) + (1 - share) * (state.point - state.before)
            back = over_inputs(is_halved, center)
            return ClimbState(
                point=jnp.where(back, best, into_box(moved, center, radius, self.bounds)),
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
            return (number <= self.budget) & (result.is_finite & ~result.is_crossed).any()

        nowhere, zeros = jnp.full(n, -jnp.inf), jnp.zeros(n, jnp.int32)
        first = ClimbState(start, start, start, nowhere, nowhere, 2 * radius, zeros, nowhere, jnp.zeros(n, bool))
        _, (_, result) = jax.lax.while_loop(
            is_left, lambda carry: (carry[0] + 1, step(*carry)), (jnp.asarray(0, jnp.int32), (first, result))
        )
        return result


def _checkpoints(budget: int) -> np.ndarray:
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
