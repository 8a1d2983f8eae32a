"""Chunks of a sweep: their names in the store, their stored results, and the computation of one chunk."""

import dataclasses
import json
import math
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self

import xarray as xr

import byheart
from byheart import literals
from byheart.cores import process_peak_bytes
from byheart.data.split import Split
from byheart.execution.progress import Progress
from byheart.results.atomic_write import WriteError
from byheart.results.store import Store, signature
from byheart.sweeps.protocol import Checkpoint, NoCheckpoint, Sweep, SweepProgram
from byheart.sweeps.results import joined

NUMERICS = 4
"""Increased whenever the same sweep would give other numbers, so that a run does not go on with old results."""
STILL_READ = (3, 2)
"""Former `NUMERICS` whose results mean the same: they can be reported, but not continued.

Both differ from 4 in the noise of searches around small inputs, and 2 also in rounding.
"""


@dataclasses.dataclass(frozen=True)
class Job:
    """A sweep to run.

    Attributes:
        label: of the sweep, different from those of other sweeps in the same store.
        sweep: the sweep.
        split: its data.
        chunk_sizes: number of members that are computed and stored together, one number for each recipe.
        fold: makes the results of the sweep from those of its chunks, which it gets one by one, in order. Finished
            chunks are then read from the store, so that memory does not grow with their number. None joins them along
            `member`.
    """

    label: str
    sweep: Sweep
    split: Split
    chunk_sizes: Sequence[int]
    fold: Callable[[Iterable[xr.Dataset]], xr.Dataset] | None = None


@dataclasses.dataclass(frozen=True)
class ChunkedSweep:
    """A sweep cut into chunks, with the stored results.

    Attributes:
        job: the whole sweep, its label and its data.
        chunks: in the order of results.
        names: of the chunks in the store.
        weights: estimated cost of each chunk.
        store: where results are stored.
        results: of finished chunks, by index; of a job with a `fold` their attributes alone.
    """

    job: Job
    chunks: Sequence[Sweep]
    names: Sequence[str]
    weights: Sequence[float]
    store: Store
    results: dict[int, xr.Dataset]

    @classmethod
    def of(cls, job: Job, store: Store) -> Self:
        """Return the chunks of a sweep, with their stored results."""
        chunks = job.sweep.chunks(job.chunk_sizes)
        names = chunk_names(job.label, job.sweep, job.split.fingerprint, job.chunk_sizes)
        chunked = cls(job, chunks, names, [chunk.weight(job.split) for chunk in chunks], store, {})
        for index in range(len(chunks)):
            chunked.load(index)
        return chunked

    @property
    def label(self) -> str:
        """The label of the sweep."""
        return self.job.label

    def program(self) -> SweepProgram:
        """Return a new program for all chunks."""
        return self.job.sweep.program(self.job.split, max(self.job.chunk_sizes))

    def missing(self) -> list[int]:
        """Return the indices of unfinished chunks. Those with the slowest members come first.

        Chunks that share a program stay together.
        """
        missing = [index for index in range(len(self.chunks)) if index not in self.results]
        return sorted(missing, key=lambda index: -self.weights[index] / len(self.chunks[index].members))

    def notify(self, progress: Progress) -> None:
        """Report the start of the sweep to `progress`."""
        sweep = self.job.sweep
        progress.started(self.label, self.weights, list(self.results), sweep.length, sweep.unit)

    def load(self, index: int) -> bool:
        """Load a chunk that another process may have stored meanwhile; return whether it is stored."""
        result = self.store.read(self.names[index])
        if result is not None:
            self._keep(index, result)
        return result is not None

    def seconds(self, index: int) -> float:
        """Return the seconds that a finished chunk took."""
        return float(self.results[index].attrs["seconds"])

    def save(self, index: int, result: xr.Dataset) -> None:
        """Store the result of a chunk, and remove its checkpoint."""
        self.store.write(self.names[index], result)
        self.store.checkpoint(self.names[index]).remove()
        self._keep(index, result)

    def joined(self) -> xr.Dataset:
        """Return the results of all chunks, joined along `member` or folded."""
        if self.job.fold is not None:
            return self.job.fold(self._stored(index) for index in range(len(self.chunks)))
        return with_seconds([self.results[index] for index in range(len(self.chunks))])

    def _keep(self, index: int, result: xr.Dataset) -> None:
        self.results[index] = result if self.job.fold is None else xr.Dataset(attrs=result.attrs)

    def _stored(self, index: int) -> xr.Dataset:
        stored = self.store.read(self.names[index])
        if stored is None:
            raise WriteError(
                f"The results of chunk {index + 1} of {self.label} were removed or damaged while the run went on. Run "
                "the same command again to compute them."
            )
        return stored


def stored_results(
    label: str, sweep: Sweep, fingerprint: str, store: Store, chunk_sizes: Sequence[int]
) -> tuple[xr.Dataset | None, int]:
    """Return the stored results of `sweep`, joined, or None if there are none, and the number of missing chunks.

    Results of another version that can still be read count where it stored more chunks. Versions are never mixed.
    """
    names = [chunk_names(label, sweep, fingerprint, chunk_sizes, numerics) for numerics in (NUMERICS, *STILL_READ)]
    read = [[result for name in one if (result := store.read(name)) is not None] for one in names]
    present = max(read, key=len)
    return (with_seconds(present) if present else None), len(names[0]) - len(present)


def chunk_names(
    label: str, sweep: Sweep, fingerprint: str, chunk_sizes: Sequence[int], numerics: int | None = None
) -> list[str]:
    """Return a name for each chunk, made of `label` and a hash of all that determines its numbers.

    Args:
        label: of the sweep.
        sweep: the whole sweep.
        fingerprint: of the data.
        chunk_sizes: one number for each recipe.
        numerics: that of another version; None is `NUMERICS`.

    Raises:
        BadInput: a value in `sweep`, such as an unnamed optimizer, has no text that means the same in another process.
    """

    def determinants(chunk: Sweep) -> dict[str, Any]:
        return {"sweep": literals.text(chunk), "data": fingerprint, "numerics": numerics or NUMERICS}

    return [f"{label}-{signature(determinants(chunk))}" for chunk in sweep.chunks(chunk_sizes)]


def with_seconds(parts: Sequence[xr.Dataset]) -> xr.Dataset:
    """Return chunks joined along `member`, with the sum of their `seconds` and the largest `peak_bytes`."""
    peak = [part.attrs["peak_bytes"] for part in parts if "peak_bytes" in part.attrs]
    most = {"peak_bytes": max(peak)} if peak else {}
    return joined(parts).assign_attrs(seconds=math.fsum(part.attrs["seconds"] for part in parts), **most)


def computed(
    program: SweepProgram, chunk: Sweep, on_progress: Callable[[int], None], checkpoint: Checkpoint = NoCheckpoint()
) -> xr.Dataset:
    """Compute one chunk; return its results, with versions, devices, time and memory as attributes.

    `seconds` counts from the checkpoint that was resumed, if any; `peak_bytes` counts from the start of the process.
    """
    start = time.monotonic()
    results = program.results(chunk, on_progress, checkpoint)
    seconds, description = round(time.monotonic() - start, 3), program.describe()
    on_devices = description.device_peak_bytes
    return results.assign_attrs(
        byheart=byheart.__version__,
        **description.versions,
        devices=description.devices,
        n_classes=description.n_classes,
        class_names=json.dumps(description.class_names),
        class_counts=json.dumps(description.class_counts),
        seconds=seconds,
        peak_bytes=process_peak_bytes() if on_devices is None else on_devices,
    )
