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
from byheart.data.split import Split
from byheart.execution.chunks import computed
from byheart.execution.ray_connection import loaded
from byheart.program_cache import keep_compiled_programs
from byheart.results.checkpoint import SaveInterval
from byheart.sweeps.protocol import Sweep, SweepProgram

SECONDS_BETWEEN_REPORTS = 0.5
"""Between two progress reports of a task."""

Arrays = list[npt.NDArray[Any]]
Message = tuple[int, int | Arrays]
"""The index of a chunk, with the number of finished units or with a checkpoint."""


@dataclasses.dataclass(frozen=True)
class ChunkTask:
    """A chunk to compute.

    Attributes:
        index: of the chunk in the sweep.
        chunk: the part of the sweep to compute.
        checkpoint: from which to resume; None starts the chunk.
        population: name of its population; chunks with the same name share compiled programs.
        n_members: of the sweep's largest chunk.
        seconds_between: two checkpoints.
        versions: that all processes must share.
    """

    index: int
    chunk: Sweep
    checkpoint: Arrays | None
    population: str
    n_members: int
    seconds_between: float
    versions: str


class RemoteCheckpoint:
    """A checkpoint that is sent to the driver, which stores it.

    Args:
        task: the chunk.
        messages: a Ray queue.
    """

    def __init__(self, task: ChunkTask, messages: Any) -> None:
        self._task, self._messages = task, messages
        self._interval = SaveInterval(task.seconds_between)

    def load(self) -> Arrays | None:
        """Return the checkpoint that came with the task."""
        return self._task.checkpoint

    def is_due(self) -> bool:
        """Return whether the next checkpoint is due."""
        return self._interval.is_due()

    def save(self, arrays: Sequence[npt.NDArray[Any]]) -> None:
        """Send `arrays` to the driver."""
        with self._interval.kept():
            self._messages.put_nowait((self._task.index, list(arrays)))


def versions() -> str:
    """Return the versions that determine numbers, together with the device."""
    return f"byheart {byheart.__version__}, jax {jax.__version__}"


def compute(task: ChunkTask, inputs: tuple[Sweep, Split], messages: Any) -> xr.Dataset | None:
    """Compute one chunk; return None if the driver has gone.

    Args:
        task: the chunk.
        inputs: the whole sweep, and the data.
        messages: a Ray queue of `Message`; the computation stops once it is gone.

    Raises:
        BadInput: this machine has other versions than the driver.
    """
    if task.versions != versions():
        raise checks.BadInput(
            f"All machines of a cluster must have the same versions; got {task.versions} where the run was started, "
            f"and {versions()} elsewhere."
        )
    keep_compiled_programs()
    sent_at = -math.inf

    def notify(done: int) -> None:
        nonlocal sent_at
        if time.monotonic() - sent_at >= SECONDS_BETWEEN_REPORTS:
            messages.put_nowait((task.index, done))
            sent_at = time.monotonic()

    try:
        notify(0)
        return computed(_program(task, *inputs), task.chunk, notify, RemoteCheckpoint(task, messages))
    except loaded().exceptions.RayActorError:
        return None


_programs: dict[tuple[str, type[Sweep], int], SweepProgram] = {}
"""The last program of this process, by population, type of sweep and number of members."""


def _program(task: ChunkTask, sweep: Sweep, split: Split) -> SweepProgram:
    known = task.population, type(sweep), task.n_members
    if known not in _programs:
        _programs.clear()  # Free the memory of the last program before the next is made.
        _programs[known] = sweep.program(split, task.n_members)
    return _programs[known]
