"""What is told while a sweep runs."""

from typing import Protocol, runtime_checkable


@runtime_checkable
class Progress(Protocol):
    """Told of every chunk, and of how far it is; what it raises stops the run."""

    def started(self, label: str, n_chunks: int, n_stored: int, length: int, unit: str) -> None:
        """A sweep of `n_chunks` chunks begins, of which `n_stored` are stored already; each takes `length` units, such as epochs."""

    def advanced(self, chunk: int, done: int) -> None:
        """Of chunk `chunk`, counted from 0, `done` units are done."""

    def finished(self, chunk: int, seconds: float) -> None:
        """Chunk `chunk` is stored; it took `seconds`, here or in another process."""


class Silence:
    """Tells nothing."""

    def started(self, label: str, n_chunks: int, n_stored: int, length: int, unit: str) -> None:
        """Nothing."""

    def advanced(self, chunk: int, done: int) -> None:
        """Nothing."""

    def finished(self, chunk: int, seconds: float) -> None:
        """Nothing."""
