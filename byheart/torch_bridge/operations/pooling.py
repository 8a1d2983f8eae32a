"""Pooling over windows of maps, (batch, channel, *place) in one to three dimensions."""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array

from byheart.networks.convolution import largest_along
from byheart.torch_bridge.operations.table import operation

Sizes = int | Sequence[int]


def _sizes(given: Sizes, n: int) -> tuple[int, ...]:
    sizes = (given,) if isinstance(given, int) else tuple(given)
    return sizes * n if len(sizes) == 1 else sizes


def _dimensions(name: str) -> int:
    return int(name[-2])


def _pads(x: Array, kernel: Any, stride: Any, padding: Any, dilation: Any, ceil: bool) -> list[tuple[int, int]]:
    """Return (before, after) of each place axis; with `ceil` the last window may reach beyond the padding."""
    pads = []
    for size, k, s, p, d in zip(x.shape[-len(kernel) :], kernel, stride, padding, dilation, strict=True):
        reach = d * (k - 1) + 1
        n = (size + 2 * p - reach) // s + 1
        if ceil:
            n = -(-(size + 2 * p - reach) // s) + 1
            n -= (n - 1) * s >= size + p  # A window must start inside the input or the padding before it.
        pads.append((p, max((n - 1) * s + reach - size - p, 0)))
    return pads


def _windows(x: Array, start: Any, reduce: Any, kernel: Any, stride: Any, pads: Any, dilation: Any) -> Array:
    before = (1,) * (x.ndim - len(kernel))
    return jax.lax.reduce_window(
        x,
        start,
        reduce,
        (*before, *kernel),
        (*before, *stride),
        [*[(0, 0)] * len(before), *pads],
        window_dilation=(*before, *dilation),
    )


def _without_places(pool: Callable[..., Any]) -> Callable[..., Array]:
    """Return pooling that returns values alone, from one that returns values and their places."""
    return lambda *given: pool(*given)[0]


def _with_no_places(pool: Callable[..., Array]) -> Callable[..., Any]:
    """Return pooling that returns values, and None for their places, which networks rarely use."""
    return lambda *given: (pool(*given), None)


def _max_pool(n: int) -> Callable[..., Any]:
    def pool(
        x: Array, kernel: Sizes, stride: Sizes = (), padding: Sizes = 0, dilation: Sizes = 1, ceil: bool = False
    ) -> tuple[Array, None]:
        kernel = _sizes(kernel, n)
        stride = _sizes(stride, n) if stride else kernel
        dilation = _sizes(dilation, n)
        pads = _pads(x, kernel, stride, _sizes(padding, n), dilation, ceil)
        x = jnp.pad(x, [(0, 0)] * (x.ndim - n) + pads, constant_values=-jnp.inf)
        for axis in range(x.ndim - 1, x.ndim - n - 1, -1):  # The last axis first: of equal pixels the first one counts.
            at = axis - x.ndim + n
            x = largest_along(x, kernel[at], stride[at], axis, dilation[at])
        return x, None

    return pool


def _avg_pool(n: int) -> Callable[..., Array]:
    def pool(
        x: Array,
        kernel: Sizes,
        stride: Sizes = (),
        padding: Sizes = 0,
        ceil: bool = False,
        counts_padding: bool = True,
        divisor: int | None = None,
    ) -> Array:
        kernel = _sizes(kernel, n)
        stride = _sizes(stride, n) if stride else kernel
        padding, ones = _sizes(padding, n), (1,) * n
        pads = _pads(x, kernel, stride, padding, ones, ceil)
        total = _windows(x, 0.0, jax.lax.add, kernel, stride, pads, ones)
        if divisor is not None:
            return total / divisor
        counted = jnp.ones(x.shape[-n:], x.dtype)
        if counts_padding:
            counted = jnp.pad(counted, [(p, p) for p in padding], constant_values=1)
            pads = [(low - p, high - p) for (low, high), p in zip(pads, padding, strict=True)]
        return total / _windows(counted, 0.0, jax.lax.add, kernel, stride, pads, ones)

    return pool


for _n in (1, 2, 3):
    operation(f"max_pool{_n}d_with_indices")(_max_pool(_n))
    operation(f"max_pool{_n}d")(_without_places(_max_pool(_n)))
    operation(f"avg_pool{_n}d")(_avg_pool(_n))


def _adaptive(reduce: Callable[..., Array], n: int) -> Callable[..., Array]:
    """Return pooling to a given size: along each axis, window i of m reaches from floor(i n/m) to ceil((i+1) n/m)."""

    def pool(x: Array, sizes: Sizes) -> Array:
        for axis, wanted in zip(range(-n, 0), _sizes(sizes, n), strict=True):
            size = x.shape[axis]
            wanted = size if wanted is None else wanted
            starts = [at * size // wanted for at in range(wanted)]
            ends = [-(-(at + 1) * size // wanted) for at in range(wanted)]
            if size % wanted == 0:
                at = axis % x.ndim
                x = reduce(x.reshape(*x.shape[:at], wanted, size // wanted, *x.shape[at + 1 :]), axis=at + 1)
            else:
                parts = [jax.lax.slice_in_dim(x, a, b, axis=axis % x.ndim) for a, b in zip(starts, ends, strict=True)]
                x = jnp.concatenate([reduce(part, axis=axis, keepdims=True) for part in parts], axis)
        return x

    return pool


for _n in (1, 2, 3):
    operation(f"adaptive_avg_pool{_n}d", f"_adaptive_avg_pool{_n}d")(_adaptive(jnp.mean, _n))
    operation(f"adaptive_max_pool{_n}d")(_with_no_places(_adaptive(jnp.max, _n)))
