"""Targeted search: gradient steps on the difference of two logits, toward each other class in turn.

`climb` has the steps, which are those of AutoAttack's APGD-T (Croce and Hein, 2020).
"""

import dataclasses
from typing import ClassVar

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, Key

from byheart import checks
from byheart.critical.bounds import Bound, check_channels, checked_bounds, into_box
from byheart.critical.box_search import Radius, SearchResult, has_class, radius_of
from byheart.critical.climb import climb
from byheart.critical.lass import NOISE_TO_RADIUS
from byheart.critical.noise_table import NoiseTable
from byheart.inputs import Inputs, InputShape
from byheart.networks.network import Predict


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

        def climb_once(number: Int[Array, ""], result: SearchResult) -> SearchResult:
            """Climb once; the number says toward which target and from which start."""
            eta = noise.at(samples, jnp.full_like(samples, number))
            point = into_box(center + NOISE_TO_RADIUS * radius * eta, center, radius, self.bounds)
            if given is not None:
                corner = into_box(given, center, radius, self.bounds)
                point = jnp.where(number % n_starts == 0, corner, point)
            target = order[:, number // n_starts]
            return climb(predict, center, radius, point, predicted, target, result, self.budget, self.bounds)

        def is_left(carry: tuple[Int[Array, ""], SearchResult]) -> Bool[Array, ""]:
            number, result = carry
            return (number < n_targets * n_starts) & (result.is_finite & ~result.is_crossed).any()

        def advance(carry: tuple[Int[Array, ""], SearchResult]) -> tuple[Int[Array, ""], SearchResult]:
            return carry[0] + 1, climb_once(*carry)

        return jax.lax.while_loop(is_left, advance, (jnp.asarray(0, jnp.int32), result))[1]
