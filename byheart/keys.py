"""Random keys. Each key is made for one named purpose, so random numbers do not depend on the order of calls.

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
"""A key that `one_key` accepts."""


def key_for(purpose: str, seed: int | Int[Array, ""]) -> Key[Array, ""]:
    """Return the key of `seed` for one named purpose; keys of different purposes are independent.

    Args:
        purpose: name of the purpose, such as "shuffling".
        seed: a whole number from 0 to `checks.LARGEST_SEED`, or a traced one. JAX would drop the upper bits of others.

    Raises:
        BadInput: another seed, unless it is traced.
    """
    known = seed if isinstance(seed, jax.core.Tracer) else checks.seed("seed", seed)
    return subkey(jax.random.key(known), purpose)


def subkey(key: Key[Array, ""], purpose: str) -> Key[Array, ""]:
    """Return a key derived from `key` for one named purpose."""
    return jax.random.fold_in(key, zlib.crc32(purpose.encode()))


def one_key(key: Any, name: str = "key") -> Key[Array, ""]:
    """Return `key` as a typed JAX key. Every public function with a `key` calls this.

    Args:
        key: `jax.random.key(seed)`, or an old key, `jax.random.PRNGKey(seed)`, with the same random numbers. It may be
            traced.
        name: name of the argument, for messages.

    Raises:
        BadInput: a seed, several keys, or anything else but one key.

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
