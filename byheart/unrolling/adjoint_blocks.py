"""Adjoints are swept in blocks: how many of them share a sweep, and which.

A block of neighboring steps starts its sweep at its own last step, so a small block wastes nothing on steps after its own; a large one
shares the forward pass, and the cost of each operation, among more adjoints.
"""

import dataclasses
from collections.abc import Sequence

import numpy as np
from jaxtyping import Int

OVERHEAD = 1
"""What an update costs besides its adjoints, in adjoints: computed again, and many small operations."""
AT_MOST = 32
"""Adjoints in a block, if memory allows: more gain nothing (benchmarks/README.md, W1)."""
BYTES = 2**27
"""Of the gradients of one block."""


@dataclasses.dataclass(frozen=True)
class Blocks:
    """Steps dealt out to blocks of one size.

    Attributes:
        steps: (block, step in block), filled up with -1; the blocks of one device stand together, with about as much work on each device.
        place: for each step given, in the order given, where it stands in `steps`, flattened.
    """

    steps: Int[np.ndarray, "block step_in_block"]
    place: Int[np.ndarray, " step"]


def blocks_of(steps: Sequence[int], size: int, n_devices: int) -> Blocks:
    """Neighboring steps share a block; blocks are dealt out to devices, long and short ones evenly.

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
    """Steps in a block: the size of least total work, within memory.

    Args:
        steps: all of them.
        per_step: adjoints of each.
        bytes_per_adjoint: its gradients.
        n_devices: that share the blocks.
    """
    affordable = max(1, min(AT_MOST, BYTES // bytes_per_adjoint) // per_step)
    ordered = np.sort(steps)[::-1]

    def work(size: int) -> float:
        return float((ordered[::size] + 1).sum() * (OVERHEAD + size * per_step))

    share = -(-len(steps) // n_devices)
    return min(range(1, min(affordable, share) + 1), key=work)
