"""Runs a sweep on this machine, one chunk after the other. Each is stored when it is finished."""

import contextlib
import dataclasses
import functools
from collections.abc import Iterator, Sequence

import xarray as xr

from byheart.data.split import Split
from byheart.execution.chunks import ChunkedSweep, computed
from byheart.execution.executor import RunSweep
from byheart.execution.progress import NoProgress, Progress
from byheart.results.store import Store
from byheart.sweeps.protocol import Sweep


@dataclasses.dataclass(frozen=True)
class ThisMachine:
    """Run sweeps on all local devices of this process."""

    @contextlib.contextmanager
    def opened(self) -> Iterator[RunSweep]:
        """Yield the function that runs sweeps on this machine."""

        def run(
            label: str, sweep: Sweep, split: Split, store: Store, chunk_sizes: Sequence[int], progress: Progress
        ) -> xr.Dataset:
            return run_sweep(label, sweep, split, store, chunk_sizes, progress)

        yield run


def run_sweep(
    label: str,
    sweep: Sweep,
    split: Split,
    store: Store,
    chunk_sizes: Sequence[int],
    progress: Progress = NoProgress(),
) -> xr.Dataset:
    """Return the results of all members of `sweep`, joined along `member`; stored chunks are not computed again.

    The chunks with the slowest members are computed first. Another process that runs the same sweep in the same store
    shares the work: each process computes chunks that no other has claimed, then waits for the chunks of the other.
    """
    chunked = ChunkedSweep.of(label, sweep, split, store, chunk_sizes)
    chunked.notify(progress)
    program = functools.cache(lambda: sweep.program(split, max(chunk_sizes)))
    for block in (False, True):
        for index in chunked.missing():
            with store.claimed(chunked.names[index], block) as acquired:
                if acquired:
                    if not chunked.load(index):
                        on_progress = functools.partial(progress.advanced, index)
                        checkpoint = store.checkpoint(chunked.names[index])
                        chunked.save(index, computed(program(), chunked.chunks[index], on_progress, checkpoint))
                    progress.finished(index, chunked.seconds(index))
    return chunked.joined()
