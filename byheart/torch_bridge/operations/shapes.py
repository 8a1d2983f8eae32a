"""Operations that move numbers or make new arrays: views, joins, slices, gathers, padding, constants."""

import math
from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
from jax import lax
from jaxtyping import Array

from byheart import checks
from byheart.torch_bridge.operations.examples_last import ExamplesLast, axis_of_maps, maps_of, on_maps
from byheart.torch_bridge.operations.table import operation

END = 2**63 - 1
"""torch's end of a slice that has none."""


@operation("view", "reshape", "_unsafe_view", "view_copy")
def view(x: Array, shape: Sequence[int]) -> Array:
    """Return x with another shape."""
    return x.reshape(tuple(int(size) for size in shape))


@operation("as_strided")
def as_strided(x: Array, shape: Sequence[int], strides: Sequence[int], offset: int | None = None) -> Array:
    """Return x, if the strides are those of a contiguous array of its shape: torch so asks for a memory format.

    Raises:
        BadInput: other strides, which read memory in an order of its own.
    """
    expected = [math.prod(shape[axis + 1 :]) for axis in range(len(shape))]
    is_same = all(size == 1 or one == other for size, one, other in zip(shape, strides, expected, strict=True))
    if tuple(shape) != x.shape or offset or not is_same:
        raise checks.BadInput(
            f"`module` uses as_strided with the strides {tuple(strides)}, which byheart does not have."
        )
    return x


@operation("permute")
def permute(x: Array, axes: Sequence[int]) -> Array:
    """Return x with its axes in another order."""
    return jnp.transpose(x, axes)


@operation("t")
def transposed(x: Array) -> Array:
    """Return a matrix transposed."""
    return x.T


@operation("transpose")
def transpose(x: Array, one: int, other: int) -> Array:
    """Return x with two axes swapped."""
    return jnp.swapaxes(x, one, other)


@operation("expand")
def expand(x: Array, shape: Sequence[int], implicit: bool = False) -> Array:
    """Return x repeated along axes of length 1; -1 keeps a length."""
    del implicit
    kept = (1,) * (len(shape) - x.ndim) + x.shape
    return jnp.broadcast_to(x, tuple(old if new == -1 else int(new) for new, old in zip(shape, kept, strict=True)))


@operation("squeeze")
def squeeze(x: Array, axes: int | Sequence[int] | None = None) -> Array:
    """Return x without the given axes, or without all axes, of length 1."""
    if axes is None:
        return jnp.squeeze(x)
    chosen = [axes] if isinstance(axes, int) else list(axes)
    return jnp.squeeze(x, tuple(axis for axis in chosen if x.ndim and x.shape[axis] == 1))


@operation("unsqueeze")
def unsqueeze(x: Array, axis: int) -> Array:
    """Return x with a new axis of length 1."""
    return jnp.expand_dims(x, axis)


@operation("cat")
def cat(parts: Sequence[Array], axis: int = 0) -> Array:
    """Return arrays joined along an axis."""
    return jnp.concatenate([part for part in parts if part.shape != (0,)], axis)


@on_maps("cat")
def cat_maps(parts: Sequence[Array | ExamplesLast], axis: int = 0) -> ExamplesLast:
    """Return maps joined along an axis of torch's order."""
    maps = [maps_of(part) for part in parts if isinstance(part, ExamplesLast) or part.shape != (0,)]
    return ExamplesLast(jnp.concatenate(maps, axis_of_maps(axis, maps[0].ndim)))


@operation("stack")
def stack(parts: Sequence[Array], axis: int = 0) -> Array:
    """Return arrays joined along a new axis."""
    return jnp.stack(parts, axis)


@operation("split.Tensor")
def split(x: Array, size: int, axis: int = 0) -> list[Array]:
    """Return parts of `size` along an axis."""
    return jnp.split(x, range(size, x.shape[axis], size), axis)


@operation("split_with_sizes")
def split_with_sizes(x: Array, sizes: Sequence[int], axis: int = 0) -> list[Array]:
    """Return parts of the given sizes along an axis."""
    ends = [sum(sizes[: n + 1]) for n in range(len(sizes) - 1)]
    return jnp.split(x, ends, axis)


