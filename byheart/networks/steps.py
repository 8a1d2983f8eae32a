"""A network as a sequence of steps (affine maps, ReLU, max pooling), each of which can bound its outputs.

A step does two things for inputs within given bounds. `output_bounds` bounds each output by itself (interval
arithmetic). `relaxed` bounds any linear function of the outputs from below by a linear function of the inputs, the
building block of CROWN (Zhang et al., 2018, "Efficient Neural Network Robustness Certification with General Activation
Functions"). Both hold for outputs that are computed in float32, whose rounding is part of an affine step
(`affine`).

Steps act on one input, without a batch axis. Bounds are computed in float64.
"""

import abc
from collections.abc import Callable
from typing import ClassVar, Protocol, Self, runtime_checkable

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Bool, Float

from byheart.inputs import Inputs, InputShape

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

    def is_improved(self, inputs: Bounds) -> Bool[Array, "..."]:
        """Return for which inputs narrower bounds may change what `relaxed` returns; all by default."""
        return jnp.ones(inputs.low.shape, bool)

    @abc.abstractmethod
    def output_bounds(self, inputs: Bounds) -> Bounds:
        """Return bounds of the outputs for inputs within bounds."""

    @abc.abstractmethod
    def relaxed(self, inputs: Bounds) -> PullBack:
        """Return a linear lower bound of any linear function of the outputs, for inputs within bounds."""

    @abc.abstractmethod
    def magnitude(self, inputs: Float[Array, "..."]) -> Float[Array, "..."]:
        """Return the sum of absolute values of all terms of an output, for inputs up to these absolute values."""


class ReLU(Step):
    """max(x, 0) of each number.

    An undecided number, of low l < 0 < high u, is bounded by the line from (l, 0) to (u, u) above, and below by x if
    u > -l and by 0 otherwise, whichever leaves the smaller area (section 3.3 of the paper of CROWN).
    """

    is_linear: ClassVar[bool] = False

    def is_improved(self, inputs: Bounds) -> Bool[Array, "..."]:
        """Return which numbers may be above or below 0."""
        return (inputs.low < 0) & (inputs.high > 0)

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

    def is_improved(self, inputs: Bounds) -> Bool[Array, "channel row column"]:
        """Return which numbers may be the largest of a window, where another may be larger."""
        lows, highs, known = self._tiles(inputs.low), self._tiles(inputs.high), self._known(inputs)
        may_win = (highs > lows.max(axis=0)) & ~known
        (found,) = jax.linear_transpose(self._tiles, inputs.low)(may_win.astype(lows.dtype))
        return found > 0

    def output_bounds(self, inputs: Bounds) -> Bounds:
        """Return the largest low and the largest high of each window."""
        return Bounds(self._tiles(inputs.low).max(axis=0), self._tiles(inputs.high).max(axis=0))

    def relaxed(self, inputs: Bounds) -> PullBack:
        """Return m where a coefficient is positive, and m or the largest high where it is negative."""
        lows, highs = self._tiles(inputs.low), self._tiles(inputs.high)
        is_best = jax.nn.one_hot(lows.argmax(axis=0), len(lows), axis=0, dtype=lows.dtype)
        is_known, highest = self._known(inputs), highs.max(axis=0)
        transposed = jax.linear_transpose(self._tiles, inputs.low)

        def pull_back(outputs: Float[Array, "..."]) -> Pulled:
            up, down = jnp.maximum(outputs, 0), jnp.minimum(outputs, 0)
            (pulled,) = transposed(is_best * (up + jnp.where(is_known, down, 0)))
            return pulled, jnp.sum(jnp.where(is_known, 0, down * highest))

        return pull_back

    def _known(self, inputs: Bounds) -> Bool[Array, "channel _row _column"]:
        """Return in which windows the number of the highest low is the largest for certain."""
        lows, highs = self._tiles(inputs.low), self._tiles(inputs.high)
        is_best = jax.nn.one_hot(lows.argmax(axis=0), len(lows), axis=0, dtype=bool)
        return lows.max(axis=0) >= jnp.where(is_best, -jnp.inf, highs).max(axis=0)

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
