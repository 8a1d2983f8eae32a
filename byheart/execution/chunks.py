"""A sweep in chunks: their names in the store, what is stored of them and what is missing, and how one is computed."""

import dataclasses
import json
import math
import time
from collections.abc import Callable, Sequence
from typing import Any, Self

import xarray as xr

import byheart
from byheart import literals
from byheart.cores import process_peak_bytes
from byheart.data.dataset import Split
from byheart.execution.progress import Progress
from byheart.results.store import Store, signature
from byheart.sweeps.protocol import Checkpoint, NoCheckpoint, Sweep, SweepProgram
from byheart.sweeps.results import joined

NUMERICS = 2
"""Raised by one whenever the same sweep would give other numbers, so that old results are not taken for new ones."""


@dataclasses.dataclass(frozen=True)
class ChunkedSweep:
    """A sweep cut into chunks, with the results that are stored.

    Attributes:
        label: of the sweep.
        sweep: what is computed.
        chunks: in the order of results.
        names: of the chunks in the store.
        weights: how much there is to compute in each chunk, by estimate.
        store: where results are kept.
        found: results of chunks that are done.
    """

    label: str
    sweep: Sweep
    chunks: Sequence[Sweep]
    names: Sequence[str]
    weights: Sequence[float]
    store: Store
    found: dict[int, xr.Dataset]

    @classmethod
    def of(cls, label: str, sweep: Sweep, split: Split, store: Store, chunk_sizes: Sequence[int]) -> Self:
        """The chunks of `sweep`, with what is stored of them."""
        chunks = sweep.chunks(chunk_sizes)
        names = chunk_names(label, sweep, split.fingerprint, chunk_sizes)
        found = {index: stored for index, name in enumerate(names) if (stored := store.read(name)) is not None}
        return cls(label, sweep, chunks, names, [chunk.weight(split) for chunk in chunks], store, found)

    def missing(self) -> list[int]:
        """Chunks that are not done: those whose members take longest come first, and those that share a program stay together."""
        missing = [index for index in range(len(self.chunks)) if index not in self.found]
        return sorted(missing, key=lambda index: -self.weights[index] / len(self.chunks[index].members))

    def notify(self, progress: Progress) -> None:
        """Tell `progress` how much there is to do, and how much is stored."""
        progress.started(self.label, self.weights, list(self.found), self.sweep.length, self.sweep.unit)

    def finds(self, index: int) -> bool:
        """Whether a missing chunk has been stored meanwhile, by another process."""
        result = self.store.read(self.names[index])
        if result is not None:
            self.found[index] = result
        return result is not None

    def seconds(self, index: int) -> float:
        """What a chunk that is done took."""
        return float(self.found[index].attrs["seconds"])

    def keep(self, index: int, result: xr.Dataset) -> None:
        """Stores the result of a chunk."""
        self.store.write(self.names[index], result)
        self.store.checkpoint(self.names[index]).remove()
        self.found[index] = result

    def joined(self) -> xr.Dataset:
        """All results."""
        return with_seconds([self.found[index] for index in range(len(self.chunks))])


def stored_results(
    label: str, sweep: Sweep, fingerprint: str, store: Store, chunk_sizes: Sequence[int]
) -> tuple[xr.Dataset | None, int]:
    """What is stored of `sweep`, joined, and the number of chunks that are missing; None where nothing is stored."""
    read = [store.read(name) for name in chunk_names(label, sweep, fingerprint, chunk_sizes)]
    present = [result for result in read if result is not None]
    return (with_seconds(present) if present else None), len(read) - len(present)


def chunk_names(label: str, sweep: Sweep, fingerprint: str, chunk_sizes: Sequence[int]) -> list[str]:
    """Return a name for each chunk, made of `label` and a hash of all that determines its numbers.

    Raises:
        BadInput: something in `sweep` has no text that means the same in another process, such as an unnamed optimizer.
    """

    def determinants(chunk: Sweep) -> dict[str, Any]:
        return {"sweep": literals.text(chunk), "data": fingerprint, "numerics": NUMERICS}

    return [f"{label}-{signature(determinants(chunk))}" for chunk in sweep.chunks(chunk_sizes)]


def with_seconds(parts: Sequence[xr.Dataset]) -> xr.Dataset:
    """Chunks joined along `member`, with their seconds added up, and the largest `peak_bytes`."""
    peak = [part.attrs["peak_bytes"] for part in parts if "peak_bytes" in part.attrs]
    most = {"peak_bytes": max(peak)} if peak else {}
    return joined(parts).assign_attrs(seconds=math.fsum(part.attrs["seconds"] for part in parts), **most)


def computed(
    program: SweepProgram, chunk: Sweep, on_progress: Callable[[int], None], checkpoint: Checkpoint = NoCheckpoint()
) -> xr.Dataset:
    """Return the results of a chunk, with what made them, as attributes.

    `seconds` counts from where a checkpoint was resumed, `peak_bytes` from the start of the process.
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
