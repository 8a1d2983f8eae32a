"""How XLA is made to compute an array once, in place of anew in every operation that uses it."""

import jax
import jax.numpy as jnp
from jaxtyping import Array


def once(x: Array) -> Array:
    """Return x, which is computed once, as is the gradient in x.

    XLA computes cheap operations again wherever their result is used, with all cheap operations before them, so that
    programs can grow with the square of their layers. It does not repeat divisions, so x is divided by a one that it
    does not know. Products and sums that are computed twice may also be rounded in two ways, and then no number equals
    the largest.
    """
    return x / jax.lax.optimization_barrier(jnp.ones((), x.dtype))
