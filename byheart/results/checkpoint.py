"""Checkpoints inside a chunk: one file, replaced from time to time, from which a killed run resumes."""

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from byheart.results import atomic_write

SECONDS_BETWEEN = 60.0
"""Least time between two saves, in seconds: the work that a kill can lose. Shorter chunks are not saved."""
SHARE_OF_TIME = 0.05
"""Largest share of the time spent saving: large states are saved less often."""


class SaveInterval:
    """Rate limiter: at most one save every `seconds`, and at most 5 % of the time spent saving."""

    def __init__(self, seconds: float = SECONDS_BETWEEN) -> None:
        self._seconds = seconds
        self._since = time.monotonic()

    def is_due(self) -> bool:
        """Return whether the next save is due."""
        return time.monotonic() - self._since >= self._seconds

    @contextlib.contextmanager
    def kept(self) -> Iterator[None]:
        """Time the save inside the block, and lengthen the interval if it was slow."""
        start = time.monotonic()
        yield
        self._since = time.monotonic()
        self._seconds = max(self._seconds, (self._since - start) / SHARE_OF_TIME)


class StoredCheckpoint:
    """A checkpoint of one chunk: arrays in a file, which is complete or absent.

    Args:
        path: path of the file.
        notify: called with a sentence if the file is damaged.
    """

    def __init__(self, path: Path, notify: Callable[[str], None]) -> None:
        self._path, self._notify = path, notify
        self._interval = SaveInterval()

    def load(self) -> list[npt.NDArray[Any]] | None:
        """Return the arrays that were saved last; None if there are none or the file is damaged."""
        try:
            with self._path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                return [arrays[name] for name in arrays.files]
        except FileNotFoundError:
            return None
        except Exception as problem:  # A damaged file can make the reader fail in any way.
            self._notify(f"{self._path} cannot be read ({type(problem).__name__}); its chunk starts again.")
            return None

    def is_due(self) -> bool:
        """Return whether the next save is due."""
        return self._interval.is_due()

    def save(self, arrays: Sequence[npt.NDArray[Any]]) -> None:
        """Write `arrays`; the file has checksums, which `load` checks.

        Raises:
            WriteError: the file cannot be written.
        """

        def fill(path: Path) -> None:
            with path.open("wb") as file:
                np.savez(file, *arrays)

        with self._interval.kept():
            atomic_write.write(self._path, fill)

    def remove(self) -> None:
        """Delete the file."""
        with atomic_write.writing(self._path):
            self._path.unlink(missing_ok=True)
