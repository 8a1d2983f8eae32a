"""What runs inside a Ray task: one chunk is computed, and from time to time it is told how far it is and what is needed to go on with it."""

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
from byheart.results.checkpoint import Pace
from byheart.sweeps.layout import layout_for
from byheart.sweeps.protocol import Program, Work

SECONDS_BETWEEN_REPORTS = 0.5
"""Of a task's progress."""

Arrays = list[npt.NDArray[Any]]
News = tuple[int, int | Arrays]
"""The index of a chunk with how far it is, or with what is needed to go on with it."""


@dataclasses.dataclass(frozen=True)
class Order:
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
    chunk: Work
    left: Arrays | None
    population: str
    n_members: int
    seconds_between: float
    versions: str


class SentCheckpoint:
    """A checkpoint that is sent to the process that stores results.

    Args:
        order: the chunk.
        news: a Ray queue.
    """

    def __init__(self, order: Order, news: Any) -> None:
        self._order, self._news = order, news
        self._pace = Pace(order.seconds_between)

    def load(self) -> Arrays | None:
        """What came with the order."""
        return self._order.left

    def is_due(self) -> bool:
        """Whether enough time has passed."""
        return self._pace.is_due()

    def save(self, arrays: Sequence[npt.NDArray[Any]]) -> None:
        """Sends `arrays`."""
        with self._pace.kept():
            self._news.put_nowait((self._order.index, list(arrays)))


def versions() -> str:
    """What determines numbers, besides the device."""
    return f"byheart {byheart.__version__}, jax {jax.__version__}"


def compute(order: Order, inputs: tuple[Work, Split], news: Any) -> xr.Dataset | None:
    """The results of a chunk; None where no one wants them any more.

    Args:
        order: which.
        inputs: the whole sweep, and the data.
        news: a Ray queue of `News`; the work stops once it is gone.

    Raises:
        BadInput: this machine has other versions than the one that stores results.
    """
    if order.versions != versions():
        raise checks.BadInput(
            f"All machines of a cluster must have the same versions; got {order.versions} where the run was started, and {versions()} elsewhere."
        )
    told_at = -math.inf

    def tell(done: int) -> None:
        nonlocal told_at
        if time.monotonic() - told_at >= SECONDS_BETWEEN_REPORTS:
            news.put_nowait((order.index, done))
            told_at = time.monotonic()

    try:
        tell(0)
        return computed(_program(order, *inputs), order.chunk, tell, SentCheckpoint(order, news))
    except loaded().exceptions.RayActorError:
        return None


_programs: dict[tuple[str, type[Work], int], Program] = {}
"""Of this process: only the last one."""


def _program(order: Order, sweep: Work, split: Split) -> Program:
    known = order.population, type(sweep), order.n_members
    if known not in _programs:
        _programs.clear()  # The memory of the one before is free when the next is made.
        _programs[known] = sweep.program(split, layout_for(order.n_members))
    return _programs[known]
