"""Random masks, which are at their means, since a network of byheart holds nothing random."""

import jax.numpy as jnp
from jaxtyping import Array

from byheart.torch_bridge.operations.examples_last import by_number


@by_number("bernoulli.p")
def bernoulli_of(x: Array, share: float = 0.5) -> Array:
    """Return the mean of a random mask: a network holds nothing random, so a dropped share counts as kept."""
    return jnp.full_like(x, share)


@by_number("bernoulli.default")
def bernoulli(share: Array) -> Array:
    """Return the mean of a random mask, as `bernoulli_of`."""
    return share


@by_number("native_dropout")
def native_dropout(x: Array, rate: float, train: bool | None = None) -> tuple[Array, Array]:
    """Return x: the module's own dropout is off. The lowering calls `hidden` on the result."""
    del rate, train
    return x, jnp.ones(x.shape, bool)


@by_number("dropout")
def dropout(x: Array, rate: float, train: bool) -> Array:
    """Return x: the module's own dropout is off. The lowering calls `hidden` on the result."""
    del rate, train
    return x
