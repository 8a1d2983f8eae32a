"""Blocks of steps whose adjoints share a reverse sweep.

A block of neighboring steps starts its sweep at its own last step, so a small block wastes nothing on later steps. A
large one shares the forward pass, and the cost of each operation, among more adjoints.
"""

import dataclasses
from collections.abc import Sequence

import numpy as np
from jaxtyping import Int

OVERHEAD = 1
"""Cost of an update besides its adjoints, in adjoints: the second forward pass, and many small operations."""
AT_MOST = 32
"""Most adjoints in a block; more would not be faster (benchmarks/README.md, W1)."""
BYTES = 2**27
"""Most bytes of the gradients of one block."""


@dataclasses.dataclass(frozen=True)
class Blocks:
    """Steps divided into blocks of one size.

    Attributes:
        steps: (block, step in block), padded with -1; the blocks of a device are next to each other, and devices have
            about equal work.
        place: for each given step, in the given order, its index in the flattened `steps`.
    """

    steps: Int[np.ndarray, "block step_in_block"]
    place: Int[np.ndarray, " step"]


def blocks_of(steps: Sequence[int], size: int, n_devices: int) -> Blocks:
    """Divide steps into blocks of neighbors, and blocks among devices, long and short ones evenly.

    >>> blocks_of([10, 40, 20, 30], size=1, n_devices=2).steps.ravel().tolist()
    [40, 10, 30, 20]
    """
    order = np.argsort(steps, kind="stable")[::-1]
    n_blocks = -(-len(steps) // (size * n_devices)) * n_devices
    filled = np.full(n_blocks * size, -1)
    filled[: len(steps)] = np.asarray(steps)[order]
    turns = np.arange(n_blocks).reshape(-1, n_devices)
    turns[1::2] = turns[1::2, ::-1]
    dealt = turns.T.ravel()
    place = np.empty(len(steps), int)
    place_of_block = np.argsort(dealt)
    rank = np.arange(len(steps))
    place[order] = place_of_block[rank // size] * size + rank % size
    return Blocks(filled.reshape(n_blocks, size)[dealt].astype(np.int32), place)


def block_size(steps: Sequence[int], per_step: int, bytes_per_adjoint: int, n_devices: int) -> int:
    """Return the number of steps in a block that minimizes the total work within memory.

    Args:
        steps: all steps.
        per_step: number of adjoints of each step.
        bytes_per_adjoint: memory of the gradients of an adjoint.
        n_devices: number of devices that share the blocks.
    """
    affordable = max(1, min(AT_MOST, BYTES // bytes_per_adjoint) // per_step)
    ordered = np.sort(steps)[::-1]

    def work(size: int) -> float:
        return float((ordered[::size] + 1).sum() * (OVERHEAD + size * per_step))

    share = -(-len(steps) // n_devices)
    return min(range(1, min(affordable, share) + 1), key=work)
