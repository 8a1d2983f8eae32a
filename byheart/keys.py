"""Randomness is data: every random number comes from a key made for one purpose, never from the order of calls.

>>> bool(key_for("shuffling", 3) == key_for("shuffling", 3))
True
>>> bool(key_for("shuffling", 3) == key_for("initialization", 3))
False
"""

import zlib
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Int, Key, UInt32

from byheart import checks

KeyLike = Key[Array, ""] | UInt32[Array | np.ndarray, " word"]
"""A key as `one_key` takes it."""


def key_for(purpose: str, seed: int | Int[Array, ""]) -> Key[Array, ""]:
    """The key of `seed` for one named purpose; keys of different purposes are independent. `seed` may be traced.

    Raises:
        BadInput: a known seed that is no whole number from 0 to `checks.LARGEST_SEED`; JAX would cut off its upper bits.
    """
    known = seed if isinstance(seed, jax.core.Tracer) else checks.seed("seed", seed)
    return subkey(jax.random.key(known), purpose)


def subkey(key: Key[Array, ""], purpose: str) -> Key[Array, ""]:
    """A key made from `key` for one named purpose."""
    return jax.random.fold_in(key, zlib.crc32(purpose.encode()))


def one_key(key: Any, name: str = "key") -> Key[Array, ""]:
    """`key` as a typed key of JAX, as every public function takes its `key`; it may be traced.

    Args:
        key: `jax.random.key(seed)`, or a key of the old kind, `jax.random.PRNGKey(seed)`, with the same random numbers.
        name: what the argument is called.

    Raises:
        BadInput: a seed in the place of a key, several keys, or anything else.

    >>> bool(one_key(jax.random.PRNGKey(3)) == jax.random.key(3))
    True
    """
    if isinstance(key, jax.Array | np.ndarray):
        if jnp.issubdtype(key.dtype, jax.dtypes.prng_key) and key.shape == ():
            return jnp.asarray(key)
        words = jax.eval_shape(lambda: jax.random.key_data(jax.random.key(0)))
        if (key.dtype, key.shape) == (words.dtype, words.shape):
            return jax.random.wrap_key_data(jnp.asarray(key))
    raise checks.BadInput(f"`{name}` must be one key, such as `jax.random.key(0)`; got {checks.shown(key)}.")
