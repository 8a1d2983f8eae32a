"""Operations on maps as grids of pixels: borders, patches, and pixels moved into channels."""

import math
from collections.abc import Sequence

import jax.numpy as jnp
from jaxtyping import Array

from byheart.torch_bridge.operations.examples_last import ExamplesLast, on_maps
from byheart.torch_bridge.operations.table import operation


@operation("constant_pad_nd")
def constant_pad(x: Array, padding: Sequence[int], value: float = 0) -> Array:
    """Return x with a border of one value; a negative width cuts."""
    return _bordered(x, _widths(x, padding), value)


@on_maps("constant_pad_nd")
def constant_pad_of_maps(x: ExamplesLast, padding: Sequence[int], value: float = 0) -> ExamplesLast:
    """Return maps with a border, as `constant_pad`."""
    examples, *others = _widths(x.maps, padding)
    return ExamplesLast(_bordered(x.maps, [*others, examples], value))


def _bordered(x: Array, widths: Sequence[tuple[int, int]], value: float) -> Array:
    cut = x[tuple(slice(max(-low, 0), n - max(-high, 0)) for (low, high), n in zip(widths, x.shape, strict=True))]
    return jnp.pad(cut, [(max(low, 0), max(high, 0)) for low, high in widths], constant_values=value)


@operation("reflection_pad1d", "reflection_pad2d", "reflection_pad3d")
def reflection_pad(x: Array, padding: Sequence[int]) -> Array:
    """Return x with a border that reflects it, without its edge."""
    return jnp.pad(x, _widths(x, padding), "reflect")


@operation("replication_pad1d", "replication_pad2d", "replication_pad3d")
def replication_pad(x: Array, padding: Sequence[int]) -> Array:
    """Return x with a border that repeats its edge."""
    return jnp.pad(x, _widths(x, padding), "edge")


def _widths(x: Array, padding: Sequence[int]) -> list[tuple[int, int]]:
    """Return (before, after) of each axis; torch names the last axis first."""
    pairs = list(zip(padding[::2], padding[1::2], strict=True))[::-1]
    return [*[(0, 0)] * (x.ndim - len(pairs)), *pairs]


@operation("pixel_shuffle")
def pixel_shuffle(x: Array, factor: int) -> Array:
    """Return maps of `factor` times the side, from factor^2 times the channels."""
    *batch, channels, height, width = x.shape
    x = x.reshape(-1, channels // factor**2, factor, factor, height, width)
    return x.transpose(0, 1, 4, 2, 5, 3).reshape(*batch, channels // factor**2, height * factor, width * factor)


@operation("pixel_unshuffle")
def pixel_unshuffle(x: Array, factor: int) -> Array:
    """Return maps of a part of the side, with factor^2 times the channels."""
    *batch, channels, height, width = x.shape
    x = x.reshape(-1, channels, height // factor, factor, width // factor, factor)
    return x.transpose(0, 1, 3, 5, 2, 4).reshape(*batch, channels * factor**2, height // factor, width // factor)


@operation("im2col")
def im2col(
    x: Array, kernel: Sequence[int], dilation: Sequence[int], padding: Sequence[int], stride: Sequence[int]
) -> Array:
    """Return the patches of maps, (batch, channel and place in the patch, patch)."""
    padded = jnp.pad(x, [(0, 0), (0, 0), *((p, p) for p in padding)])
    n = [
        (size - d * (k - 1) - 1) // s + 1
        for size, k, d, s in zip(padded.shape[2:], kernel, dilation, stride, strict=True)
    ]
    rows, columns = (
        jnp.arange(k)[:, None] * d + jnp.arange(m)[None] * s
        for k, d, s, m in zip(kernel, dilation, stride, n, strict=True)
    )
    patches = padded[:, :, rows[:, None, :, None], columns[None, :, None, :]]
    return patches.reshape(x.shape[0], x.shape[1] * math.prod(kernel), math.prod(n))
