"""Normalization over a batch, a layer, or groups of channels."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array

from byheart.torch_bridge.operations.examples_last import ExamplesLast, on_maps
from byheart.torch_bridge.operations.table import operation


def _over_channels(values: Array, x: Array, channels: int = 1) -> Array:
    shape = [1] * x.ndim
    shape[channels] = -1
    return values.reshape(shape)


def _scaled(x: Array, mean: Array, factor: Array, weight: Array | None, bias: Array | None, channels: int) -> Array:
    """Return (x - mean) * factor * weight + bias, with one number for each channel, along the axis `channels`."""
    normalized = (x - _over_channels(mean, x, channels)) * _over_channels(factor, x, channels)
    if weight is not None:
        normalized = normalized * _over_channels(weight, x, channels)
    return normalized if bias is None else normalized + _over_channels(bias, x, channels)


@operation("_native_batch_norm_legit_no_training")
def batch_norm_in_evaluation(
    x: Array,
    weight: Array | None,
    bias: Array | None,
    mean: Array,
    variance: Array,
    momentum: float,
    epsilon: float,
    channels: int = 1,
) -> tuple[Array, Array, Array]:
    """Return x normalized by running statistics; `channels` is the axis of channels."""
    del momentum
    empty = jnp.zeros(0, x.dtype)
    return _scaled(x, mean, jax.lax.rsqrt(variance + epsilon), weight, bias, channels), empty, empty


@operation("_native_batch_norm_legit.no_stats")
def batch_norm_without_statistics(
    x: Array,
    weight: Array | None,
    bias: Array | None,
    training: bool,
    momentum: float,
    epsilon: float,
    channels: int = 1,
) -> tuple[Array, Array, Array]:
    """Return x normalized by the moments of the batch, those moments, and 1 / deviation."""
    del training, momentum
    mean, variance = _moments(x, channels)
    factor = jax.lax.rsqrt(variance + epsilon)
    return _scaled(x, mean, factor, weight, bias, channels), mean, factor


@operation("_native_batch_norm_legit_functional")
def batch_norm_in_training(
    x: Array,
    weight: Array | None,
    bias: Array | None,
    running_mean: Array,
    running_variance: Array,
    training: bool,
    momentum: float,
    epsilon: float,
    channels: int = 1,
) -> tuple[Array, Array, Array, Array, Array]:
    """Return x normalized by the moments of the batch, the moments, and running statistics moved towards them.

    The running variance moves towards the unbiased one.
    """
    if not training:
        factor = jax.lax.rsqrt(running_variance + epsilon)
        normalized = _scaled(x, running_mean, factor, weight, bias, channels)
        return normalized, running_mean, factor, running_mean, running_variance
    normalized, mean, factor = batch_norm_without_statistics(x, weight, bias, True, momentum, epsilon, channels)
    n = x.size // x.shape[channels]
    unbiased = _moments(x, channels)[1] * (n / max(n - 1, 1))
    after_mean = (1 - momentum) * running_mean + momentum * mean
    after_variance = (1 - momentum) * running_variance + momentum * unbiased
    return normalized, mean, factor, after_mean, after_variance


def _moments(x: Array, channels: int) -> tuple[Array, Array]:
    axes = tuple(axis for axis in range(x.ndim) if axis != channels)
    return x.mean(axes), x.var(axes)


def _of_maps(function: Callable[..., tuple[Array, ...]]) -> Callable[..., tuple[Any, ...]]:
    """Return a batch norm as one of maps with examples last."""

    def normalized(x: ExamplesLast, *rest: Any) -> tuple[Any, ...]:
        first, *others = function(x.maps, *rest, channels=0)
        return (ExamplesLast(first), *others)

    return normalized


for _name, _function in (
    ("_native_batch_norm_legit_no_training", batch_norm_in_evaluation),
    ("_native_batch_norm_legit.no_stats", batch_norm_without_statistics),
    ("_native_batch_norm_legit_functional", batch_norm_in_training),
):
    on_maps(_name)(_of_maps(_function))


@operation("native_layer_norm")
def layer_norm(
    x: Array, shape: Sequence[int], weight: Array | None, bias: Array | None, epsilon: float
) -> tuple[Array, Array, Array]:
    """Return x normalized over its last axes, their means, and 1 / deviation."""
    axes = tuple(range(x.ndim - len(shape), x.ndim))
    mean = x.mean(axes, keepdims=True)
    factor = jax.lax.rsqrt(x.var(axes, keepdims=True) + epsilon)
    normalized = (x - mean) * factor
    if weight is not None:
        normalized = normalized * weight
    return normalized if bias is None else normalized + bias, mean, factor


@operation("native_group_norm")
def group_norm(
    x: Array, weight: Array | None, bias: Array | None, n: int, channels: int, places: int, groups: int, epsilon: float
) -> tuple[Array, Array, Array]:
    """Return x normalized over groups of channels of each example, their means, and 1 / deviation."""
    del n, places
    grouped = x.reshape(x.shape[0], groups, -1)
    mean = grouped.mean(2)
    factor = jax.lax.rsqrt(grouped.var(2) + epsilon)
    normalized = ((grouped - mean[..., None]) * factor[..., None]).reshape(x.shape)
    if weight is not None:
        normalized = normalized * _over_channels(weight, x)
    del channels
    return normalized if bias is None else normalized + _over_channels(bias, x), mean, factor


@operation("_fused_rms_norm", "rms_norm")
def rms_norm(x: Array, shape: Sequence[int], weight: Array | None = None, epsilon: float | None = None) -> Array:
    """Return x divided by the root of its mean square over the last axes."""
    axes = tuple(range(x.ndim - math.prod(jnp.shape(jnp.asarray(shape))), x.ndim))
    smallest = jnp.finfo(x.dtype).eps if epsilon is None else epsilon
    normalized = x * jax.lax.rsqrt(jnp.square(x).mean(axes, keepdims=True) + smallest)
    return normalized if weight is None else normalized * weight
