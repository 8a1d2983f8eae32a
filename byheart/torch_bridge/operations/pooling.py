"""Pooling over windows of maps, (batch, channel, *place) in one to three dimensions."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array

from byheart.networks.convolution import largest_along
from byheart.torch_bridge.operations.examples_last import ExamplesLast, on_maps
from byheart.torch_bridge.operations.table import operation
from byheart.torch_bridge.operations.tiles import largest_of_tiles

Sizes = int | Sequence[int]
Pads = list[tuple[int, int]]
"""Numbers before and after each place axis."""


def _sizes(given: Sizes, n: int) -> tuple[int, ...]:
    sizes = (given,) if isinstance(given, int) else tuple(given)
    return sizes * n if len(sizes) == 1 else sizes


def _pads(x: Array, first: int, kernel: Any, stride: Any, padding: Any, dilation: Any, ceil: bool) -> Pads:
    """Return (before, after) of each place axis; with `ceil` the last window may reach beyond the padding."""
    pads = []
    for size, k, s, p, d in zip(x.shape[first:], kernel, stride, padding, dilation, strict=False):
        reach = d * (k - 1) + 1
        n = (size + 2 * p - reach) // s + 1
        if ceil:
            n = -(-(size + 2 * p - reach) // s) + 1
            n -= (n - 1) * s >= size + p  # A window must start inside the input or the padding before it.
        pads.append((p, max((n - 1) * s + reach - size - p, 0)))
    return pads


def _padded(x: Array, first: int, pads: Pads, value: float) -> Array:
    """Return x with numbers added before and after each place axis; a negative width cuts."""
    none = (0, 0, 0)
    widths = [*[none] * first, *((low, high, 0) for low, high in pads), *[none] * (x.ndim - first - len(pads))]
    return jax.lax.pad(x, jnp.asarray(value, x.dtype), widths)


def _sums(x: Array, first: int, kernel: Any, stride: Any) -> Array:
    """Return the sum of each window."""
    before, after = (1,) * first, (1,) * (x.ndim - first - len(kernel))
    return jax.lax.reduce_window(x, 0.0, jax.lax.add, (*before, *kernel, *after), (*before, *stride, *after), "valid")


def _max_pool(
    n: int,
    first: int,
    x: Array,
    kernel: Sizes,
    stride: Sizes = (),
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil: bool = False,
) -> Array:
    """Return the largest number of each window; the first of equal ones receives the gradient.

    `n` is the number of place axes of maps x, and `first` the first of them; the other arguments are torch's.
    """
    kernel = _sizes(kernel, n)
    stride = _sizes(stride, n) if stride else kernel
    dilation = _sizes(dilation, n)
    x = _padded(x, first, _pads(x, first, kernel, stride, _sizes(padding, n), dilation, ceil), -jnp.inf)
    examples_are_last = x.ndim > first + n
    if examples_are_last and stride == kernel and {*dilation} == {1}:
        return largest_of_tiles(x, kernel)
    for at in range(n - 1, -1, -1):  # The last axis first: of equal pixels the first one counts.
        x = largest_along(x, kernel[at], stride[at], first + at, dilation[at])
    return x


def _avg_pool(
    n: int,
    first: int,
    x: Array,
    kernel: Sizes,
    stride: Sizes = (),
    padding: Sizes = 0,
    ceil: bool = False,
    counts_padding: bool = True,
    divisor: int | None = None,
) -> Array:
    """Return the mean of each window; arguments as those of `_max_pool`."""
    kernel = _sizes(kernel, n)
    stride = _sizes(stride, n) if stride else kernel
    padding = _sizes(padding, n)
    pads = _pads(x, first, kernel, stride, padding, (1,) * n, ceil)
    total = _sums(_padded(x, first, pads, 0), first, kernel, stride)
    if divisor is not None:
        return total / divisor
    places = x.shape[first : first + n]
    counted = jnp.ones(places, x.dtype)
    if counts_padding:
        counted = jnp.pad(counted, [(p, p) for p in padding], constant_values=1)
        pads = [(low - p, high - p) for (low, high), p in zip(pads, padding, strict=True)]
    counts = _sums(_padded(counted, 0, pads, 0), 0, kernel, stride)
    return total / counts.reshape(*counts.shape, *[1] * (x.ndim - first - n))


def _adaptive(reduce: Callable[..., Array], n: int, first: int, x: Array, sizes: Sizes) -> Array:
    """Return pooling to a given size: along each axis, window i of m reaches from floor(i n/m) to ceil((i+1) n/m)."""
    for at, wanted in enumerate(_sizes(sizes, n), first):
        size = x.shape[at]
        wanted = size if wanted is None else wanted
        starts = [i * size // wanted for i in range(wanted)]
        ends = [-(-(i + 1) * size // wanted) for i in range(wanted)]
        if size % wanted == 0:
            x = reduce(x.reshape(*x.shape[:at], wanted, size // wanted, *x.shape[at + 1 :]), axis=at + 1)
        else:
            parts = [jax.lax.slice_in_dim(x, a, b, axis=at) for a, b in zip(starts, ends, strict=True)]
            x = jnp.concatenate([reduce(part, axis=at, keepdims=True) for part in parts], at)
    return x


def _enter(names: Sequence[str], pool: Callable[..., Array], n: int, has_places: bool = False) -> None:
    """Enter a pooling into the table, and its form for maps with examples last.

    Args:
        names: in the table.
        pool: takes the number of place axes, the first one, and torch's arguments.
        n: number of place axes.
        has_places: whether torch returns the places, too, which networks rarely use: None stands for them.
    """

    def in_torch_order(x: Array, *how: Any) -> Any:
        result = pool(n, x.ndim - n, x, *how)
        return (result, None) if has_places else result

    def of_maps(x: ExamplesLast, *how: Any) -> Any:
        result = ExamplesLast(pool(n, 1, x.maps, *how))
        return (result, None) if has_places else result

    operation(*names)(in_torch_order)
    on_maps(*names)(of_maps)


for _n in (1, 2, 3):
    _enter([f"max_pool{_n}d_with_indices"], _max_pool, _n, has_places=True)
    _enter([f"max_pool{_n}d"], _max_pool, _n)
    _enter([f"avg_pool{_n}d"], _avg_pool, _n)
    _enter([f"adaptive_avg_pool{_n}d", f"_adaptive_avg_pool{_n}d"], functools.partial(_adaptive, jnp.mean), _n)
    _enter([f"adaptive_max_pool{_n}d"], functools.partial(_adaptive, jnp.max), _n, has_places=True)
