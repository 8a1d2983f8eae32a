"""Convolution and max pooling with examples last: (channel, row, column, example).

In this layout every slice, maximum and sum runs over contiguous memory, the result of a matrix product is in the layout
of the next layer, and only the input images are transposed. On a CPU this makes the CNN fast (docs/choices.md has the
measurements).
"""

import functools
import math
from collections.abc import Callable, Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

from byheart.networks.layers import BatchNorm, Moments, over_channels

Maps = Float[Array, "_channel _row _column example"]
"""Names of the axes before `example` are not checked, since layers change their lengths."""


def examples_last(images: Float[Array, "batch height width channel"]) -> Maps:
    """Transpose images into this layout, one channel at a time.

    Transposed as a whole, XLA would repeat the transposition in every shift of `windows`.
    """
    return jnp.stack([images[..., channel].transpose(1, 2, 0) for channel in range(images.shape[3])])


class Convolution(eqx.Module):
    """Cross-correlation with stride 1, without bias, since batch norm follows.

    Attributes:
        kernel: (row, column, input channel, output channel).
        padding: zeros added on each side.
    """

    kernel: Float[Array, "rows columns input output"]
    padding: int = eqx.field(static=True)

    def __call__(self, maps: Maps) -> Maps:
        """Return the maps after the convolution, each of side + 2 padding - kernel side + 1 pixels."""
        side = (self.padding, self.padding)
        padded = jnp.pad(maps, ((0, 0), side, side, (0, 0))) if self.padding else maps
        return correlate(padded, self.kernel)


def windows(
    maps: Float[Array, "channel *place example"],
    sizes: Sequence[int],
    strides: Sequence[int] | None = None,
    dilations: Sequence[int] | None = None,
) -> Float[Array, "patch *seen example"]:
    """Return every window of maps along the first axis, in the order (row, column, channel).

    Shifting by rows first and by columns afterwards takes rows + columns large copies instead of rows * columns small
    ones.

    Args:
        maps: (channel, *place, example), with any number of place axes.
        sizes: of a window along each place axis, in pixels, such as its rows and columns.
        strides: steps between windows, in pixels; None steps by 1.
        dilations: steps between the pixels of a window; None steps by 1.
    """
    channels, ones = maps.shape[0], (1,) * len(sizes)
    for at, (size, stride, dilation) in enumerate(zip(sizes, strides or ones, dilations or ones, strict=True)):
        axis = 2 * at + 1
        reach = maps.shape[axis] - dilation * (size - 1)
        starts = range(0, dilation * size, dilation)
        maps = jnp.stack([lax.slice_in_dim(maps, i, i + reach, stride, axis) for i in starts], axis=at)
    return maps.reshape(math.prod(sizes) * channels, *maps.shape[len(sizes) + 1 :])


def correlate(
    maps: Float[Array, "channel *place example"],
    kernel: Float[Array, "*window input output"],
    strides: Sequence[int] | None = None,
    dilations: Sequence[int] | None = None,
) -> Float[Array, "output *seen example"]:
    """Cross-correlate maps (channel, *place, example) with a kernel, by one matrix product over `windows`.

    The product is of matrices, not of arrays with more axes: to contract several axes at once, as the gradient would,
    XLA transposes all windows. Strides and dilations are those of `windows`.
    """
    *sizes, _, outputs = kernel.shape
    seen = windows(maps, sizes, strides, dilations)
    product = kernel.reshape(-1, outputs).T @ seen.reshape(seen.shape[0], -1)
    return product.reshape(outputs, *seen.shape[1:])


def largest_along(x: Float[Array, "..."], size: int, stride: int, axis: int, dilation: int = 1) -> Float[Array, "..."]:
    """Return the largest entry of each window along an axis, NaN if one is NaN.

    The first of equal entries receives the gradient. A chain of selections is faster than XLA's operation on windows,
    whose gradient scatters.

    Args:
        x: of any shape.
        size: of a window, in entries.
        stride: step between windows.
        axis: not negative.
        dilation: step between the entries of a window.
    """
    reach = x.shape[axis] - dilation * (size - 1)
    parts = [lax.slice_in_dim(x, d, d + reach, stride, axis) for d in range(0, dilation * size, dilation)]
    return functools.reduce(lambda best, other: jnp.where((best >= other) | jnp.isnan(best), best, other), parts)


@jax.custom_jvp
def tile_max(tiles: Float[Array, "channel row i column j example"]) -> Float[Array, "channel row column example"]:
    """Return the largest value over i and j; tied pixels share the gradient."""
    return tiles.max((2, 4))


@tile_max.defjvp
def _tile_max_jvp(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
    """Return the mean tangent of the largest pixels; counting them in slices is faster than a sum over inner axes."""
    (tiles,), (tangent,) = primals, tangents
    largest = tile_max(tiles)
    is_largest = tiles == largest[:, :, None, :, None]
    ones = is_largest.astype(tiles.dtype)
    by_row = functools.reduce(jnp.add, [ones[:, :, i] for i in range(tiles.shape[2])])
    count = functools.reduce(jnp.add, [by_row[:, :, :, j] for j in range(tiles.shape[4])])
    return largest, jnp.where(is_largest, tangent, 0).sum((2, 4)) / count


def max_pool(maps: Maps, window: int, stride: int) -> Maps:
    """Return the largest value of each `window` x `window` tile, every `stride` pixels; incomplete tiles are dropped.

    Tiles that do not overlap take a faster path, in which tied pixels share the gradient. Otherwise the first of them,
    row by row, receives it.
    """
    if window == stride:
        channels, height, width, n = maps.shape
        h, w = height // window, width // window
        tiles = maps[:, : h * window, : w * window].reshape(channels, h, window, w, window, n)
        return tile_max(tiles)
    return largest_along(largest_along(maps, window, stride, axis=2), window, stride, axis=1)


def pooled_batch_norm(norm: BatchNorm, maps: Maps, moments: Moments, window: int, stride: int) -> Maps:
    """Return max_pool(norm(maps, moments)), but normalize after pooling, which is cheaper.

    Normalization is monotone, so it commutes with the maximum once its sign is moved inside:
    max(a x + b) = |a| max(sign(a) x) + b.
    """
    return _pooled(norm, moments, lambda sign: maps * over_channels(sign, maps), window, stride)


def convolved_batch_norm(convolution: Convolution, norm: BatchNorm, maps: Maps, window: int, stride: int) -> Maps:
    """Return `pooled_batch_norm` of a convolution with running averages.

    The signs are known before the convolution, so they are moved into its kernel, which is small.
    """

    def signed(sign: Float[Array, " channel"]) -> Maps:
        return Convolution(convolution.kernel * sign[None, None, None], convolution.padding)(maps)

    return _pooled(norm, norm.moments(), signed, window, stride)


def _pooled(norm: BatchNorm, moments: Moments, signed: Callable[[Array], Maps], window: int, stride: int) -> Maps:
    """Pool and normalize `signed(sign)`, the maps times the sign of each channel's factor."""
    factor, offset = norm.affine(moments)
    sign = lax.stop_gradient(jnp.where(factor < 0, -1.0, 1.0))
    pooled = max_pool(signed(sign), window, stride)
    return pooled * over_channels(sign * factor, pooled) + over_channels(offset, pooled)
