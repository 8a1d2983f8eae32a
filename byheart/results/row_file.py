"""A large array of vectors that is written row by row into an .npy file, and goes on after a killed process."""

import io
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float32

from byheart import checks
from byheart.results import atomic_write
from byheart.results.checkpoint import SaveInterval

SECONDS_BETWEEN = 2.0
"""Least time between two saves, in seconds: the work that a kill can lose."""


class RowFile:
    """An .npy file of float32 vectors, written in order.

    Rows are appended to `NAME.npy.part`, which becomes `NAME.npy` when it is complete. `NAME.npy.json` says what the
    rows are, and how many of them are on disk: a process that was killed goes on there. It stays beside the file.

    Args:
        path: of the file, ending in .npy.
        n_rows, width: its shape.
        identity: of the rows, as JSON; a file is continued only with the same.
        information: kept in the record, and not compared.

    Raises:
        BadInput: there is a file of other rows, or one without a record.
    """

    def __init__(
        self,
        path: Path,
        n_rows: int,
        width: int,
        identity: Mapping[str, Any],
        information: Mapping[str, Any] = {},
    ) -> None:
        self._path, self._shape = path, (n_rows, width)
        self._part, self._record = (path.with_name(f"{path.name}.{ending}") for ending in ("part", "json"))
        self._content = {**identity, "rows": n_rows, "width": width}
        self._information = dict(information)
        self._interval = SaveInterval(SECONDS_BETWEEN)
        self._header = _header(self._shape)
        self.done = self._rows_on_disk()

    @property
    def is_complete(self) -> bool:
        """Return whether the file is there with all rows."""
        return self.done == self._shape[0] and self._path.exists()

    def first(self, n: int) -> Float32[np.ndarray, "row feature"]:
        """Return the first `n` rows that are on disk, or fewer."""
        n = min(n, self.done)
        source = self._path if self._path.exists() else self._part
        if n == 0:
            return np.empty((0, self._shape[1]), np.float32)
        return np.fromfile(source, "<f4", n * self._shape[1], offset=len(self._header)).reshape(n, -1)

    def append(self, rows: Float32[np.ndarray, "row feature"]) -> None:
        """Write the next rows; now and then, and at the end, they are put on disk and counted.

        Raises:
            WriteError: the file cannot be written.
        """
        with atomic_write.writing(self._part), self._part.open("r+b" if self._part.exists() else "w+b") as file:
            if self.done == 0:
                file.write(self._header)
            file.seek(self._end(self.done))
            file.write(np.ascontiguousarray(rows, "<f4").data)
            self.done += len(rows)
            if not (self._interval.is_due() or self.done == self._shape[0]):
                return
            with self._interval.kept():
                file.truncate()
                file.flush()
                os.fsync(file.fileno())
        self._save()
        if self.done == self._shape[0]:
            self._finish()

    def _finish(self) -> None:
        with atomic_write.writing(self._path):
            self._part.replace(self._path)

    def _save(self) -> None:
        content = {**self._information, **self._content, "done": self.done}
        atomic_write.write_text(self._record, json.dumps(content, indent=2) + "\n")

    def _rows_on_disk(self) -> int:
        """Return how many rows are there, after checking that they are the same ones."""
        if not self._record.exists():
            if self._path.exists():
                raise checks.BadInput(f"{self._path} exists, and {self._record.name} does not. Choose another --out.")
            return 0
        try:
            before = json.loads(self._record.read_text(encoding="utf-8"))
            done = int(before["done"])
        except (OSError, ValueError, KeyError, TypeError) as problem:
            raise checks.BadInput(
                f"{self._record} cannot be read ({problem}). Delete it, or choose another --out."
            ) from None
        other = [
            f"{name} {checks.shown(before.get(name))}, not {checks.shown(value)}"
            for name, value in self._content.items()
            if before.get(name) != value
        ]
        if other:
            raise checks.BadInput(
                f"{self._path} holds other vectors: {'; '.join(other)}. Choose another --out, or delete "
                f"{self._record.name} and the vectors."
            )
        if done == self._shape[0] and self._part.exists():
            self._finish()
        if done == self._shape[0] and self._path.exists():
            return done
        is_whole = self._part.exists() and self._part.stat().st_size >= self._end(done)
        return done if is_whole else 0

    def _end(self, rows: int) -> int:
        """Return the length of the file with so many rows, in bytes."""
        return len(self._header) + 4 * rows * self._shape[1]


def _header(shape: tuple[int, int]) -> bytes:
    """Return the beginning of an .npy file of float32."""
    file = io.BytesIO()
    header = {"descr": "<f4", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)
    return file.getvalue()
