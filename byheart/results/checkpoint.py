"""Checkpoints inside a chunk: what a program needs to go on after a kill, in one file that is replaced from time to time."""

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from byheart.results import atomic

SECONDS_BETWEEN = 60.0
"""What a kill loses, at most, of a chunk; short chunks write nothing."""
SHARE_OF_TIME = 0.05
"""Writing takes at most this share of the time: large states are written less often."""


class Pace:
    """How often to leave something: from time to time, and so that leaving it takes little of the time.

    Args:
        seconds: between one time and the next, at least.
    """

    def __init__(self, seconds: float = SECONDS_BETWEEN) -> None:
        self._seconds = seconds
        self._since = time.monotonic()

    def is_due(self) -> bool:
        """Whether enough time has passed."""
        return time.monotonic() - self._since >= self._seconds

    @contextlib.contextmanager
    def kept(self) -> Iterator[None]:
        """Measures how long leaving takes."""
        start = time.monotonic()
        yield
        self._since = time.monotonic()
        self._seconds = max(self._seconds, (self._since - start) / SHARE_OF_TIME)


class StoredCheckpoint:
    """Arrays in a file, whole or absent.

    Args:
        path: of the file.
        tell: called with a sentence when it is damaged.
    """

    def __init__(self, path: Path, tell: Callable[[str], None]) -> None:
        self._path, self._tell = path, tell
        self._pace = Pace()

    def load(self) -> list[npt.NDArray[Any]] | None:
        """The arrays that were saved last; None where there are none, or where they are damaged (which is told)."""
        try:
            with self._path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                return [arrays[name] for name in arrays.files]
        except FileNotFoundError:
            return None
        except Exception as problem:  # a damaged file can make the reader fail in any way
            self._tell(f"{self._path} cannot be read ({type(problem).__name__}); its chunk starts anew.")
            return None

    def is_due(self) -> bool:
        """Whether enough time has passed."""
        return self._pace.is_due()

    def save(self, arrays: Sequence[npt.NDArray[Any]]) -> None:
        """Writes `arrays`, each checked by the file's own checksums when read; `WriteError` where that cannot be."""

        def fill(path: Path) -> None:
            with path.open("wb") as file:
                np.savez(file, *arrays)

        with self._pace.kept():
            atomic.write(self._path, fill)

    def remove(self) -> None:
        """Forgets what was saved."""
        with atomic.writing(self._path):
            self._path.unlink(missing_ok=True)
