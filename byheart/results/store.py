"""A directory of results: one netCDF file for each finished chunk, named by a hash of everything that determines it.

A file is written under a temporary name and then renamed, so it is complete or absent. It holds a digest of its
contents, which detects truncated and altered files. Processes that share a directory lock each chunk, and so share the
work, if the file system supports locks.
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

from byheart.results import atomic_write
from byheart.results.checkpoint import StoredCheckpoint
from byheart.results.locks import WITHOUT_LOCKS, lock_problem

DIGEST = "digest"


def signature(determinants: Any) -> str:
    """Return 16 hexadecimal digits of a hash of `determinants`, which must be serializable as JSON."""
    text = json.dumps(determinants, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def digest(dataset: xr.Dataset) -> str:
    """SHA-256 of the data set's attributes and of each variable's name, axes, shape, type, bytes and attributes."""
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
        directory: created if it does not exist.
        notify: called with a sentence about each damaged file, and once if the file system has no locks.

    Raises:
        BadInput: the directory cannot be written.
    """

    def __init__(self, directory: Path, notify: Callable[[str], None] = lambda sentence: None) -> None:
        self.directory, self._notify = directory, notify
        self._damaged: set[Path] = set()
        self._is_probed, self._has_locks = False, True
        atomic_write.writable(directory)

    def read(self, name: str) -> xr.Dataset | None:
        """Return the stored data set; None if there is none or the file is damaged."""
        path = self._path(name)
        if not path.exists():
            return None
        try:
            dataset = _uninterrupted(_from_file, path.read_bytes())
            written = dataset.attrs.pop(DIGEST, None)
        except Exception as problem:  # A damaged file can make the reader fail in any way.
            self._report_damage(path, f"cannot be read ({type(problem).__name__})")
            return None
        if written != digest(dataset):
            self._report_damage(path, "was altered since it was written")
            return None
        return dataset

    def write(self, name: str, dataset: xr.Dataset) -> None:
        """Store `dataset` under `name`, atomically.

        Raises:
            WriteError: the file cannot be written.
        """
        content = _uninterrupted(netcdf_bytes, dataset.assign_attrs({DIGEST: digest(dataset)}))
        atomic_write.write(self._path(name), lambda path: path.write_bytes(content))

    def checkpoint(self, name: str) -> StoredCheckpoint:
        """Return the checkpoint of the chunk `name`."""
        return StoredCheckpoint(self.directory / f".{name}.checkpoint", self._notify)

    @contextlib.contextmanager
    def claimed(self, name: str, block: bool) -> Iterator[bool]:
        """Hold the lock of `name` inside the block; yield whether it was acquired.

        The lock of a killed process is free, and its unfinished files are removed. On a file system without locks every
        claim succeeds.

        Args:
            name: name of the chunk.
            block: wait for the lock; otherwise yield False if another process holds it.

        Raises:
            WriteError: the file of the lock cannot be written.
        """
        path = self.directory / f".{name}.lock"
        with atomic_write.writing(path):
            lock = self._acquired(path, block)
        if lock is None:
            yield not self._has_locks
            return
        try:
            with atomic_write.writing(path):
                for leftover in self.directory.glob(f".*{name}.*.[0-9]*"):
                    leftover.unlink()
            yield True
        finally:
            lock.release()

    def _acquired(self, path: Path, block: bool) -> filelock.BaseFileLock | None:
        """Return the acquired lock; None if another process holds it or there are no locks."""
        if not self._is_probed:
            self._is_probed = True
            self._go_on_without_locks(lock_problem(self.directory))
        if not self._has_locks:
            return None
        lock = filelock.FileLock(path, timeout=-1 if block else 0)
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
        """Notify the user that chunks are not locked, if there is a `problem`."""
        if problem is not None:
            self._has_locks = False
            self._notify(
                f"{self.directory} is on a file system without locks ({problem.strerror}). A second run at the same "
                "time would compute the same chunks again; the files of both runs stay intact."
            )

    def _report_damage(self, path: Path, why: str) -> None:
        """Notify the user of a damaged file, once."""
        if path not in self._damaged:
            self._damaged.add(path)
            self._notify(f"{path} {why}; it is computed again.")

    def _path(self, name: str) -> Path:
        return self.directory / f"{name}.nc"


def _uninterrupted(function: Callable[[Any], Any], argument: Any) -> Any:
    """Return `function(argument)`, computed in a thread: Python raises KeyboardInterrupt only in the main thread.

    An interrupted h5netcdf prints errors about unfinished files.
    """
    with concurrent.futures.ThreadPoolExecutor(1) as executor:
        return executor.submit(function, argument).result()


def _from_file(content: bytes) -> xr.Dataset:
    """Return the data set in the bytes of a netCDF file."""
    return xr.load_dataset(io.BytesIO(content), engine="h5netcdf")


def netcdf_bytes(dataset: xr.Dataset) -> memoryview:
    """Return the bytes of a netCDF file, made in memory.

    HDF5 must not write to the disk itself: it ends the process if the disk is full, and opens no files without locks.
    """
    content = io.BytesIO()
    store = xr.backends.H5NetCDFStore(h5netcdf.File(content, "w"))
    dataset.dump_to_store(store)
    store.close()
    return content.getbuffer()


def _attributes(attributes: dict[Any, Any]) -> bytes:
    plain = {str(name): value.tolist() if hasattr(value, "tolist") else value for name, value in attributes.items()}
    return json.dumps(plain, sort_keys=True).encode()
