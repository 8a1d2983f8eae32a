"""Dense layers, and batch normalization for any layout with channels first."""

from typing import Self

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from byheart.networks.network import RunningStatistics

DECAY = 0.9
"""Share of the running statistics that is kept at each training step."""
EPSILON = 1e-5
"""Added to variances before the square root."""

Moments = tuple[Float[Array, " channel"], Float[Array, " channel"]]
"""Mean and variance of each channel."""


class Dense(eqx.Module):
    """A dense layer, x W + b."""

    weight: Float[Array, "input output"]
    bias: Float[Array, " output"]

    @classmethod
    def initialized(cls, n_inputs: int, n_outputs: int, key: Key[Array, ""]) -> Self:
        """Return a layer with Glorot-uniform weights and zero biases."""
        return cls(glorot_uniform(key, (n_inputs, n_outputs), n_inputs, n_outputs), jnp.zeros(n_outputs))

    def __call__(self, x: Float[Array, "batch input"]) -> Float[Array, "batch output"]:
        """Return x W + b."""
        return x @ self.weight + self.bias[None]


class BatchNorm(eqx.Module):
    """Batch normalization: scale * (x - mean) / sqrt(variance + epsilon) + shift for each channel, axis 0 of x.

    Mean and variance are those of the batch in training (Ioffe and Szegedy, 2015) and running averages in inference.
    """

    scale: Float[Array, " channel"]
    shift: Float[Array, " channel"]
    running: RunningStatistics

    @classmethod
    def initialized(cls, n_channels: int) -> Self:
        """Return a layer with scale 1, shift 0, running mean 0 and running variance 1."""
        zeros, ones = jnp.zeros(n_channels), jnp.ones(n_channels)
        return cls(ones, zeros, RunningStatistics(zeros, ones))

    def moments(self) -> Moments:
        """Return the running averages."""
        return self.running.mean, self.running.variance

    def batch_moments(self, x: Float[Array, "channel *rest"]) -> tuple[Moments, Self]:
        """Return mean and variance of the batch, and the layer with its running averages moved towards them.

        As usual, the running variance is unbiased, and the batch is normalized by the biased variance.
        """
        axes = tuple(range(1, x.ndim))
        mean = x.mean(axes)
        variance = jnp.square(x - over_channels(mean, x)).mean(axes)
        n = x.size // x.shape[0]
        unbiased = variance * n / max(n - 1, 1)
        running = RunningStatistics(
            DECAY * self.running.mean + (1 - DECAY) * mean,
            DECAY * self.running.variance + (1 - DECAY) * unbiased,
        )
        return (mean, variance), eqx.tree_at(lambda layer: layer.running, self, running)

    def __call__(self, x: Float[Array, "channel *rest"], moments: Moments) -> Float[Array, "channel *rest"]:
        """Return `x` normalized by `moments`."""
        factor, offset = self.affine(moments)
        return x * over_channels(factor, x) + over_channels(offset, x)

    def affine(self, moments: Moments) -> tuple[Float[Array, " channel"], Float[Array, " channel"]]:
        """Return the normalization by `moments` as a factor and an offset of each channel."""
        mean, variance = moments
        factor = self.scale * jax.lax.rsqrt(variance + EPSILON)
        return factor, self.shift - mean * factor


def over_channels(values: Float[Array, " channel"], x: Float[Array, "channel *rest"]) -> Float[Array, "channel ..."]:
    """Reshape one value for each channel to broadcast over `x`."""
    return values.reshape(-1, *[1] * (x.ndim - 1))


def glorot_uniform(key: Key[Array, ""], shape: tuple[int, ...], fan_in: int, fan_out: int) -> Float[Array, "..."]:
    """Return weights drawn uniformly from +-sqrt(6 / (fan_in + fan_out)) (Glorot and Bengio, 2010)."""
    limit = (6 / (fan_in + fan_out)) ** 0.5
    return jax.random.uniform(key, shape, minval=-limit, maxval=limit)
