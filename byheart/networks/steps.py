"""A network as a sequence of steps (affine maps, ReLU, max pooling), each of which can bound its outputs.

A step does two things for inputs within given bounds. `output_bounds` bounds each output by itself (interval
arithmetic). `relaxed` bounds any linear function of the outputs from below by a linear function of the inputs, the
building block of CROWN (Zhang et al., 2018, "Efficient Neural Network Robustness Certification with General Activation
Functions"). Both hold for outputs that are computed in float32, whose rounding is part of an affine step.

Steps act on one input, without a batch axis. Bounds are computed in float64.
"""

import abc
from collections.abc import Callable
from typing import Any, ClassVar, Protocol, Self, runtime_checkable

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

from byheart.inputs import Inputs, InputShape, Standardizer
from byheart.networks.convolution import Convolution
from byheart.networks.layers import BatchNorm
from byheart.networks.rounding import float32_rounding

Pulled = tuple[Float[Array, "..."], Float[Array, ""]]
"""Coefficients of a linear function, and its constant."""
PullBack = Callable[[Float[Array, "..."]], Pulled]
"""From coefficients of outputs to a linear function of inputs that lies below, in the bounds of the inputs."""


class Bounds(eqx.Module):
    """Bounds of numbers, each by itself: low <= number <= high."""

    low: Float[Array, "..."]
    high: Float[Array, "..."]

    @property
    def largest(self) -> Float[Array, "..."]:
        """The largest absolute value of each number."""
        return jnp.maximum(jnp.abs(self.low), jnp.abs(self.high))

    def within(self, other: Self) -> "Bounds":
        """Return the intersection of two bounds of the same numbers."""
        return Bounds(jnp.maximum(self.low, other.low), jnp.minimum(self.high, other.high))

    def widened(self, by: Float[Array, "..."]) -> "Bounds":
        """Return bounds that are wider by an amount on each side."""
        return Bounds(self.low - by, self.high + by)


class Step(eqx.Module):
    """One step of a network. `is_linear` is False where `relaxed` is better for narrower bounds of the inputs."""

    is_linear: ClassVar[bool]

    @property
    def n_terms(self) -> int:
        """Number of terms that are summed for an output."""
        return 1

    @abc.abstractmethod
    def output_bounds(self, inputs: Bounds) -> Bounds:
        """Return bounds of the outputs for inputs within bounds."""

    @abc.abstractmethod
    def relaxed(self, inputs: Bounds) -> PullBack:
        """Return a linear lower bound of any linear function of the outputs, for inputs within bounds."""

    @abc.abstractmethod
    def magnitude(self, inputs: Float[Array, "..."]) -> Float[Array, "..."]:
        """Return the sum of absolute values of all terms of an output, for inputs up to these absolute values."""


