"""Depthwise convolution of maps with examples last, (channel, *place, example): each channel has kernels of its own."""

import itertools
import math
from collections.abc import Sequence

import jax
import jax.numpy as jnp
from jaxtyping import Array

from byheart.torch_bridge.operations.once import once

MOST_AT_ONCE = 25
"""Pixels of a kernel whose products are added in one operation; those of a larger kernel are added row by row.

A larger kernel in one operation takes seconds to compile in each layer. A smaller one runs faster in one operation.
"""


def depthwise(maps: Array, kernel: Array, stride: Sequence[int], dilation: Sequence[int]) -> Array:
    """Correlate each channel of maps with its own kernels, as a sum of shifted maps.

    Args:
        maps: (channel, *place, example).
        kernel: (*place, output); as many outputs for each channel.
        stride: step between windows along each place axis, in pixels.
        dilation: step between the pixels of a window along each place axis.
    """
    *sizes, outputs = kernel.shape
    maps = jnp.repeat(maps, outputs // maps.shape[0], axis=0)
    if math.prod(sizes) <= MOST_AT_ONCE:
        return once(_sum_of_shifts(maps, kernel, stride, dilation))
    n_seen = maps.shape[1] - dilation[0] * (sizes[0] - 1)

    def of_row(number: Array | int, weights: Array) -> Array:
        part = jax.lax.dynamic_slice_in_dim(maps, dilation[0] * number, n_seen, 1)
        return _sum_of_shifts(part, weights[None], stride, dilation)

    others = (jnp.arange(1, sizes[0]), kernel[1:])
    return once(jax.lax.scan(lambda total, row: (total + of_row(*row), None), of_row(0, kernel[0]), others)[0])


def _sum_of_shifts(maps: Array, kernel: Array, stride: Sequence[int], dilation: Sequence[int]) -> Array:
    """Return the sum of all shifted maps of windows, each times its weights of the kernel."""
    sizes = kernel.shape[:-1]
    ends = [size - d * (k - 1) for size, d, k in zip(maps.shape[1:-1], dilation, sizes, strict=True)]

    def shifted(place: tuple[int, ...]) -> Array:
        starts = [d * at for d, at in zip(dilation, place, strict=True)]
        steps = [slice(start, start + end, s) for start, end, s in zip(starts, ends, stride, strict=True)]
        return maps[:, *steps] * kernel[place].reshape(-1, *[1] * (maps.ndim - 1))

    first, *others = map(shifted, itertools.product(*map(range, sizes)))
    return sum(others, first)
