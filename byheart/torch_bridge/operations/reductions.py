"""Operations that reduce axes, or order numbers along one: sums, means, extremes, softmax, sorting."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array

from byheart.torch_bridge.operations.examples_last import ExamplesLast, axis_of_maps, on_maps
from byheart.torch_bridge.operations.table import operation

Axes = int | Sequence[int] | None


def _axes(axes: Axes) -> int | tuple[int, ...] | None:
    return axes if axes is None or isinstance(axes, int) else tuple(axes) or None


@operation("sum.dim_IntList")
def sum_of(x: Array, axes: Axes = None, keepdim: bool = False, dtype: Any = None) -> Array:
    """Return the sum over axes."""
    return jnp.sum(x, _axes(axes), dtype=dtype, keepdims=keepdim)


@operation("sum.default")
def sum_of_all(x: Array, dtype: Any = None) -> Array:
    """Return the sum of all numbers."""
    return jnp.sum(x, dtype=dtype)


@operation("mean.dim")
def mean(x: Array, axes: Axes = None, keepdim: bool = False, dtype: Any = None) -> Array:
    """Return the mean over axes."""
    return jnp.mean(x, _axes(axes), dtype=dtype, keepdims=keepdim)


@on_maps("mean.dim")
def mean_of_maps(x: ExamplesLast, axes: Axes = None, keepdim: bool = False, dtype: Any = None) -> Array | ExamplesLast:
    """Return the mean over axes that torch's order names."""
    given = _axes(axes)
    chosen = range(x.maps.ndim) if given is None else (given,) if isinstance(given, int) else given
    moved = tuple(axis_of_maps(axis, x.maps.ndim) for axis in chosen)
    result = ExamplesLast(jnp.mean(x.maps, moved, dtype=dtype, keepdims=True))
    return result if keepdim else result.in_order.squeeze(tuple(chosen))


@operation("mean.default")
def mean_of_all(x: Array, dtype: Any = None) -> Array:
    """Return the mean of all numbers."""
    return jnp.mean(x, dtype=dtype)


@operation("prod.dim_int")
def prod(x: Array, axis: int, keepdim: bool = False, dtype: Any = None) -> Array:
    """Return the product over an axis."""
    return jnp.prod(x, axis, dtype=dtype, keepdims=keepdim)


@operation("var.correction")
def variance(x: Array, axes: Axes = None, correction: float | None = None, keepdim: bool = False) -> Array:
    """Return the variance over axes, unbiased unless `correction` is 0."""
    return jnp.var(x, _axes(axes), ddof=1 if correction is None else int(correction), keepdims=keepdim)


@operation("var.dim")
def variance_of(x: Array, axes: Axes = None, unbiased: bool = True, keepdim: bool = False) -> Array:
    """Return the variance over axes."""
    return variance(x, axes, int(unbiased), keepdim)


@operation("var_mean.correction")
def variance_and_mean(
    x: Array, axes: Axes = None, correction: float | None = None, keepdim: bool = False
) -> tuple[Array, Array]:
    """Return variance and mean over axes."""
    return variance(x, axes, correction, keepdim), mean(x, axes, keepdim)


@operation("amax")
def amax(x: Array, axes: Axes = (), keepdim: bool = False) -> Array:
    """Return the largest number over axes."""
    return jnp.max(x, _axes(axes), keepdims=keepdim)


@operation("amin")
def amin(x: Array, axes: Axes = (), keepdim: bool = False) -> Array:
    """Return the smallest number over axes."""
    return jnp.min(x, _axes(axes), keepdims=keepdim)


@operation("max.default")
def largest(x: Array) -> Array:
    """Return the largest number."""
    return jnp.max(x)


@operation("min.default")
def smallest(x: Array) -> Array:
    """Return the smallest number."""
    return jnp.min(x)


@operation("max.dim")
def max_and_place(x: Array, axis: int, keepdim: bool = False) -> tuple[Array, Array]:
    """Return the largest numbers along an axis and their places, the first of equal ones."""
    return _at(x, jnp.argmax(x, axis, keepdims=True), axis, keepdim)


