"""History of a shard: two bits for each example and epoch (seen, right), so that shards of one run can be merged."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from jaxtyping import Bool

from byheart.dynamics.sums import ADDED, Sums


class History:
    """Bits of finished epochs: a quarter of a byte for each example and epoch.

    Args:
        n_examples: number of examples.
        packed: stored bits, (epoch, 2, byte): seen, then right; None: no epoch.
    """

    def __init__(self, n_examples: int, packed: npt.NDArray[np.uint8] | None = None) -> None:
        self.n_examples = n_examples
        self._epochs = [] if packed is None else list(packed)

    def __len__(self) -> int:
        return len(self._epochs)

    def append(self, sums: Sums, epoch: int) -> None:
        """Add the epoch that just ended."""
        is_seen = sums.arrays["last_epoch"] == epoch
        self._epochs.append(np.packbits([is_seen, is_seen & sums.arrays["is_right"]], axis=1))

    def packed(self) -> npt.NDArray[np.uint8]:
        """Return all bits, (epoch, 2, byte)."""
        return np.array(self._epochs, np.uint8).reshape(len(self), 2, -(-self.n_examples // 8))

    def of(self, place: int) -> tuple[Bool[np.ndarray, " example"], Bool[np.ndarray, " example"]]:
        """Return whether each example was seen, and was right, in an epoch; `place` counts from 0."""
        seen, right = np.unpackbits(self._epochs[place], axis=1, count=self.n_examples).astype(bool)
        return seen, right


def merged(sums: Sequence[Sums], histories: Sequence[History]) -> tuple[Sums, History]:
    """Return sums and bits of all shards together: an example is right in an epoch if it is right in all that saw it.

    Counts are those of one process; sums of float64 are added in another order.
    """
    n_examples = sums[0].n_examples
    whole, history = Sums(n_examples), History(n_examples)
    for epoch in range(1, len(histories[0]) + 1):
        bits = [one.of(epoch - 1) for one in histories]
        is_seen = np.any([seen for seen, _ in bits], axis=0)
        is_wrong = np.any([seen & ~right for seen, right in bits], axis=0)
        at = np.flatnonzero(is_seen)
        whole.see(at, ~is_wrong[at], epoch)
        history.append(whole, epoch)
    for name in ADDED:
        for one in sums:
            whole.arrays[name] += one.arrays[name]
    return whole, history


def joined(sums: Sequence[Sums]) -> Sums | None:
    """Return sums of shards that never saw the same example, and kept no bits; None if an example is in several."""
    seen = np.array([one.arrays["n_sightings"] > 0 for one in sums])
    if (seen.sum(axis=0) > 1).any():
        return None
    source = seen.argmax(axis=0)
    arrays: dict[str, npt.NDArray[Any]] = {
        name: np.choose(source, [one.arrays[name] for one in sums]) for name in sums[0].arrays
    }
    return Sums(sums[0].n_examples, arrays)
