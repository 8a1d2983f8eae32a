"""Randomness is data: every random number comes from a key made for one purpose, never from the order of calls.

>>> bool(key_for("shuffling", 3) == key_for("shuffling", 3))
True
>>> bool(key_for("shuffling", 3) == key_for("initialization", 3))
False
"""

import zlib

import jax
from jaxtyping import Array, Int, Key


def key_for(purpose: str, seed: int | Int[Array, ""]) -> Key[Array, ""]:
    """The key of `seed` for one named purpose; keys of different purposes are independent. `seed` may be traced."""
    return subkey(jax.random.key(seed), purpose)


def subkey(key: Key[Array, ""], purpose: str) -> Key[Array, ""]:
    """A key made from `key` for one named purpose."""
    return jax.random.fold_in(key, zlib.crc32(purpose.encode()))