class Affine(Step):
    """A linear map and a bias.

    Attributes:
        weights: arrays that the map is linear in, each by itself; None for a map that only moves numbers.
        bias: of the shape of the outputs, or 0.
        bias_terms: sum of the absolute values of the terms that the bias is computed from.
        linear: the map, from weights and an input to an output.
        terms: number of terms that are summed for an output, the bias included; 0 if nothing is rounded.
    """

    weights: Any
    bias: Float[Array, "..."]
    bias_terms: Float[Array, "..."]
    linear: Callable[[Any, Array], Array] = eqx.field(static=True)
    terms: int = eqx.field(static=True)
    is_linear: ClassVar[bool] = True

    @property
    def n_terms(self) -> int:
        """Number of terms that are summed for an output."""
        return max(1, self.terms)

    def output_bounds(self, inputs: Bounds) -> Bounds:
        """Return W m + b +- (|W| d + rounding), with the middle m and half the width d of the inputs."""
        middle, half = (inputs.low + inputs.high) / 2, (inputs.high - inputs.low) / 2
        center = self.linear(self.weights, middle) + self.bias
        reach = self._absolute(half) + self.rounding(inputs)
        return Bounds(center - reach, center + reach)

    def relaxed(self, inputs: Bounds) -> PullBack:
        """Return the transposed map: y -> (W' y, b y - |y| rounding), exact up to the rounding."""
        rounding = self.rounding(inputs)
        transposed = jax.linear_transpose(lambda x: self.linear(self.weights, x), inputs.low)

        def pull_back(outputs: Float[Array, "..."]) -> Pulled:
            (pulled,) = transposed(outputs)
            return pulled, jnp.sum(outputs * self.bias) - jnp.sum(jnp.abs(outputs) * rounding)

        return pull_back

    def magnitude(self, inputs: Float[Array, "..."]) -> Float[Array, "..."]:
        """Return |W| |x| + |b|."""
        return self._absolute(inputs) + self.bias_terms

    def rounding(self, inputs: Bounds) -> Float[Array, "..."]:
        """Return by how much an output computed in float32 may differ from the exact one."""
        if not self.terms:
            return jnp.zeros_like(self._absolute(inputs.low))
        relative, absolute = float32_rounding(self.terms)
        largest = inputs.largest
        return relative * self.magnitude(largest) + absolute * (1 + largest.max() + self._absolute(largest * 0 + 1))

    def _absolute(self, inputs: Float[Array, "..."]) -> Float[Array, "..."]:
        return self.linear(jax.tree.map(jnp.abs, self.weights), inputs)


def dense(weight: Float[Array, "_input _output"], bias: Float[Array, " _output"]) -> Affine:
    """Return the step x W + b."""
    return Affine(weight, bias, jnp.abs(bias), lambda weight, x: x @ weight, weight.shape[0] + 2)


def scaled(
    factor: Float[Array, "..."], bias: Float[Array, "..."], bias_terms: Float[Array, "..."], terms: int = 12
) -> Affine:
    """Return the step that multiplies and shifts each number; factor and bias may have been rounded a few times."""
    return Affine(factor, bias, bias_terms, lambda factor, x: x * factor, terms)


def convolved(convolution: Convolution) -> Affine:
    """Return the step of a convolution, of maps (channel, row, column)."""
    padding, n_terms = convolution.padding, convolution.kernel[..., 0].size

    def linear(kernel: Array, maps: Array) -> Array:
        return Convolution(kernel, padding)(maps[..., None])[..., 0]

    zero = jnp.zeros(())
    return Affine(convolution.kernel, zero, zero, linear, n_terms + 2)


def normalized(norm: BatchNorm, sign: float | Float[Array, " channel"], n_axes: int) -> Affine:
    """Return the step of a batch norm with running averages, of maps whose sign was moved into the layer before."""
    mean, _ = norm.moments()
    factor, offset = norm.affine(norm.moments())
    terms = jnp.abs(norm.shift) + jnp.abs(mean * factor)
    per_channel = (-1, *[1] * (n_axes - 1))
    return scaled((sign * factor).reshape(per_channel), offset.reshape(per_channel), terms.reshape(per_channel))


def standardized(standardizer: Standardizer) -> Affine:
    """Return the step of a standardizer, z = (x - mean) / deviation; 0 for a feature without spread."""
    mean, factor = standardizer.mean, standardizer.slope
    return scaled(factor, -mean * factor, jnp.abs(mean * factor))


def in_units(standardizer: Standardizer) -> Affine:
    """Return the step of `standardizer.undo`, x = mean + deviation z."""
    return scaled(standardizer.deviation, standardizer.mean, jnp.abs(standardizer.mean))


def moved(linear: Callable[[Array], Array]) -> Affine:
    """Return a step that only moves or drops numbers, such as cropping; nothing is rounded."""
    return Affine(None, jnp.zeros(()), jnp.zeros(()), lambda _, x: linear(x), 0)


