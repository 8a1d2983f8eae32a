"""The interface that receives the progress of a sweep."""

from collections.abc import Collection, Sequence
from typing import Protocol, runtime_checkable


@runtime_checkable
class Progress(Protocol):
    """Receives the progress of every chunk. An exception raised in one of its methods stops the run."""

    def started(self, label: str, weights: Sequence[float], stored: Collection[int], length: int, unit: str) -> None:
        """Handle the start of a sweep.

        Args:
            label: of the sweep.
            weights: estimated cost of each chunk.
            stored: indices of stored chunks.
            length: of each chunk, in units.
            unit: of the length, for example "epoch".
        """

    def compiling(self, chunk: int) -> None:
        """Handle that chunk `chunk` waits for its program to be compiled."""

    def advanced(self, chunk: int, done: int) -> None:
        """Handle progress: `done` units of chunk `chunk`, counted from 0, are done. Several chunks may run at once."""

    def finished(self, chunk: int, seconds: float) -> None:
        """Handle the end of chunk `chunk`: it is stored, and took `seconds`, here or in another process."""


class NoProgress:
    """Progress that shows nothing."""

    def started(self, label: str, weights: Sequence[float], stored: Collection[int], length: int, unit: str) -> None:
        """Do nothing."""

    def compiling(self, chunk: int) -> None:
        """Do nothing."""

    def advanced(self, chunk: int, done: int) -> None:
        """Do nothing."""

    def finished(self, chunk: int, seconds: float) -> None:
        """Do nothing."""
