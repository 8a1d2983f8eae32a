"""Langevin adversarial sample search (LASS): one step of Algorithm 1 of the paper, as its author's code does it.

    k     <- argmax f(x)
    x_t   <- x_t + alpha * sign(d CE(f(x_t), k) / d x_t) + beta * eta,   eta ~ N(0, I)
    x_t   <- the nearest point of the box ||x_t - x||_inf <= r
    found <- argmax f(x_t) != k

`lane_search` and `sweep_search` repeat the step. Two slips in print are mended: the gradient is taken at x_t, not at x,
and it climbs the loss of the predicted class.
"""

import dataclasses

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from byheart import checks, literals
from byheart.critical.bounds import Bound, checked_bounds, over_channels

STEP_TO_RADIUS = 0.25 / 0.3
"""alpha / r in the paper."""
NOISE_TO_RADIUS = 0.2 / 0.3
"""beta / r in the paper."""


def Pixels(value: float) -> float:  # noqa: N802, it reads as a unit
    """A length on the 0-255 scale in input units, where images lie in [0, 1].

    >>> Pixels(255)
    1.0
    """
    return value / 255


@literals.register
@dataclasses.dataclass(frozen=True)
class EachSample:
    """The search of a sample ends at its first crossing or when its budget is spent, whatever other samples do."""


@literals.register
@dataclasses.dataclass(frozen=True)
class GlobalStop:
    """The author's rule: sweep over the whole set until a sweep finds fewer than `fewer_than` new critical samples.

    The ratio then depends on the size of the set, and is a looser lower bound. Use it to compare with published numbers.
    """

    fewer_than: int = 20

    def __post_init__(self) -> None:
        checks.fields(self, fewer_than=checks.count)


@literals.register
@dataclasses.dataclass(frozen=True)
class LASS:
    """How to search the box around a sample for a point of another predicted class.

    Attributes:
        budget: gradient steps a sample gets, and gets again at every restart. The author's code takes at most 100.
        step_size: alpha, in input units; None keeps the paper's ratio to the radius, 0.25 to 0.3.
        noise_scale: beta, in input units; None keeps the paper's ratio to the radius, 0.2 to 0.3. Without noise (0) a
            search that goes in circles ends at once, which makes it several times as fast.
        restarts: further searches from the sample, with fresh noise, where none has succeeded.
        clip_pixels: keep points in [0, 1], short for `bounds=(0, 1)`. The paper does not.
        stop: `EachSample()`, or the author's `GlobalStop()`.
        bounds: (low, high) in input units, each a number or one number a channel, in which points are kept; for inputs
            that are standardized, or run from 0 to 255. A pixel that lies outside already goes no farther. None, as in
            the paper, keeps points in the box alone.

    Raises:
        BadInput: a value that cannot be, or both `clip_pixels` and `bounds`.
    """

    budget: int = 100
    step_size: float | None = None
    noise_scale: float | None = None
    restarts: int = 0
    clip_pixels: bool = False
    stop: EachSample | GlobalStop = EachSample()
    bounds: tuple[Bound, Bound] | None = dataclasses.field(default=None, metadata=literals.ADDED_LATER)

    def __post_init__(self) -> None:
        checks.fields(self, budget=checks.count, restarts=checks.count_from_0)
        checks.fields(self, step_size=checks.optional(checks.positive))
        checks.fields(self, noise_scale=checks.optional(checks.not_negative))
        checks.fields(self, bounds=checks.optional(checked_bounds))
        if self.clip_pixels and self.bounds is not None:
            raise checks.BadInput("`clip_pixels` stands for bounds of 0 and 1, so `bounds` must be None with it.")
        if self.restarts and isinstance(self.stop, GlobalStop):
            raise checks.BadInput("`restarts` must be 0 with the author's `GlobalStop`, which has none.")

    def __repr__(self) -> str:
        """Return text that can be pasted back; `bounds` are there only if given."""
        return literals.text(self)

    @property
    def limits(self) -> tuple[Bound, Bound] | None:
        """(low, high) in which points are kept, from `clip_pixels` or `bounds`."""
        return (0, 1) if self.clip_pixels else self.bounds

    def check_channels(self, n_channels: int) -> None:
        """Raises `BadInput` where bounds are given by channel, and images have another number of them."""
        for bound in self.limits or ():
            if isinstance(bound, tuple) and len(bound) != n_channels:
                raise checks.BadInput(
                    f"`bounds` must be numbers, or one a channel of images with {n_channels}; got {self.bounds}."
                )

    def step(
        self,
        point: Float[Array, "sample *pixel"],
        gradient: Float[Array, "sample *pixel"],
        noise: Float[Array, "sample *pixel"],
        center: Float[Array, "sample *pixel"],
        radius: float | Float[Array, ""] | Float[Array, "sample *one"],
    ) -> Float[Array, "sample *pixel"]:
        """One step of Algorithm 1 from `point`, for a batch.

        Args:
            point: x_t, where the search is.
            gradient: of the cross-entropy of the predicted class at `point`.
            noise: eta, standard normal.
            center: x, the sample itself.
            radius: r, in input units; one of all, or one a sample, with axes of length 1 for pixels.
        """
        step_size = STEP_TO_RADIUS * radius if self.step_size is None else self.step_size
        noise_scale = NOISE_TO_RADIUS * radius if self.noise_scale is None else self.noise_scale
        moved = point + step_size * jnp.sign(gradient) + noise_scale * noise
        boxed = jnp.clip(moved, center - radius, center + radius)
        if self.limits is None:
            return boxed
        low, high = (over_channels(bound, center) for bound in self.limits)
        return jnp.clip(boxed, jnp.minimum(low, center), jnp.maximum(high, center))


def ascent_gradient(logits: Float[Array, "sample class"], predicted: jax.Array) -> Float[Array, "sample class"]:
    """Gradient of the cross-entropy of class k = `predicted` with respect to the logits, divided by 1 - p_k > 0.

    With p = softmax(logits) that gradient is p_j for j != k and p_k - 1 for k. In float32 it loses the class k when p_k
    rounds to 1, from a lead of 17 nats on, and vanishes beyond 104. Divided by 1 - p_k it is the softmax over the other
    classes, and -1 for k: the same direction at any confidence. Classes with a logit of minus infinity have no part in
    it.
    """
    is_predicted = jax.nn.one_hot(predicted, logits.shape[1], dtype=bool)
    others = jnp.maximum(
        logits, jnp.finfo(logits.dtype).min
    )  # Where all others are minus infinity, their softmax is not finite.
    return jax.nn.softmax(jnp.where(is_predicted, -jnp.inf, others)) - is_predicted


def has_class(logits: Float[Array, "sample class"]) -> Bool[Array, " sample"]:
    """(sample,): whether logits tell a class: none is NaN or plus infinity, and one is finite.

    Minus infinity marks a class that is masked out: it is never predicted, and the search goes among the others.
    """
    return jnp.isfinite(logits.max(axis=1))
