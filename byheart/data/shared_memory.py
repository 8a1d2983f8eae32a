"""Read-only arrays of NumPy whose memory JAX shares on a CPU, so that large data are in memory once."""

import math
from collections.abc import Callable

import numpy as np
from jaxtyping import Float32

ALIGNMENT = 64
"""Bytes. `jax.device_put` shares memory that begins at a multiple of this, and copies other memory."""


def shared_array(
    shape: tuple[int, ...], fill: Callable[[Float32[np.ndarray, "..."]], object]
) -> Float32[np.ndarray, "..."]:
    """Return a read-only array that `jax.device_put` does not copy on a CPU.

    Args:
        shape: of the array.
        fill: sets all numbers of the array that it gets, which may hold anything.

    >>> values = shared_array((2, 3), lambda empty: empty.fill(1))
    >>> values.sum(), values.ctypes.data % ALIGNMENT, values.flags.writeable, values.base.flags.writeable
    (np.float32(6.0), 0, False, False)
    """
    n_bytes = math.prod(shape) * np.dtype(np.float32).itemsize
    memory = np.empty(n_bytes + ALIGNMENT, np.uint8)
    start = -memory.ctypes.data % ALIGNMENT
    values = memory[start : start + n_bytes].view(np.float32).reshape(shape)
    fill(values)
    values.flags.writeable = memory.flags.writeable = False
    return values
