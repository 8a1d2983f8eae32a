"""Layers, written for a batch and for speed on a CPU as well as on a GPU; what each computes stands in its docstring."""

from typing import Self

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key


class Dense(eqx.Module):
    """x W + b."""

    weight: Float[Array, "input output"]
    bias: Float[Array, " output"]

    @classmethod
    def initialized(cls, n_inputs: int, n_outputs: int, key: Key[Array, ""]) -> Self:
        """Glorot-uniform weights, zero biases."""
        return cls(glorot_uniform(key, (n_inputs, n_outputs), n_inputs, n_outputs), jnp.zeros(n_outputs))

    def __call__(self, x: Float[Array, "batch input"]) -> Float[Array, "batch output"]:
        """(batch, output)."""
        return x @ self.weight + self.bias


def glorot_uniform(key: Key[Array, ""], shape: tuple[int, ...], fan_in: int, fan_out: int) -> Float[Array, "..."]:
    """Uniform on +-sqrt(6 / (fan_in + fan_out)) (Glorot and Bengio, 2010)."""
    limit = (6 / (fan_in + fan_out)) ** 0.5
    return jax.random.uniform(key, shape, minval=-limit, maxval=limit)
