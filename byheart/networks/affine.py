"""Affine steps of networks: dense layers, convolutions, batch norms with running averages, standardizers.

A transposed map comes from `jax.linear_transpose`, so a linear function is all that a new one needs.
"""

from collections.abc import Callable
from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from byheart.inputs import Standardizer
from byheart.networks.convolution import Convolution
from byheart.networks.layers import BatchNorm
from byheart.networks.rounding import float32_rounding
from byheart.networks.steps import Bounds, PullBack, Pulled, Step


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
