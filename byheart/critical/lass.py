"""Langevin adversarial sample search (LASS): its settings, and one step of Algorithm 1 as in its author's code.

    k     <- argmax f(x)
    x_t   <- x_t + alpha * sign(d CE(f(x_t), k) / d x_t) + beta * eta,   eta ~ N(0, I)
    x_t   <- the nearest point of the box ||x_t - x||_inf <= r
    found <- argmax f(x_t) != k

`per_sample_search`, `global_stop_search` and `fixed_steps_search` repeat the step. It corrects two errors of the
printed algorithm: the gradient is taken at x_t, not at x, and it climbs the loss of the predicted class.
"""

import dataclasses
from typing import ClassVar

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, Key

from byheart import checks, literals
from byheart.critical.bounds import Bound, check_channels, checked_bounds, into_box
from byheart.critical.box_search import BoxSearch, Evaluation, Points, Radius, SearchResult, evaluate
from byheart.critical.global_stop_search import search_in_sweeps
from byheart.critical.per_sample_search import search_each_sample
from byheart.critical.stepwise_search import (
    Evaluate,
    Numbers,
    search_each_sample_stepwise,
    search_in_sweeps_stepwise,
)
from byheart.inputs import Inputs, InputShape
from byheart.networks.network import Predict

STEP_TO_RADIUS = 0.25 / 0.3
"""alpha / r in the paper."""
NOISE_TO_RADIUS = 0.2 / 0.3
"""beta / r in the paper."""


@literals.register
@dataclasses.dataclass(frozen=True)
class EachSample:
    """The search of a sample ends at its first crossing or when its budget is spent, whatever other samples do."""

    allows_restarts: ClassVar[bool] = True

    def search(
        self, steps: BoxSearch, predict: Predict, inputs: Inputs, radius: Radius, key: Key[Array, ""], lanes: int
    ) -> SearchResult:
        """Search each sample by itself, `lanes` of them at a time."""
        return search_each_sample(predict, inputs, radius, steps, key, lanes)

    def search_stepwise(
        self, steps: BoxSearch, evaluate: Evaluate, inputs: Numbers, radius: np.ndarray, key: Key[Array, ""], lanes: int
    ) -> SearchResult:
        """Search each sample by itself, with a network outside JAX."""
        return search_each_sample_stepwise(steps, evaluate, inputs, radius, key, lanes)


@literals.register
@dataclasses.dataclass(frozen=True)
class GlobalStop:
    """The author's rule: sweep over the whole set until a sweep finds fewer than `fewer_than` new critical samples.

    The ratio then depends on the size of the set, and is a looser lower bound. Use it to compare with published
    numbers.
    """

    fewer_than: int = 20

    allows_restarts: ClassVar[bool] = False

    def __post_init__(self) -> None:
        checks.fields(self, fewer_than=checks.count)

    def search(
        self, steps: BoxSearch, predict: Predict, inputs: Inputs, radius: Radius, key: Key[Array, ""], lanes: int
    ) -> SearchResult:
        """Search all samples in sweeps, evaluating `lanes` of them at a time."""
        return search_in_sweeps(predict, inputs, radius, steps, self.fewer_than, key, lanes)

    def search_stepwise(
        self, steps: BoxSearch, evaluate: Evaluate, inputs: Numbers, radius: np.ndarray, key: Key[Array, ""], lanes: int
    ) -> SearchResult:
        """Search all samples in sweeps, with a network outside JAX."""
        return search_in_sweeps_stepwise(steps, evaluate, inputs, radius, self.fewer_than, key, lanes)


