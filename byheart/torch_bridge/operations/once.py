"""Make XLA compute an array once, in place of anew in every operation that uses it.

XLA computes cheap operations again wherever their result is used, with all cheap operations before them, so that
programs can grow with the square of their layers. Products and sums that are computed twice may also be rounded in two
ways, and then no number equals the largest. XLA does not repeat divisions by numbers that it does not know.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array


def once(x: Array) -> Array:
    """Return x, which is computed once, as is the gradient in x.

    Args:
        x: floats of any shape; they are divided by a one.
    """
    return x / jax.lax.optimization_barrier(jnp.ones((), x.dtype))


def once_beside(x: Array, known: Array) -> Array:
    """Return x, which is computed once; NaN where `known` is NaN.

    In max pooling `once` does not suffice: gradients of a CNN take twice as long with it.

    Args:
        x: floats of any shape; they are divided by ones.
        known: floats of the shape of x that are in memory.
    """
    return x / jnp.where(jnp.isnan(known), known, 1)
