"""Normal noise for searches, as slices of one table.

Drawing eta anew for every sample and step took as long as evaluating the network (measured: docs/choices.md). So one
table of standard normals is drawn, and each eta is a slice of it at a random place. Every eta is then exactly N(0, I).
Two of them share some numbers with a probability below 2 * pixels / table size (0.2 % for MNIST), which does not affect
a search.
"""

import math
from typing import Self

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key

LEAST_SIZE = 2**20
"""Smallest number of entries of a table: 4 MB."""
SIZE_TO_PIXELS = 16
"""Smallest ratio of the size of a table to that of an image."""


class NoiseTable(eqx.Module):
    """Standard normal noise for any sample at any moment of its search.

    Attributes:
        numbers: the table.
        key: random key of the places of slices.
        shape: shape of an image.
    """

    numbers: Float[Array, " size"]
    key: Key[Array, ""]
    shape: tuple[int, ...] = eqx.field(static=True)

    @classmethod
    def drawn(cls, key: Key[Array, ""], shape: tuple[int, ...]) -> Self:
        """Return a table for inputs of `shape`."""
        table_key, place_key = jax.random.split(key)
        size = max(LEAST_SIZE, SIZE_TO_PIXELS * math.prod(shape))
        return cls(jax.random.normal(table_key, (size,), jnp.float32), place_key, shape)

    def at(self, sample: Int[Array, " lane"], moment: Int[Array, " lane"]) -> Float[Array, "lane *shape"]:
        """Return (lane, *shape), the noise of each sample at a moment: a function of key, sample and moment alone."""
        n_pixels = math.prod(self.shape)

        def of_one(sample: Int[Array, ""], moment: Int[Array, ""]) -> Float[Array, " pixel"]:
            key = jax.random.fold_in(jax.random.fold_in(self.key, sample), moment)
            place = jax.random.randint(key, (), 0, self.numbers.size - n_pixels, jnp.int32)
            return jax.lax.dynamic_slice(self.numbers, (place,), (n_pixels,))

        return jax.vmap(of_one)(sample, moment).reshape(-1, *self.shape)
