"""Max pooling of maps with examples last over tiles, which do not overlap; of equal numbers the first one counts."""

import itertools
import math
from collections.abc import Sequence

import jax
import jax.numpy as jnp
from jaxtyping import Array

from byheart.torch_bridge.operations.once import once_beside


def largest_of_tiles(maps: Array, sizes: Sequence[int]) -> Array:
    """Return the largest number of each tile, NaN if one is NaN; incomplete tiles are dropped.

    The first of equal numbers receives the gradient, as in torch. In `networks.convolution.tile_max` they share it.

    Args:
        maps: (channel, *place, example).
        sizes: of a tile along each place axis, in pixels.
    """
    for axis, size in zip(range(1, 2 * len(sizes), 2), sizes, strict=True):
        n = maps.shape[axis] // size
        maps = jax.lax.slice_in_dim(maps, 0, n * size, axis=axis)
        maps = maps.reshape(*maps.shape[:axis], n, size, *maps.shape[axis + 1 :])
    return _largest(maps)


@jax.custom_jvp
def _largest(tiles: Array) -> Array:
    """Return the largest number of each tile of (channel, row, row in tile, column, column in tile, ..., example)."""
    return _largest_and_number(tiles)[0]


@_largest.defjvp
def _largest_jvp(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
    """Return the tangent of the first of the largest numbers."""
    (tiles,), (tangent,) = primals, tangents
    largest, number = _largest_and_number(tiles)
    inner = tuple(range(2, tiles.ndim - 1, 2))
    sizes = [tiles.shape[axis] if axis in inner else 1 for axis in range(tiles.ndim)]
    numbers = jnp.arange(1, 1 + math.prod(sizes), dtype=jnp.float32).reshape(sizes)
    chosen = jnp.where(jnp.expand_dims(number, inner) == numbers, tangent, 0).sum(inner)
    return largest, once_beside(chosen, largest)


def _largest_and_number(tiles: Array) -> tuple[Array, Array]:
    """Return the largest number of each tile, and n if it is the n-th one."""
    first, *others = _places(tiles)
    largest, number = first, jnp.ones(first.shape, jnp.float32)
    for n, other in enumerate(others, 2):
        is_kept = (largest >= other) | jnp.isnan(largest)
        largest, number = jnp.where(is_kept, largest, other), jnp.where(is_kept, number, n)
    return largest, once_beside(number, largest)


def _places(tiles: Array) -> list[Array]:
    """Return the first number of each tile, the second one and so on, row by row."""
    sizes = tiles.shape[2:-1:2]
    at = itertools.product(*map(range, sizes))
    return [tiles[(slice(None), *(one for index in place for one in (slice(None), index)))] for place in at]
