"""Runs sweeps on this machine, one chunk after the other. Each is stored when it is finished."""

import contextlib
import dataclasses
import functools
from collections.abc import Iterator, Sequence

import xarray as xr

from byheart.data.split import Split
from byheart.execution.ahead import Ahead
from byheart.execution.chunks import ChunkedSweep, Job, computed
from byheart.execution.executor import RunSweeps
from byheart.execution.progress import NoProgress, Progress
from byheart.results.store import Store
from byheart.sweeps.protocol import Sweep, SweepProgram


@dataclasses.dataclass(frozen=True)
class ThisMachine:
    """Run sweeps on all local devices of this process."""

    @contextlib.contextmanager
    def opened(self) -> Iterator[RunSweeps]:
        """Yield the function that runs sweeps on this machine."""
        yield run_sweeps


def run_sweeps(jobs: Sequence[Job], store: Store, progress: Progress = NoProgress()) -> Iterator[xr.Dataset]:
    """Yield the results of all members of each sweep, joined along `member`; stored chunks are not computed again.

    The chunks with the slowest members are computed first. While a chunk is computed, the next programs are compiled.
    Another process that runs the same sweep in the same store shares the work: each process computes chunks that no
    other has claimed, then waits for the chunks of the other.
    """
    sweep_at = functools.cache(lambda at: ChunkedSweep.of(jobs[at], store))

    def unfinished_after(at: int) -> ChunkedSweep | None:
        later = (sweep_at(one) for one in range(at + 1, len(jobs)))
        return next((chunked for chunked in later if chunked.missing()), None)

    with Ahead() as ahead:
        for at in range(len(jobs)):
            chunked = sweep_at(at)
            chunked.notify(progress)
            for block in (False, True):
                missing = chunked.missing()
                for place, index in enumerate(missing, start=1):
                    with store.claimed(chunked.names[index], block) as acquired:
                        if acquired:
                            if not chunked.load(index):
                                program = _compiled(chunked, index, ahead, progress)
                                ahead.look(chunked, index, missing[place:], unfinished_after(at))
                                _compute(program, chunked, index, progress)
                            progress.finished(index, chunked.seconds(index))
            ahead.forget(chunked)
            yield chunked.joined()


def run_sweep(
    label: str,
    sweep: Sweep,
    split: Split,
    store: Store,
    chunk_sizes: Sequence[int],
    progress: Progress = NoProgress(),
) -> xr.Dataset:
    """Return the results of one sweep, as `run_sweeps` does."""
    (results,) = run_sweeps([Job(label, sweep, split, chunk_sizes)], store, progress)
    return results


def _compiled(chunked: ChunkedSweep, index: int, ahead: Ahead, progress: Progress) -> SweepProgram:
    """Return the program of a chunk as soon as it is compiled."""
    if not ahead.is_ready(chunked, index):
        progress.compiling(index)
    return ahead.program(chunked, index)


def _compute(program: SweepProgram, chunked: ChunkedSweep, index: int, progress: Progress) -> None:
    """Compute a chunk and store it."""
    on_progress = functools.partial(progress.advanced, index)
    checkpoint = chunked.store.checkpoint(chunked.names[index])
    chunked.save(index, computed(program, chunked.chunks[index], on_progress, checkpoint))
