"""Any number of examples, some at a time."""

import math
from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Int

MOST_AT_ONCE = 250
"""Examples predicted together, so that memory does not grow with the data."""
CACHE_BYTES = 3 * 2**20
"""On a CPU, what the largest array on the way from images to logits may take. Larger feature maps leave a core's cache (benchmarks, W11)."""
PRIME = 1009
"""Images that a network is traced with, to see which arrays are made of images: those whose size has it as a factor."""


def block_for(predict: Callable[[Array], Array], image_shape: tuple[int, ...]) -> int:
    """How many images `predict` sees at once: `MOST_AT_ONCE`, or on a CPU so many, a multiple of 8, that the largest array takes `CACHE_BYTES`; at least 8."""
    if jax.default_backend() != "cpu":
        return MOST_AT_ONCE
    fitting = CACHE_BYTES // _largest_bytes(predict, image_shape)
    return min(MOST_AT_ONCE, max(8, fitting // 8 * 8))


def _largest_bytes(predict: Callable[[Array], Array], image_shape: tuple[int, ...]) -> int:
    """Of one image, in the largest array on the way to its logits, by four bytes a number."""
    program = jax.make_jaxpr(predict)(jax.ShapeDtypeStruct((PRIME, *image_shape), jnp.float32))
    sizes = [variable.aval.size for equation in program.eqns for variable in equation.outvars]
    return 4 * max([math.prod(image_shape), *(size // PRIME for size in sizes if size % PRIME == 0)])


def in_blocks(function: Callable[[Int[Array, " block"]], Array], n_examples: int, block: int) -> Array:
    """`function` of all indices 0 ... n_examples - 1, in blocks of at most `block`; its results, one an index, joined.

    The last block is filled up with repetitions, whose results are dropped.
    """
    block = min(block, n_examples)
    n_blocks = -(-n_examples // block)
    indices = jnp.minimum(jnp.arange(n_blocks * block), n_examples - 1).reshape(n_blocks, block)
    return jax.lax.map(function, indices).reshape(n_blocks * block)[:n_examples]
