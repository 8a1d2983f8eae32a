"""What is told while a sweep runs."""

from collections.abc import Collection, Sequence
from typing import Protocol, runtime_checkable


@runtime_checkable
class Progress(Protocol):
    """Told of every chunk, and of how far it is; what it raises stops the run."""

    def started(self, label: str, weights: Sequence[float], stored: Collection[int], length: int, unit: str) -> None:
        """A sweep begins: how much each chunk is to compute, by estimate, and which are stored already; each takes `length` units, such as epochs."""

    def advanced(self, chunk: int, done: int) -> None:
        """Of chunk `chunk`, counted from 0, `done` units are done; several chunks may be on their way."""

    def finished(self, chunk: int, seconds: float) -> None:
        """Chunk `chunk` is stored; it took `seconds`, here or in another process."""


class Silence:
    """Tells nothing."""

    def started(self, label: str, weights: Sequence[float], stored: Collection[int], length: int, unit: str) -> None:
        """Nothing."""

    def advanced(self, chunk: int, done: int) -> None:
        """Nothing."""

    def finished(self, chunk: int, seconds: float) -> None:
        """Nothing."""
