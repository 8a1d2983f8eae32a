"""Normal noise for searches, as slices of one table.

Drawing eta anew for every sample and step took as long as evaluating the network (measured: docs/choices.md). So one
table of standard normals is drawn, and each eta is a slice of it at a random place. Every eta is then exactly N(0, I).
Two of them share some numbers with a probability below 2 * pixels / table size (0.2 % up to images of MNIST's size),
which does not affect a search.
"""

import math
from typing import Self

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key

LEAST_SIZE, SIZE_TO_PIXELS = 2**16, 2**10
"""Number of entries of a table: at least, and times those of an input. It is rounded up to a power of two.

A larger table would take much of the time of searches around small inputs (docs/choices.md).
"""
LARGE_SIZE, LEAST_TO_PIXELS = 2**20, 16
"""Number of entries (4 MB) above which a table has only `LEAST_TO_PIXELS` times as many as an input."""


class NoiseTable(eqx.Module):
    """Standard normal noise for any sample at any moment of its search.

    Attributes:
        numbers: the table.
        key: random key of the places of slices.
        shape: shape of an input.
    """

    numbers: Float[Array, " size"]
    key: Key[Array, ""]
    shape: tuple[int, ...] = eqx.field(static=True)

    @classmethod
    def drawn(cls, key: Key[Array, ""], shape: tuple[int, ...]) -> Self:
        """Return a table for inputs of `shape`."""
        table_key, place_key = jax.random.split(key)
        return cls(jax.random.normal(table_key, (size_for(math.prod(shape)),), jnp.float32), place_key, shape)

    def at(self, sample: Int[Array, " lane"], moment: Int[Array, " lane"]) -> Float[Array, "lane *shape"]:
        """Return (lane, *shape), the noise of each sample at a moment: a function of key, sample and moment alone."""
        n_pixels = math.prod(self.shape)

        def of_one(sample: Int[Array, ""], moment: Int[Array, ""]) -> Float[Array, " pixel"]:
            key = jax.random.fold_in(jax.random.fold_in(self.key, sample), moment)
            place = jax.random.randint(key, (), 0, self.numbers.size - n_pixels, jnp.int32)
            return jax.lax.dynamic_slice(self.numbers, (place,), (n_pixels,))

        return jax.vmap(of_one)(sample, moment).reshape(-1, *self.shape)


class NoNoise(eqx.Module):
    """Zeros in place of the noise of a search without noise, for which no table is drawn.

    Attributes:
        shape: shape of an input.
    """

    shape: tuple[int, ...] = eqx.field(static=True)

    def at(self, sample: Int[Array, " lane"], moment: Int[Array, " lane"]) -> Float[Array, "lane *shape"]:
        """Return (lane, *shape) zeros."""
        del moment
        return jnp.zeros((*sample.shape, *self.shape), jnp.float32)


def noise_for(scale: float | None, key: Key[Array, ""], shape: tuple[int, ...]) -> NoiseTable | NoNoise:
    """Return the noise of a search for inputs of `shape`; `scale` is its `noise_scale`."""
    return NoNoise(shape) if scale == 0 else NoiseTable.drawn(key, shape)


def size_for(n_pixels: int) -> int:
    """Return the number of entries of a table for inputs of `n_pixels` numbers.

    >>> size_for(8 * 8), size_for(28 * 28), size_for(32 * 32 * 3), size_for(300 * 300 * 3)
    (65536, 1048576, 1048576, 4320000)
    """
    wanted = 2 ** math.ceil(math.log2(max(LEAST_SIZE, SIZE_TO_PIXELS * n_pixels)))
    return max(min(wanted, LARGE_SIZE), LEAST_TO_PIXELS * n_pixels)
