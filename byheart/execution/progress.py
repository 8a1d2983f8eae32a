"""Progress: how far a sweep is, told to whoever shows it."""

from collections.abc import Collection, Sequence
from typing import Protocol, runtime_checkable


@runtime_checkable
class Progress(Protocol):
    """Is told of every chunk, and of how far it is; an exception that it raises stops the run."""

    def started(self, label: str, weights: Sequence[float], stored: Collection[int], length: int, unit: str) -> None:
        """Take note that a sweep begins.

        Args:
            label: of the sweep.
            weights: estimated cost of each chunk.
            stored: indices of stored chunks.
            length: of each chunk, in units.
            unit: its name, for example "epoch".
        """

    def advanced(self, chunk: int, done: int) -> None:
        """Take note that `done` units of chunk `chunk`, counted from 0, are done; several may be computed at once."""

    def finished(self, chunk: int, seconds: float) -> None:
        """Take note that chunk `chunk` is stored; it took `seconds`, here or in another process."""


class NoProgress:
    """Shows nothing."""

    def started(self, label: str, weights: Sequence[float], stored: Collection[int], length: int, unit: str) -> None:
        """Do nothing."""

    def advanced(self, chunk: int, done: int) -> None:
        """Do nothing."""

    def finished(self, chunk: int, seconds: float) -> None:
        """Do nothing."""
