"""Operations that make new arrays, or keep a triangle."""

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
from jax.typing import ArrayLike
from jaxtyping import Array

from byheart.torch_bridge.operations.table import operation


@operation("tril")
def tril(x: Array, diagonal: int = 0) -> Array:
    """Return the lower triangle."""
    return jnp.tril(x, diagonal)


@operation("triu")
def triu(x: Array, diagonal: int = 0) -> Array:
    """Return the upper triangle."""
    return jnp.triu(x, diagonal)


@operation("full")
def full(shape: Sequence[int], value: ArrayLike, dtype: Any = None) -> Array:
    """Return an array of one value."""
    return jnp.full(tuple(shape), value, dtype)


@operation("full_like")
def full_like(x: Array, value: ArrayLike, dtype: Any = None) -> Array:
    """Return an array of one value, with the shape of x."""
    return jnp.full(x.shape, value, x.dtype if dtype is None else dtype)


@operation("zeros", "empty.memory_format")
def zeros(shape: Sequence[int], dtype: Any = None) -> Array:
    """Return zeros."""
    return jnp.zeros(tuple(shape), dtype)


@operation("empty_permuted")
def empty_permuted(shape: Sequence[int], order: Sequence[int], dtype: Any = None) -> Array:
    """Return an array to be filled, as zeros."""
    del order
    return jnp.zeros(tuple(shape), dtype)


@operation("ones")
def ones(shape: Sequence[int], dtype: Any = None) -> Array:
    """Return ones."""
    return jnp.ones(tuple(shape), dtype)


@operation("zeros_like", "empty_like")
def zeros_like(x: Array, dtype: Any = None) -> Array:
    """Return zeros with the shape of x."""
    return jnp.zeros(x.shape, x.dtype if dtype is None else dtype)


@operation("ones_like")
def ones_like(x: Array, dtype: Any = None) -> Array:
    """Return ones with the shape of x."""
    return jnp.ones(x.shape, x.dtype if dtype is None else dtype)


@operation("arange.start_step")
def arange(start: float, end: float, step: float = 1, dtype: Any = None) -> Array:
    """Return numbers from start to end."""
    return jnp.arange(start, end, step, dtype)


@operation("linspace")
def linspace(start: float, end: float, steps: int, dtype: Any = None) -> Array:
    """Return evenly spaced numbers from start to end, which is one of them."""
    return jnp.linspace(start, end, steps, dtype=dtype)


@operation("eye.m")
def eye(n: int, m: int, dtype: Any = None) -> Array:
    """Return ones on the diagonal."""
    return jnp.eye(n, m, dtype=dtype)
