"""A progress bar for an audit that is called from Python."""

from collections.abc import Callable, Collection, Sequence

from byheart.execution.progress import NoProgress


class BarProgress(NoProgress):
    """Adds the epochs of all networks to a bar.

    Args:
        add: adds to the bar.
        chunk_sizes: number of networks in each chunk.
    """

    def __init__(self, add: Callable[[int], None], chunk_sizes: Sequence[int]) -> None:
        self._add, self._sizes, self._length = add, chunk_sizes, 0
        self._done: dict[int, int] = {}

    def started(self, label: str, weights: Sequence[float], stored: Collection[int], length: int, unit: str) -> None:
        """Count stored chunks as done."""
        del label, weights, unit
        self._length = length
        for chunk in stored:
            self.advanced(chunk, length)

    def advanced(self, chunk: int, done: int) -> None:
        """Add the epochs that are new."""
        before = self._done.get(chunk, 0)
        if done > before:
            self._add(self._sizes[chunk] * (done - before))
            self._done[chunk] = done

    def finished(self, chunk: int, seconds: float) -> None:
        """Count a chunk as done."""
        del seconds
        self.advanced(chunk, self._length)