@operation("chunk")
def chunk(x: Array, n: int, axis: int = 0) -> list[Array]:
    """Return `n` parts along an axis."""
    return split(x, -(-x.shape[axis] // n), axis)


@operation("unbind")
def unbind(x: Array, axis: int = 0) -> list[Array]:
    """Return the slices along an axis."""
    return list(jnp.moveaxis(x, axis, 0))


@operation("slice")
def sliced(x: Array, axis: int = 0, start: int | None = None, end: int | None = None, step: int = 1) -> Array:
    """Return a slice along an axis."""
    return x[_at(x, axis, slice(start, None if end == END else end, step))]


@operation("select.int")
def select(x: Array, axis: int, index: int) -> Array:
    """Return the numbers at one place of an axis."""
    return x[_at(x, axis, index)]


@operation("slice_scatter")
def slice_scatter(
    x: Array, part: Array, axis: int = 0, start: int | None = None, end: int | None = None, step: int = 1
) -> Array:
    """Return x with a slice replaced."""
    return x.at[_at(x, axis, slice(start, None if end == END else end, step))].set(part)


@operation("select_scatter")
def select_scatter(x: Array, part: Array, axis: int, index: int) -> Array:
    """Return x with the numbers at one place of an axis replaced."""
    return x.at[_at(x, axis, index)].set(part)


def _at(x: Array, axis: int, where: slice | int) -> tuple[Any, ...]:
    return (*[slice(None)] * (axis % x.ndim), where)


@operation("index.Tensor", "_unsafe_index")
def index(x: Array, indices: Sequence[Array | None]) -> Array:
    """Return the numbers at integer or boolean indices, broadcast against each other."""
    return x[tuple(slice(None) if one is None else one for one in indices)]


@operation("index_put", "_unsafe_index_put")
def index_put(x: Array, indices: Sequence[Array | None], values: Array, accumulate: bool = False) -> Array:
    """Return x with the numbers at indices replaced, or added to."""
    places = x.at[tuple(slice(None) if one is None else one for one in indices)]
    return places.add(values) if accumulate else places.set(values)


@operation("index_select")
def index_select(x: Array, axis: int, indices: Array) -> Array:
    """Return the slices at indices along an axis."""
    return jnp.take(x, indices, axis)


@operation("gather")
def gather(x: Array, axis: int, indices: Array, sparse_grad: bool = False) -> Array:
    """Return, for each index, the number at that place of the axis."""
    del sparse_grad
    within = tuple(slice(n) if at != axis % x.ndim else slice(None) for at, n in enumerate(indices.shape))
    return jnp.take_along_axis(x[within], indices, axis)


@operation("embedding")
def embedding(weight: Array, indices: Array, *rest: Any) -> Array:
    """Return the rows of a table."""
    return jnp.take(weight, indices, 0)


@operation("flip")
def flip(x: Array, axes: Sequence[int]) -> Array:
    """Return x reversed along axes."""
    return jnp.flip(x, axes)


@operation("roll")
def roll(x: Array, shifts: Sequence[int], axes: Sequence[int] = ()) -> Array:
    """Return x rolled along axes."""
    return jnp.roll(x, tuple(shifts), tuple(axes)) if axes else jnp.roll(x, shifts[0])


@operation("repeat")
def repeat(x: Array, times: Sequence[int]) -> Array:
    """Return x repeated as a whole along axes."""
    return jnp.tile(x, tuple(times))


@operation("diagonal")
def diagonal(x: Array, offset: int = 0, one: int = 0, other: int = 1) -> Array:
    """Return a diagonal."""
    return jnp.diagonal(x, offset, one, other)


@operation("unfold")
def unfold(x: Array, axis: int, size: int, step: int) -> Array:
    """Return all windows along an axis, each as a last axis of its own."""
    axis %= x.ndim
    n_windows = (x.shape[axis] - size) // step + 1
    shifts = [lax.slice_in_dim(x, at, at + (n_windows - 1) * step + 1, step, axis) for at in range(size)]
    return jnp.stack(shifts, -1)
