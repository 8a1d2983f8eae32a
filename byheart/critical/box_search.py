"""The parts that every driver of the box search shares: the evaluation of points, the protocol of a search, its result.

A driver decides which points take a step and when the search of a sample ends. The step itself is `BoxSearch.step`.
"""

from typing import Protocol, Self, runtime_checkable

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from byheart.inputs import Inputs, over_inputs
from byheart.networks.network import Predict

Points = Float[Array, "lane *input"]
Radius = Float[Array, ""] | Float[Array, " sample"]
"""One radius for all samples, or one for each, in the units of the points."""


class Evaluation(eqx.Module):
    """The network's predictions at a batch of points, and the direction in which to go on.

    Attributes:
        predicted: (lane,), the class predicted at the sample that the point belongs to.
        is_finite: (lane,), whether the logits at the point determine a class.
        is_crossed: (lane,), whether they determine another class than `predicted`.
        gradient: (lane, *input), the direction in which the loss of `predicted` grows.
    """

    predicted: Int[Array, " lane"]
    is_finite: Bool[Array, " lane"]
    is_crossed: Bool[Array, " lane"]
    gradient: Points


class SearchResult(eqx.Module):
    """The result of a search for each sample.

    Attributes:
        is_crossed: (sample,), whether a point of another class was found.
        point: (sample, *input), the first such point; the sample itself if there is none.
        steps: (sample,), gradient steps taken.
        is_finite: (sample,), False if logits on the way did not determine a class.
    """

    is_crossed: Bool[Array, " sample"]
    point: Float[Array, "sample *input"]
    steps: Int[Array, " sample"]
    is_finite: Bool[Array, " sample"]

    @classmethod
    def before(cls, inputs: Inputs) -> Self:
        """Return the result before any step: nothing is found."""
        n = inputs.shape[0]
        return cls(jnp.zeros(n, bool), inputs, jnp.zeros(n, jnp.int32), jnp.ones(n, bool))


@runtime_checkable
class BoxSearch(Protocol):
    """The settings that drivers of a box search read, and its step. `LASS` is one."""

    @property
    def budget(self) -> int:
        """Gradient steps of a sample, and again after each restart."""

    @property
    def restarts(self) -> int:
        """Number of further searches from the sample if none has succeeded."""

    @property
    def noise_scale(self) -> float | None:
        """Standard deviation of the noise; 0 makes the search deterministic, None scales it with the radius."""

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
        """Evaluate a batch of points and move each by one step; arguments and results are those of `LASS.step`."""

    def moved(
        self,
        point: Points,
        gradient: Points,
        noise: Points,
        center: Points,
        radius: float | Float[Array, ""] | Float[Array, "lane *one"],
    ) -> Points:
        """Return a batch of points after one step; arguments are those of `LASS.moved`."""


def evaluate(
    predict: Predict, point: Points, is_start: Bool[Array, ""] | Bool[Array, " lane"], predicted: Int[Array, " lane"]
) -> Evaluation:
    """Return the classes at `point`, and the gradient that climbs the loss of `predicted`.

    At the start `predicted` is the class at `point` itself.
    """
    logits, pull_back = jax.vjp(predict, point)
    label = logits.argmax(axis=1).astype(jnp.int32)
    predicted = jnp.where(is_start, label, predicted)
    (gradient,) = pull_back(ascent_gradient(logits, predicted))
    is_finite = has_class(logits)
    return Evaluation(predicted, is_finite, is_finite & (label != predicted), gradient)


def ascent_gradient(logits: Float[Array, "sample class"], predicted: jax.Array) -> Float[Array, "sample class"]:
    """Gradient of the cross-entropy of class k = `predicted` with respect to the logits, divided by 1 - p_k > 0.

    With p = softmax(logits) that gradient is p_j for j != k and p_k - 1 for k. In float32 it loses the class k when p_k
    rounds to 1, from a lead of 17 nats on, and vanishes beyond 104. Divided by 1 - p_k it is the softmax over the other
    classes, and -1 for k: the same direction at any confidence. Classes with a logit of minus infinity have no part in
    it.
    """
    is_predicted = jax.nn.one_hot(predicted, logits.shape[1], dtype=bool)
    # If all other logits are minus infinity, their softmax is not finite.
    others = jnp.maximum(logits, jnp.finfo(logits.dtype).min)
    return jax.nn.softmax(jnp.where(is_predicted, -jnp.inf, others)) - is_predicted


def has_class(logits: Float[Array, "sample class"]) -> Bool[Array, " sample"]:
    """Return whether logits determine a class: none is NaN or plus infinity, and one is finite.

    Minus infinity marks a class that is masked out. It is never predicted, and the search runs among the others.
    """
    return jnp.isfinite(logits.max(axis=1))


def radius_of(
    samples: Int[Array, " lane"], radius: Radius, inputs: Inputs
) -> Float[Array, ""] | Float[Array, "lane *one"]:
    """Return the radius of each of `samples`, to broadcast over inputs; or the one radius of all."""
    return radius if radius.ndim == 0 else over_inputs(radius[samples], inputs)