@literals.register
@dataclasses.dataclass(frozen=True)
class LASS:
    """Settings of the search for a point of another predicted class in the box around a sample.

    Lengths are in input units for images, and in standard deviations for vectors.

    Attributes:
        budget: gradient steps of a sample, and again after each restart. The author's code takes at most 100.
        step_size: alpha; None keeps the paper's ratio to the radius, 0.25 to 0.3.
        noise_scale: beta; None keeps the paper's ratio to the radius, 0.2 to 0.3. Without noise (0) a
            search that goes in circles ends at once, which makes it several times as fast.
        restarts: number of further searches from the sample, with fresh noise, if none has succeeded.
        clip_pixels: keep points in [0, 1], short for `bounds=(0, 1)`. The paper does not.
        stop: `EachSample()`, or the author's `GlobalStop()`.
        bounds: (low, high) in input units, each one number or one for each channel; points are kept between them. Use
            it for inputs that are standardized, or run from 0 to 255. A pixel that already lies outside goes no
            farther. None, as in the paper, keeps points in the box alone. Vectors have neither bounds nor pixels.

    Raises:
        BadInput: a value out of range, or both `clip_pixels` and `bounds`.
    """

    budget: int = 100
    step_size: float | None = None
    noise_scale: float | None = None
    restarts: int = 0
    clip_pixels: bool = False
    stop: EachSample | GlobalStop = EachSample()
    bounds: tuple[Bound, Bound] | None = dataclasses.field(default=None, metadata=literals.ADDED_LATER)

    takes_starts: ClassVar[bool] = False

    def __post_init__(self) -> None:
        checks.fields(self, budget=checks.count, restarts=checks.count_from_0)
        checks.fields(self, step_size=checks.optional(checks.positive))
        checks.fields(self, noise_scale=checks.optional(checks.not_negative))
        checks.fields(self, bounds=checks.optional(checked_bounds))
        if self.clip_pixels and self.bounds is not None:
            raise checks.BadInput("`clip_pixels` stands for bounds of 0 and 1, so `bounds` must be None with it.")
        checks.instance("stop", self.stop, EachSample | GlobalStop, "EachSample() or GlobalStop()")
        if self.restarts and not self.stop.allows_restarts:
            raise checks.BadInput("`restarts` must be 0 with the author's `GlobalStop`, which has none.")

    def __repr__(self) -> str:
        """Return text that can be pasted back; stored results are found by it, so `bounds` are there only if given."""
        return literals.text(self)

    @property
    def limits(self) -> tuple[Bound, Bound] | None:
        """The bounds (low, high) that points are kept in, from `clip_pixels` or `bounds`."""
        return (0, 1) if self.clip_pixels else self.bounds

    def check_shape(self, input_shape: InputShape) -> None:
        """Raise `BadInput` if bounds are given for vectors, or for another number of channels than images have."""
        check_channels(self.limits, input_shape)

    def run(
        self,
        predict: Predict,
        inputs: Inputs,
        radius: Radius,
        key: Key[Array, ""],
        lanes: int,
        starts: Inputs | None = None,
    ) -> SearchResult:
        """Search all samples, `lanes` of them at a time, from the samples themselves."""
        del starts
        return self.stop.search(self, predict, inputs, radius, key, lanes)

    def step(
        self,
        predict: Predict,
        point: Points,
        *,
        is_start: Bool[Array, ""] | Bool[Array, " lane"],
        predicted: Int[Array, " lane"],
        noise: Points,
        center: Points,
        radius: float | Float[Array, ""] | Float[Array, "lane *one"],
    ) -> tuple[Points, Evaluation]:
        """Evaluate a batch of points and move each by one step of Algorithm 1.

        Args:
            predict: the network, from inputs to logits.
            point: x_t, the points that the search has reached.
            is_start: whether they are the samples themselves.
            predicted: k, the classes predicted at the samples; ignored at the start.
            noise: eta, standard normal.
            center: x, the samples.
            radius: r; one for all samples, or one for each.

        Returns:
            The points after the step, and the evaluation of the points before it.

        Cost: a forward and an input-backward pass of `predict`.
        """
        seen = evaluate(predict, point, is_start, predicted)
        return self.moved(point, seen.gradient, noise, center, radius), seen

    def moved(
        self,
        point: Float[Array, "sample *input"],
        gradient: Float[Array, "sample *input"],
        noise: Float[Array, "sample *input"],
        center: Float[Array, "sample *input"],
        radius: float | Float[Array, ""] | Float[Array, "sample *one"],
    ) -> Float[Array, "sample *input"]:
        """Return a batch of points after one step of Algorithm 1.

        Args:
            point: x_t, the points that the search has reached.
            gradient: gradient of the cross-entropy of the predicted class at `point`, up to a positive factor.
            noise: eta, standard normal.
            center: x, the samples.
            radius: r; one for all samples, or one for each, with axes of length 1 for the numbers of an input.
        """
        step_size = STEP_TO_RADIUS * radius if self.step_size is None else self.step_size
        noise_scale = NOISE_TO_RADIUS * radius if self.noise_scale is None else self.noise_scale
        target = point + step_size * jnp.sign(gradient) + noise_scale * noise
        return into_box(target, center, radius, self.limits)
