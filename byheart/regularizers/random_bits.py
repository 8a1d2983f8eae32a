"""Random masks from random bits, without making uniform numbers of them first."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Key

LEVELS = 2**16


def is_dropped(key: Key[Array, ""], rate: Float[Array, ""], shape: tuple[int, ...]) -> Bool[Array, "..."]:
    """True with probability `rate`, which is rounded to a 65,536th, for each number of `shape` independently."""
    threshold = jnp.round(rate * LEVELS).astype(jnp.uint32)
    return jax.random.bits(key, shape, jnp.uint16).astype(jnp.uint32) < threshold
