"""Activation functions."""

import jax
import jax.numpy as jnp
from jaxtyping import Array

from byheart.torch_bridge.operations.examples_last import by_number


@by_number("relu")
def relu(x: Array) -> Array:
    """Return max(x, 0), with the derivative 0 at 0, as torch has it."""
    return jax.nn.relu(x)


@by_number("relu6")
def relu6(x: Array) -> Array:
    """Return x kept between 0 and 6."""
    return jax.nn.relu6(x)


@by_number("hardtanh.default")
def hardtanh(x: Array, low: float = -1, high: float = 1) -> Array:
    """Return x kept between the bounds, with the derivative 0 at them, as torch has it."""
    return jnp.where((x > low) & (x < high), x, jnp.clip(jax.lax.stop_gradient(x), low, high))


@by_number("gelu")
def gelu(x: Array, approximate: str = "none") -> Array:
    """Return x times the normal distribution function at x."""
    return jax.nn.gelu(x, approximate=approximate == "tanh")


@by_number("sigmoid")
def sigmoid(x: Array) -> Array:
    """Return 1 / (1 + exp(-x))."""
    return jax.nn.sigmoid(x)


@by_number("log_sigmoid")
def log_sigmoid(x: Array) -> Array:
    """Return the logarithm of the sigmoid."""
    return jax.nn.log_sigmoid(x)


@by_number("silu")
def silu(x: Array) -> Array:
    """Return x sigmoid(x)."""
    return jax.nn.silu(x)


@by_number("mish")
def mish(x: Array) -> Array:
    """Return x tanh(softplus(x))."""
    return x * jnp.tanh(jax.nn.softplus(x))


@by_number("leaky_relu")
def leaky_relu(x: Array, slope: float = 0.01) -> Array:
    """Return x where positive, and slope x elsewhere."""
    return jnp.where(x > 0, x, slope * x)


@by_number("_prelu_kernel")
def prelu(x: Array, slope: Array) -> Array:
    """Return x where positive, and slope x elsewhere, with a slope for each channel."""
    return jnp.where(x > 0, x, slope * x)


@by_number("elu")
def elu(x: Array, alpha: float = 1, scale: float = 1, input_scale: float = 1) -> Array:
    """Return scale x where positive, and scale alpha (exp(input_scale x) - 1) elsewhere."""
    below = alpha * jnp.expm1(input_scale * jnp.minimum(x, 0))
    return scale * jnp.where(x > 0, x, below)


@by_number("softplus")
def softplus(x: Array, beta: float = 1, threshold: float = 20) -> Array:
    """Return log(1 + exp(beta x)) / beta, and x beyond the threshold."""
    scaled = beta * x
    return jnp.where(scaled > threshold, x, jax.nn.softplus(jnp.minimum(scaled, threshold)) / beta)


@by_number("hardsigmoid")
def hardsigmoid(x: Array) -> Array:
    """Return (x + 3) / 6 kept between 0 and 1."""
    return hardtanh((x + 3) / 6, 0, 1)


@by_number("hardswish")
def hardswish(x: Array) -> Array:
    """Return x hardsigmoid(x)."""
    return x * hardsigmoid(x)
