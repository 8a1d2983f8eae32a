"""Matrix products, and attention."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array

from byheart.torch_bridge.operations.table import operation


@operation("mm", "bmm", "matmul", "dot", "mv")
def matmul(x: Array, y: Array) -> Array:
    """Return the matrix product."""
    return jnp.matmul(x, y)


@operation("addmm", "baddbmm", "addmv")
def addmm(bias: Array, x: Array, y: Array, beta: float = 1, alpha: float = 1) -> Array:
    """Return beta bias + alpha x y."""
    product = jnp.matmul(x, y)
    return (bias if beta == 1 else beta * bias) + (product if alpha == 1 else alpha * product)


@operation("linear")
def linear(x: Array, weight: Array, bias: Array | None = None) -> Array:
    """Return x W^T + b."""
    product = jnp.matmul(x, weight.T)
    return product if bias is None else product + bias


@operation("einsum")
def einsum(equation: str, parts: Sequence[Array], path: Any = None) -> Array:
    """Return a sum of products over named axes."""
    del path
    return jnp.einsum(equation, *parts)


@operation("scaled_dot_product_attention")
def attention(
    query: Array,
    key: Array,
    value: Array,
    mask: Array | None = None,
    dropout: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    shares_keys: bool = False,
) -> Array:
    """Return softmax(Q K^T scale + mask) V over (..., token, unit); dropout inside is off."""
    del dropout
    if shares_keys:
        times = query.shape[-3] // key.shape[-3]
        key, value = jnp.repeat(key, times, -3), jnp.repeat(value, times, -3)
    scores = jnp.matmul(query, jnp.swapaxes(key, -1, -2)) * (query.shape[-1] ** -0.5 if scale is None else scale)
    if is_causal:
        scores = jnp.where(jnp.tril(jnp.ones(scores.shape[-2:], bool)), scores, -jnp.inf)
    if mask is not None:
        scores = jnp.where(mask, scores, -jnp.inf) if mask.dtype == bool else scores + mask
    is_empty = jnp.all(scores == -jnp.inf, -1, keepdims=True)
    shares = jax.nn.softmax(jnp.where(is_empty, 0, scores), -1)
    return jnp.matmul(jnp.where(is_empty, 0, shares), value)


@operation("cdist", "_cdist_forward")
def cdist(x: Array, y: Array, order: float = 2, mode: Any = None) -> Array:
    """Return Euclidean or other distances between rows; the derivative at distance 0 is 0."""
    del mode
    difference = x[..., :, None, :] - y[..., None, :, :]
    if order != 2:
        return jnp.linalg.norm(difference, order, axis=-1)
    squares = jnp.sum(jnp.square(difference), -1)
    return jnp.where(squares > 0, jnp.sqrt(jnp.where(squares > 0, squares, 1)), 0)
