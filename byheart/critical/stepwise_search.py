"""The box search of a network outside JAX, one step after the other: the drivers of `EachSample` and `GlobalStop`.

Definitions, noise and results are those of `per_sample_search` and `global_stop_search`; the loops are Python's.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, Key

from byheart.critical.box_search import BoxSearch, SearchResult
from byheart.critical.noise_table import noise_for

Numbers = Float[np.ndarray, "lane *input"]


class Seen(NamedTuple):
    """Evaluation of a network at points, as NumPy arrays; the fields are those of `box_search.Evaluation`."""

    predicted: Int[np.ndarray, " lane"]
    is_finite: Bool[np.ndarray, " lane"]
    is_crossed: Bool[np.ndarray, " lane"]
    gradient: Numbers


Evaluate = Callable[[Numbers, Bool[np.ndarray, " lane"], Int[np.ndarray, " lane"]], Seen]
"""(points, whether they are the samples themselves, classes predicted at the samples) -> what the network says."""


class _Steps:
    """Takes steps of up to `lanes` samples, by one compiled program."""

    def __init__(
        self, steps: BoxSearch, evaluate: Evaluate, inputs: Numbers, radius: np.ndarray, key: Key[Array, ""], lanes: int
    ) -> None:
        self._evaluate, self._inputs, self._lanes = evaluate, inputs, min(lanes, len(inputs))
        self._radius = np.broadcast_to(radius, inputs.shape[:1]).reshape(-1, *[1] * (inputs.ndim - 1))
        noise = noise_for(steps.noise_scale, key, inputs.shape[1:])

        @jax.jit
        def moved(point: Array, gradient: Array, sample: Array, moment: Array, center: Array, radius: Array) -> Array:
            return steps.moved(point, gradient, noise.at(sample, moment), center, radius)

        self._moved = moved

    def __call__(
        self,
        samples: Int[np.ndarray, " lane"],
        point: Numbers,
        is_start: Bool[np.ndarray, " lane"],
        predicted: Int[np.ndarray, " lane"],
        moment: Int[np.ndarray, " lane"],
    ) -> tuple[Numbers, Seen]:
        """Return the points after a step, and what the network says of the points before it."""
        seen = self._evaluate(point, is_start, predicted)
        given = (point, seen.gradient, samples, moment.astype(np.int32), self._inputs[samples], self._radius[samples])
        moved = self._moved(*(filled(one, self._lanes) for one in given))
        return np.array(moved)[: len(samples)], seen


def search_each_sample_stepwise(
    steps: BoxSearch, evaluate: Evaluate, inputs: Numbers, radius: np.ndarray, key: Key[Array, ""], lanes: int
) -> SearchResult:
    """Search around every sample until its first crossing, or until its budget and restarts are spent."""
    n = len(inputs)
    step_of = _Steps(steps, evaluate, inputs, radius, key, lanes)
    point, before = inputs.copy(), np.full_like(inputs, np.inf)
    step, restart, predicted = (np.zeros(n, np.int32) for _ in range(3))
    is_crossed, is_finite, is_waiting = np.zeros(n, bool), np.ones(n, bool), np.ones(n, bool)
    while is_waiting.any():
        at = np.flatnonzero(is_waiting)[:lanes].astype(np.int32)
        moment = restart[at] * (steps.budget + 1) + step[at]
        moved, seen = step_of(at, point[at], step[at] == 0, predicted[at], moment)
        is_spent = step[at] == steps.budget
        is_over = seen.is_crossed | ~seen.is_finite | (is_spent & (restart[at] == steps.restarts))
        if steps.noise_scale == 0:
            is_over |= _is_same(moved, point[at]) | _is_same(moved, before[at])
        predicted[at] = seen.predicted
        over, again, on = at[is_over], at[is_spent & ~is_over], at[~is_spent & ~is_over]
        is_waiting[over], is_crossed[over] = False, seen.is_crossed[is_over]
        is_finite[over] = seen.is_finite[is_over]
        point[again], before[again], step[again] = inputs[again], np.inf, 0
        restart[again] += 1
        before[on], point[on] = point[on], moved[~is_spent & ~is_over]
        step[on] += 1
    found = np.where(is_crossed.reshape(-1, *[1] * (inputs.ndim - 1)), point, inputs)
    return _result(is_crossed, found, restart * steps.budget + step, is_finite)


def search_in_sweeps_stepwise(
    steps: BoxSearch,
    evaluate: Evaluate,
    inputs: Numbers,
    radius: np.ndarray,
    fewer_than: int,
    key: Key[Array, ""],
    lanes: int,
) -> SearchResult:
    """Move all samples, found or not, until a sweep finds fewer than `fewer_than` new ones, or the budget is spent."""
    n = len(inputs)
    step_of = _Steps(steps, evaluate, inputs, radius, key, lanes)
    points, found_point = inputs.copy(), inputs.copy()
    predicted, taken = np.zeros(n, np.int32), np.zeros(n, np.int32)
    is_crossed, is_finite = np.zeros(n, bool), np.ones(n, bool)
    for step in range(steps.budget + 1):
        n_new = 0
        for start in range(0, n, lanes):
            at = np.arange(start, min(start + lanes, n), dtype=np.int32)
            moved, seen = step_of(at, points[at], np.full(len(at), step == 0), predicted[at], np.full(len(at), step))
            is_new = seen.is_crossed & ~is_crossed[at]
            found_point[at[is_new]] = points[at[is_new]]
            taken[at] = np.where(is_crossed[at], taken[at], step)
            is_finite[at] &= seen.is_finite | is_crossed[at]
            is_crossed[at] |= is_new
            points[at], predicted[at] = moved, seen.predicted
            n_new += int(is_new.sum())
        if step > 0 and n_new < fewer_than:
            break
    return _result(is_crossed, found_point, taken, is_finite)


def filled(values: np.ndarray, n: int) -> np.ndarray:
    """Return `values` with its last one repeated up to a length of `n`, so that one program serves any number."""
    return np.concatenate([values, np.repeat(values[-1:], n - len(values), axis=0)])


def _result(is_crossed: np.ndarray, point: np.ndarray, steps: np.ndarray, is_finite: np.ndarray) -> SearchResult:
    return SearchResult(jnp.asarray(is_crossed), jnp.asarray(point), jnp.asarray(steps), jnp.asarray(is_finite))


def _is_same(points: Numbers, others: Numbers) -> Bool[np.ndarray, " lane"]:
    return (points == others).all(axis=tuple(range(1, points.ndim)))