class ReLU(Step):
    """max(x, 0) of each number.

    An undecided number, of low l < 0 < high u, is bounded by the line from (l, 0) to (u, u) above, and below by x if
    u > -l and by 0 otherwise, whichever leaves the smaller area (section 3.3 of the paper of CROWN).
    """

    is_linear: ClassVar[bool] = False

    def output_bounds(self, inputs: Bounds) -> Bounds:
        """Return the bounds, cut at 0."""
        return Bounds(jax.nn.relu(inputs.low), jax.nn.relu(inputs.high))

    def relaxed(self, inputs: Bounds) -> PullBack:
        """Return the lower line where a coefficient is positive, and the upper one where it is negative."""
        low, high = inputs.low, inputs.high
        is_undecided = (low < 0) & (high > 0)
        slope = jnp.where(is_undecided, high / jnp.where(is_undecided, high - low, 1), (low >= 0) * 1.0)
        intercept = jnp.where(is_undecided, jnp.maximum(-slope * low, high - slope * high), 0)
        lower = jnp.where(is_undecided, (high > -low) * 1.0, (low >= 0) * 1.0)

        def pull_back(outputs: Float[Array, "..."]) -> Pulled:
            up, down = jnp.maximum(outputs, 0), jnp.minimum(outputs, 0)
            return up * lower + down * slope, jnp.sum(down * intercept)

        return pull_back

    def magnitude(self, inputs: Float[Array, "..."]) -> Float[Array, "..."]:
        """Return the same magnitudes: a ReLU makes no number larger."""
        return inputs


class MaxPool(Step):
    """The largest number of each window, of maps (channel, row, column).

    Let m be the number of a window with the highest low. The maximum is at least m. It is m if the low of m is no less
    than every other high; otherwise it is at most the largest high of the window.
    """

    window: int = eqx.field(static=True)
    stride: int = eqx.field(static=True)
    is_linear: ClassVar[bool] = False

    def output_bounds(self, inputs: Bounds) -> Bounds:
        """Return the largest low and the largest high of each window."""
        return Bounds(self._tiles(inputs.low).max(axis=0), self._tiles(inputs.high).max(axis=0))

    def relaxed(self, inputs: Bounds) -> PullBack:
        """Return m where a coefficient is positive, and m or the largest high where it is negative."""
        lows, highs = self._tiles(inputs.low), self._tiles(inputs.high)
        is_best = jax.nn.one_hot(lows.argmax(axis=0), len(lows), axis=0, dtype=lows.dtype)
        others = jnp.where(is_best > 0, -jnp.inf, highs).max(axis=0)
        is_known, highest = lows.max(axis=0) >= others, highs.max(axis=0)
        transposed = jax.linear_transpose(self._tiles, inputs.low)

        def pull_back(outputs: Float[Array, "..."]) -> Pulled:
            up, down = jnp.maximum(outputs, 0), jnp.minimum(outputs, 0)
            (pulled,) = transposed(is_best * (up + jnp.where(is_known, down, 0)))
            return pulled, jnp.sum(jnp.where(is_known, 0, down * highest))

        return pull_back

    def magnitude(self, inputs: Float[Array, "..."]) -> Float[Array, "..."]:
        """Return the largest magnitude of each window."""
        return self._tiles(inputs).max(axis=0)

    def _tiles(self, maps: Float[Array, "channel row column"]) -> Float[Array, "place channel _row _column"]:
        """Return the numbers of each window along the first axis; incomplete windows are dropped."""
        rows, columns = ((side - self.window) // self.stride + 1 for side in maps.shape[1:])

        def at(i: int, j: int) -> Array:
            end = (maps.shape[0], i + (rows - 1) * self.stride + 1, j + (columns - 1) * self.stride + 1)
            return lax.slice(maps, (0, i, j), end, (1, self.stride, self.stride))

        return jnp.stack([at(i, j) for i in range(self.window) for j in range(self.window)])


@runtime_checkable
class HasSteps(Protocol):
    """A network whose forward pass is a sequence of steps; byheart's MLP and CNN are."""

    def __call__(self, inputs: Inputs, /) -> Float[Array, "batch class"]:
        """Return the logits."""

    def steps(self, input_shape: InputShape) -> tuple[Step, ...]:
        """Return the steps from one input to its logits, in the order and precision of the forward pass."""
