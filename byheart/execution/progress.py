"""What is told while a sweep runs."""

from typing import Protocol, runtime_checkable


@runtime_checkable
class Progress(Protocol):
    """Told of every chunk and epoch; what it raises stops the run."""

    def started(self, label: str, n_chunks: int, n_stored: int, epochs: int) -> None:
        """A sweep of `n_chunks` chunks begins, of which `n_stored` are stored already; each trains for `epochs` epochs."""

    def epoch(self, chunk: int, epoch: int) -> None:
        """Chunk `chunk`, counted from 0, has been trained for `epoch` epochs."""

    def finished(self, chunk: int, seconds: float) -> None:
        """Chunk `chunk` is stored; training it took `seconds`, here or in another process."""


class Silence:
    """Tells nothing."""

    def started(self, label: str, n_chunks: int, n_stored: int, epochs: int) -> None:
        """Nothing."""

    def epoch(self, chunk: int, epoch: int) -> None:
        """Nothing."""

    def finished(self, chunk: int, seconds: float) -> None:
        """Nothing."""
