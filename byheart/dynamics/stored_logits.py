"""The logits of every example at every epoch, in float16, in one .npy file that is written through a memory map."""

import os
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
from jaxtyping import Float, Int

from byheart import checks
from byheart.results.atomic_write import writing

LARGEST = float(np.finfo(np.float16).max)
HEADER_BYTES = 128
"""Length of the file's header. NumPy leaves room in it for any number of epochs."""


class StoredLogits:
    """An array (epoch, example, class) that grows by an epoch at a time; NaN where an example was not seen.

    `numpy.load(path, mmap_mode="r")` reads it, also while it is written. Logits beyond the range of float16 become its
    ends, plus or minus 65504. An example that is seen twice in an epoch has its last logits.

    Args:
        path: the file; one that exists is continued if it has at least `n_epochs` epochs.
        n_examples: number of examples.
        n_classes: number of classes.
        n_epochs: number of epochs to keep of an existing file; 0: start anew.

    Raises:
        BadInput: the file exists and nothing is to be kept, or it has another shape or fewer epochs.
        WriteError: the file cannot be written.
    """

    def __init__(self, path: Path, n_examples: int, n_classes: int, n_epochs: int = 0) -> None:
        self.path, self._shape, self._n_epochs = path, (n_examples, n_classes), 0
        self._epoch: np.memmap[Any, np.dtype[np.float16]] | None = None
        if n_epochs:
            self._check(n_epochs)
            self._n_epochs = n_epochs
        else:
            check_is_new(path)
            with writing(path), path.open("xb") as file:
                self._write_header(file)

    def write(self, index: Int[np.ndarray, " batch"], logits: Float[np.ndarray, "batch class"], epoch: int) -> None:
        """Write the logits of a batch of the epoch `epoch`, from 1, which is the last one or the next."""
        with writing(self.path):
            while self._n_epochs < epoch:
                self._grow()
            if self._epoch is None:
                self._epoch = self._map()
            self._epoch[index] = np.clip(logits, -LARGEST, LARGEST)

    def flush(self) -> None:
        """Write to disk what is in memory."""
        if self._epoch is not None:
            self._epoch.flush()

    def _grow(self) -> None:
        self._epoch = None
        with self.path.open("r+b") as file:
            file.truncate(HEADER_BYTES + (self._n_epochs + 1) * self._bytes)
        self._n_epochs += 1
        self._epoch = self._map()
        self._epoch[:] = np.nan
        with self.path.open("r+b") as file:
            self._write_header(file)

    def _map(self) -> "np.memmap[Any, np.dtype[np.float16]]":
        offset = HEADER_BYTES + (self._n_epochs - 1) * self._bytes
        return np.memmap(self.path, np.float16, "r+", offset, self._shape)

    @property
    def _bytes(self) -> int:
        return 2 * self._shape[0] * self._shape[1]

    def _write_header(self, file: IO[bytes]) -> None:
        shape = (self._n_epochs, *self._shape)
        np.lib.format.write_array_header_1_0(file, {"descr": "<f2", "fortran_order": False, "shape": shape})
        if file.tell() != HEADER_BYTES:
            raise checks.Fault(f"The header of {self.path} has {file.tell()} bytes in place of {HEADER_BYTES}.")

    def _check(self, n_epochs: int) -> None:
        try:
            stored: npt.NDArray[Any] = np.load(self.path, mmap_mode="r")
        except (OSError, ValueError, EOFError) as problem:
            raise checks.BadInput(f"`keep` must be the file written so far; {self.path}: {problem}.") from None
        if stored.dtype != np.float16 or stored.shape[1:] != self._shape or len(stored) < n_epochs:
            raise checks.BadInput(
                f"`keep` must be a float16 array of at least {n_epochs} epochs, {self._shape[0]} examples and "
                f"{self._shape[1]} classes; {self.path} is {stored.dtype} of shape {stored.shape}."
            )


def check_is_new(path: Path) -> None:
    """Raise `BadInput` if `path` cannot be a new file."""
    if path.suffix != ".npy":
        raise checks.BadInput(f"`keep` must name a file that ends in .npy; got {str(path)!r}.")
    if os.path.lexists(path):
        raise checks.BadInput(f"`keep` must name a new file; {path} exists. Remove it, or choose another name.")
    if not path.parent.is_dir():
        raise checks.BadInput(f"`keep` must lie in a folder that exists; there is no {path.parent}.")
