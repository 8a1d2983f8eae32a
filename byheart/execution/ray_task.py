"""Code that runs inside a Ray task: computes one chunk, and sends progress and checkpoints to the driver."""

import dataclasses
import math
import time
from collections.abc import Sequence
from typing import Any

import jax
import numpy.typing as npt
import xarray as xr

import byheart
from byheart import checks
from byheart.data.dataset import Split
from byheart.execution.chunks import computed
from byheart.execution.ray_connection import loaded
from byheart.results.checkpoint import SaveInterval
from byheart.sweeps.protocol import Sweep, SweepProgram

SECONDS_BETWEEN_REPORTS = 0.5
"""Of a task's progress."""

Arrays = list[npt.NDArray[Any]]
Message = tuple[int, int | Arrays]
"""The index of a chunk with how far it is, or with what is needed to go on with it."""


@dataclasses.dataclass(frozen=True)
class ChunkTask:
    """A chunk to compute.

    Attributes:
        index: of the chunk in the sweep.
        chunk: its members.
        left: what is needed to go on with it; None where it is begun.
        population: a name for what it has in common with others; chunks of the same name share compiled programs.
        n_members: of the sweep's largest chunk.
        seconds_between: checkpoints.
        versions: of what must be the same in all processes.
    """

    index: int
    chunk: Sweep
    left: Arrays | None
    population: str
    n_members: int
    seconds_between: float
    versions: str


class RemoteCheckpoint:
    """A checkpoint that is sent to the process that stores results.

    Args:
        task: the chunk.
        messages: a Ray queue.
    """

    def __init__(self, task: ChunkTask, messages: Any) -> None:
        self._task, self._messages = task, messages
        self._interval = SaveInterval(task.seconds_between)

    def load(self) -> Arrays | None:
        """What came with the task."""
        return self._task.left

    def is_due(self) -> bool:
        """Whether enough time has passed."""
        return self._interval.is_due()

    def save(self, arrays: Sequence[npt.NDArray[Any]]) -> None:
        """Sends `arrays`."""
        with self._interval.kept():
            self._messages.put_nowait((self._task.index, list(arrays)))


def versions() -> str:
    """What determines numbers, besides the device."""
    return f"byheart {byheart.__version__}, jax {jax.__version__}"


def compute(task: ChunkTask, inputs: tuple[Sweep, Split], messages: Any) -> xr.Dataset | None:
    """Compute one chunk; return None if the driver has gone.

    Args:
        task: which.
        inputs: the whole sweep, and the data.
        messages: a Ray queue of `Message`; the work stops once it is gone.

    Raises:
        BadInput: this machine has other versions than the one that stores results.
    """
    if task.versions != versions():
        raise checks.BadInput(
            f"All machines of a cluster must have the same versions; got {task.versions} where the run was started, and {versions()} elsewhere."
        )
    told_at = -math.inf

    def tell(done: int) -> None:
        nonlocal told_at
        if time.monotonic() - told_at >= SECONDS_BETWEEN_REPORTS:
            messages.put_nowait((task.index, done))
            told_at = time.monotonic()

    try:
        tell(0)
        return computed(_program(task, *inputs), task.chunk, tell, RemoteCheckpoint(task, messages))
    except loaded().exceptions.RayActorError:
        return None


_programs: dict[tuple[str, type[Sweep], int], SweepProgram] = {}
"""Of this process: only the last one."""


def _program(task: ChunkTask, sweep: Sweep, split: Split) -> SweepProgram:
    known = task.population, type(sweep), task.n_members
    if known not in _programs:
        _programs.clear()  # The memory of the one before is free when the next is made.
        _programs[known] = sweep.program(split, task.n_members)
    return _programs[known]