@operation("min.dim")
def min_and_place(x: Array, axis: int, keepdim: bool = False) -> tuple[Array, Array]:
    """Return the smallest numbers along an axis and their places, the first of equal ones."""
    return _at(x, jnp.argmin(x, axis, keepdims=True), axis, keepdim)


def _at(x: Array, places: Array, axis: int, keepdim: bool) -> tuple[Array, Array]:
    values = jnp.take_along_axis(x, places, axis)
    return (values, places) if keepdim else (values.squeeze(axis), places.squeeze(axis))


@operation("argmax")
def argmax(x: Array, axis: int | None = None, keepdim: bool = False) -> Array:
    """Return the place of the largest number."""
    return jnp.argmax(x, axis, keepdims=keepdim)


@operation("argmin")
def argmin(x: Array, axis: int | None = None, keepdim: bool = False) -> Array:
    """Return the place of the smallest number."""
    return jnp.argmin(x, axis, keepdims=keepdim)


@operation("any")
def any_of(x: Array, axes: Axes = None, keepdim: bool = False) -> Array:
    """Return whether any number is not 0."""
    return jnp.any(x, _axes(axes), keepdims=keepdim)


@operation("all")
def all_of(x: Array, axes: Axes = None, keepdim: bool = False) -> Array:
    """Return whether no number is 0."""
    return jnp.all(x, _axes(axes), keepdims=keepdim)


@operation("cumsum")
def cumsum(x: Array, axis: int, dtype: Any = None) -> Array:
    """Return running sums along an axis."""
    return jnp.cumsum(x, axis, dtype)


@operation("cumprod")
def cumprod(x: Array, axis: int, dtype: Any = None) -> Array:
    """Return running products along an axis."""
    return jnp.cumprod(x, axis, dtype)


@operation("sort")
def sort(x: Array, axis: int = -1, descending: bool = False) -> tuple[Array, Array]:
    """Return sorted numbers and their places."""
    places = jnp.argsort(x, axis, descending=descending)
    return jnp.take_along_axis(x, places, axis), places


@operation("topk")
def topk(x: Array, k: int, axis: int = -1, largest: bool = True, in_order: bool = True) -> tuple[Array, Array]:
    """Return the `k` largest or smallest numbers along an axis, in order, and their places."""
    del in_order
    places = jnp.moveaxis(jax.lax.top_k(jnp.moveaxis(x if largest else -x, axis, -1), k)[1], -1, axis)
    return jnp.take_along_axis(x, places, axis), places


@operation("logsumexp")
def logsumexp(x: Array, axes: Axes, keepdim: bool = False) -> Array:
    """Return log sum exp over axes."""
    return jax.nn.logsumexp(x, _axes(axes), keepdims=keepdim)


@operation("linalg_vector_norm", "norm.ScalarOpt_dim")
def vector_norm(
    x: Array, order: float | None = 2, axes: Axes = None, keepdim: bool = False, dtype: Any = None
) -> Array:
    """Return the norm over axes; its derivative at 0 is 0, as torch has it."""
    order = 2 if order is None else order
    if order != 2:
        return jnp.linalg.norm(x.astype(dtype or x.dtype), order, _axes(axes), keepdim)
    squares = jnp.sum(jnp.square(x.astype(dtype or x.dtype)), _axes(axes), keepdims=keepdim)
    is_above = squares > 0
    return jnp.where(is_above, jnp.sqrt(jnp.where(is_above, squares, 1)), 0)


@operation("_softmax", "softmax.int")
def softmax(x: Array, axis: int, unused: Any = None) -> Array:
    """Return the softmax along an axis."""
    del unused
    return jax.nn.softmax(x, axis)


@operation("_safe_softmax")
def safe_softmax(x: Array, axis: int, dtype: Any = None) -> Array:
    """Return the softmax along an axis; 0 where all numbers are minus infinity."""
    del dtype
    is_masked = jnp.all(x == -jnp.inf, axis, keepdims=True)
    return jnp.where(is_masked, 0, jax.nn.softmax(jnp.where(is_masked, 0, x), axis))


@operation("_log_softmax", "log_softmax.int")
def log_softmax(x: Array, axis: int, unused: Any = None) -> Array:
    """Return the logarithm of the softmax along an axis."""
    del unused
    return jax.nn.log_softmax(x, axis)
