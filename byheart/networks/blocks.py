"""Evaluation of any number of examples in blocks, so that memory does not grow with the data."""

import math
from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Int

MOST_AT_ONCE = 250
"""Most examples in a block."""
CACHE_BYTES = 3 * 2**20
"""On a CPU, bytes for the largest array between inputs and logits.

Larger feature maps do not fit into a core's cache (benchmarks, W11).
"""
PROBE_BATCH = 1009
"""Batch size, a prime, that a network is traced with: arrays with one entry for each input have it as a factor."""


def block_for(predict: Callable[[Array], Array], input_shape: tuple[int, ...]) -> int:
    """Return the number of inputs that `predict` evaluates at once.

    It is `MOST_AT_ONCE`. On a CPU it is less, a multiple of 8 and at least 8, if the largest array between inputs and
    logits would exceed `CACHE_BYTES`.
    """
    if jax.default_backend() != "cpu":
        return MOST_AT_ONCE
    fitting = CACHE_BYTES // largest_bytes(predict, input_shape)
    return min(MOST_AT_ONCE, max(8, fitting // 8 * 8))


def largest_bytes(predict: Callable[[Array], Array], input_shape: tuple[int, ...]) -> int:
    """Return the bytes per input of the largest intermediate array between inputs and logits, assuming float32."""
    program = jax.make_jaxpr(predict)(jax.ShapeDtypeStruct((PROBE_BATCH, *input_shape), jnp.float32))
    sizes = [variable.aval.size for equation in program.eqns for variable in equation.outvars]
    return 4 * max([math.prod(input_shape), *(size // PROBE_BATCH for size in sizes if size % PROBE_BATCH == 0)])


def in_blocks(function: Callable[[Int[Array, " block"]], Array], n_examples: int, block: int) -> Array:
    """Apply `function` to the indices 0 ... n_examples - 1 in blocks, and join its results, one for each index.

    Args:
        function: from the indices of a block to one result for each, a number or an array.
        n_examples: number of indices.
        block: size of a block. The last one is padded with repetitions, whose results are dropped.
    """
    block = min(block, n_examples)
    n_blocks = -(-n_examples // block)
    indices = jnp.minimum(jnp.arange(n_blocks * block), n_examples - 1).reshape(n_blocks, block)
    results = jax.lax.map(function, indices)
    return results.reshape(n_blocks * block, *results.shape[2:])[:n_examples]
