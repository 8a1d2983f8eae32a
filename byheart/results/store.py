"""Where results are kept: one netCDF file for each finished chunk of a population, named by a hash of all that determines it.

A file is written under another name and then renamed, so it is whole or absent; it carries a digest of its contents, so one that was
truncated or altered is found out. Processes that share a directory take a lock for each chunk, and so share the work,
where its file system has locks.
"""

import concurrent.futures
import contextlib
import hashlib
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import filelock
import h5netcdf
import numpy as np
import xarray as xr

from byheart.results import atomic
from byheart.results.checkpoint import StoredCheckpoint
from byheart.results.locks import WITHOUT_LOCKS, lock_problem

DIGEST = "digest"


def signature(determinants: Any) -> str:
    """16 hexadecimal digits that stand for `determinants`, which can be written as JSON."""
    text = json.dumps(determinants, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def digest(dataset: xr.Dataset) -> str:
    """SHA-256 of every variable's name, axes, type, bytes and attributes, and of the data set's own attributes."""
    whole = hashlib.sha256(_attributes(dataset.attrs))
    for name in sorted(dataset.variables, key=str):
        variable = dataset[name]
        values = np.ascontiguousarray(variable.values)
        whole.update(repr((name, variable.dims, values.shape, values.dtype.str)).encode())
        whole.update(values.tobytes())
        whole.update(_attributes(variable.attrs))
    return whole.hexdigest()


class Store:
    """The results in one directory.

    Args:
        directory: made if need be.
        tell: called with a sentence about anything found damaged, and, once, where files cannot be locked.

    Raises:
        BadInput: the directory cannot be written.
    """

    def __init__(self, directory: Path, tell: Callable[[str], None] = lambda sentence: None) -> None:
        self.directory, self._tell = directory, tell
        self._damaged: set[Path] = set()
        self._is_probed, self._has_locks = False, True
        atomic.writable(directory)

    def read(self, name: str) -> xr.Dataset | None:
        """The stored data set, or None where there is none or it is damaged (which is told)."""
        path = self._path(name)
        if not path.exists():
            return None
        try:
            dataset = _undisturbed(_from_file, path.read_bytes())
            written = dataset.attrs.pop(DIGEST, None)
        except Exception as problem:  # a damaged file can make the reader fail in any way
            self._lost(path, f"cannot be read ({type(problem).__name__})")
            return None
        if written != digest(dataset):
            self._lost(path, "was altered since it was written")
            return None
        return dataset

    def write(self, name: str, dataset: xr.Dataset) -> None:
        """Stores `dataset` under `name`, whole or not at all.

        Raises:
            WriteError: the file cannot be written.
        """
        content = _undisturbed(_as_file, dataset.assign_attrs({DIGEST: digest(dataset)}))
        atomic.write(self._path(name), lambda path: path.write_bytes(content))

    def checkpoint(self, name: str) -> StoredCheckpoint:
        """Where the chunk `name` is left while it is computed."""
        return StoredCheckpoint(self.directory / f".{name}.checkpoint", self._tell)

    @contextlib.contextmanager
    def claimed(self, name: str, wait: bool) -> Iterator[bool]:
        """Holds the lock of `name`; gives False, unless told to wait, when another process holds it. A killed process's lock is free.

        What a killed process left half-written is removed. On a file system without locks, which is told once, everyone
        gets what they claim.

        Raises:
            WriteError: the file of the lock cannot be written.
        """
        path = self.directory / f".{name}.lock"
        with atomic.writing(path):
            lock = self._acquired(path, wait)
        if lock is None:
            yield not self._has_locks
            return
        try:
            with atomic.writing(path):
                for leftover in self.directory.glob(f".*{name}.*.[0-9]*"):
                    leftover.unlink()
            yield True
        finally:
            lock.release()

    def _acquired(self, path: Path, wait: bool) -> filelock.BaseFileLock | None:
        """The lock, held; None where another process has it, or where there are no locks."""
        if not self._is_probed:
            self._is_probed = True
            self._go_on_without_locks(lock_problem(self.directory))
        if not self._has_locks:
            return None
        lock = filelock.FileLock(path, timeout=-1 if wait else 0)
        try:
            lock.acquire()
        except filelock.Timeout:
            return None
        except OSError as problem:
            if problem.errno not in WITHOUT_LOCKS:
                raise
            self._go_on_without_locks(problem)
            return None
        return lock

    def _go_on_without_locks(self, problem: OSError | None) -> None:
        """Tells of what is not protected, if there is a `problem`."""
        if problem is not None:
            self._has_locks = False
            self._tell(
                f"{self.directory} is on a file system without locks ({problem.strerror}): another run there at the "
                "same time would compute the same chunks once more; its files and those of this run stay whole."
            )

    def _lost(self, path: Path, why: str) -> None:
        """Tells of a damaged file, once."""
        if path not in self._damaged:
            self._damaged.add(path)
            self._tell(f"{path} {why}; it is computed again.")

    def _path(self, name: str) -> Path:
        return self.directory / f"{name}.nc"


def _undisturbed(function: Callable[[Any], Any], given: Any) -> Any:
    """The result of `function`, which an interrupt does not cut short: h5netcdf complains of files that it was making."""
    with concurrent.futures.ThreadPoolExecutor(1) as elsewhere:  # Python interrupts its main thread alone.
        return elsewhere.submit(function, given).result()


def _from_file(content: bytes) -> xr.Dataset:
    """The data set in the bytes of a netCDF file."""
    return xr.load_dataset(io.BytesIO(content), engine="h5netcdf")


def _as_file(dataset: xr.Dataset) -> memoryview:
    """The bytes of a netCDF file.

    HDF5 makes them in memory, and never sees the disk: where that is full, HDF5 ends the process; where files cannot be
    locked, it opens none.
    """
    content = io.BytesIO()
    store = xr.backends.H5NetCDFStore(h5netcdf.File(content, "w"))
    dataset.dump_to_store(store)
    store.close()
    return content.getbuffer()


def _attributes(attributes: dict[Any, Any]) -> bytes:
    plain = {str(name): value.tolist() if hasattr(value, "tolist") else value for name, value in attributes.items()}
    return json.dumps(plain, sort_keys=True).encode()
