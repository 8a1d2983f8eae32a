"""Operations that resize or resample maps: nearest, linear and cubic interpolation, and sampling on a grid."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from byheart.torch_bridge.operations.table import operation

Sizes = Sequence[int] | None
Factors = Sequence[float] | None


def _target(x: Array, sizes: Sizes, factors: Factors, n: int) -> list[tuple[int, float | None]]:
    """Return, for each place axis, its new length, and the factor if one is given."""
    if factors is None:
        return [(int(size), None) for size in sizes or ()]
    return [(math.floor(size * factor), factor) for size, factor in zip(x.shape[-n:], factors, strict=True)]


def _nearest(n: int, is_exact: bool) -> Callable[..., Array]:
    def resize(x: Array, sizes: Sizes = None, factors: Factors = None) -> Array:
        for axis, (wanted, factor) in enumerate(_target(x, sizes, factors, n), x.ndim - n):
            size = x.shape[axis]
            scale = size / wanted if factor is None else 1 / factor
            at = np.floor((np.arange(wanted) + 0.5 * is_exact) * np.float32(scale)).astype(int)
            x = jnp.take(x, np.clip(at, 0, size - 1), axis)
        return x

    return resize


def _sources(size: int, wanted: int, factor: float | None, align_corners: bool) -> np.ndarray:
    """Return the place in the input of each place of the result."""
    if align_corners:
        return np.arange(wanted) * ((size - 1) / (wanted - 1) if wanted > 1 else 0.0)
    return (np.arange(wanted) + 0.5) * (size / wanted if factor is None else 1 / factor) - 0.5


def _linear_weights(size: int, places: np.ndarray) -> np.ndarray:
    places = np.maximum(places, 0)
    low = np.minimum(np.floor(places).astype(int), size - 1)
    share = places - low
    weights = np.zeros((len(places), size))
    np.add.at(weights, (np.arange(len(places)), low), 1 - share)
    np.add.at(weights, (np.arange(len(places)), np.minimum(low + 1, size - 1)), share)
    return weights


def _cubic_weights(size: int, places: np.ndarray) -> np.ndarray:
    """Return the weights of Keys' cubic convolution with a = -0.75, as torch has it."""
    a, low = -0.75, np.floor(places).astype(int)
    weights = np.zeros((len(places), size))
    for offset in (-1, 0, 1, 2):
        distance = np.abs(places - (low + offset))
        near = (a + 2) * distance**3 - (a + 3) * distance**2 + 1
        far = a * distance**3 - 5 * a * distance**2 + 8 * a * distance - 4 * a
        at = np.clip(low + offset, 0, size - 1)
        np.add.at(weights, (np.arange(len(places)), at), np.where(distance <= 1, near, far))
    return weights


def _weighted(n: int, weights_of: Callable[[int, np.ndarray], np.ndarray]) -> Callable[..., Array]:
    def resize(x: Array, sizes: Sizes, align_corners: bool, factors: Factors = None) -> Array:
        for axis, (wanted, factor) in enumerate(_target(x, sizes, factors, n), x.ndim - n):
            weights = weights_of(x.shape[axis], _sources(x.shape[axis], wanted, factor, align_corners))
            x = jnp.moveaxis(jnp.tensordot(x, jnp.asarray(weights, x.dtype), (axis, 1)), -1, axis)
        return x

    return resize


for _n, _name in ((1, "linear"), (2, "bilinear"), (3, "trilinear")):
    operation(f"upsample_{_name}{_n}d.vec")(_weighted(_n, _linear_weights))
    operation(f"upsample_nearest{_n}d.vec")(_nearest(_n, False))
    operation(f"_upsample_nearest_exact{_n}d.vec")(_nearest(_n, True))
operation("upsample_bicubic2d.vec")(_weighted(2, _cubic_weights))


@operation("grid_sampler_2d")
def grid_sampler(x: Array, grid: Array, mode: int, padding: int, align_corners: bool) -> Array:
    """Return x (batch, channel, height, width) sampled at the points of a grid (batch, row, column, 2) in [-1, 1].

    Mode 0 is bilinear and 1 nearest; outside, padding 0 is zeros and 1 the border.
    """
    if mode not in (0, 1) or padding not in (0, 1):
        raise NotImplementedError(f"grid_sample with mode {mode} and padding {padding}")
    height, width = x.shape[2:]

    def places(of: Array, size: int) -> Array:
        found = (of + 1) / 2 * (size - 1) if align_corners else ((of + 1) * size - 1) / 2
        return jnp.clip(found, 0, size - 1) if padding == 1 else found

    column, row = places(grid[..., 0], width), places(grid[..., 1], height)

    def at(rows: Array, columns: Array) -> Any:
        is_inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
        flat = jnp.clip(rows, 0, height - 1) * width + jnp.clip(columns, 0, width - 1)
        numbers = jnp.take_along_axis(
            x.reshape(*x.shape[:2], -1), flat.astype(int).reshape(len(x), 1, -1), axis=2
        ).reshape(*x.shape[:2], *flat.shape[1:])
        return jnp.where(is_inside[:, None], numbers, 0)

    if mode == 1:
        return at(jnp.round(row), jnp.round(column))
    low_row, low_column = jnp.floor(row), jnp.floor(column)
    share_row, share_column = (row - low_row)[:, None], (column - low_column)[:, None]
    above = (1 - share_column) * at(low_row, low_column) + share_column * at(low_row, low_column + 1)
    below = (1 - share_column) * at(low_row + 1, low_column) + share_column * at(low_row + 1, low_column + 1)
    return (1 - share_row) * above + share_row * below
