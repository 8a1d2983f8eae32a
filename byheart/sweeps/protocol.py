"""What running, storing and resuming ask of a sweep, whatever its members are and whatever is computed of them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy.typing as npt
import xarray as xr

from byheart.data.dataset import Split
from byheart.sweeps.layout import Layout

Coordinate = tuple[str, npt.NDArray[Any]]
"""An axis, and a value for each place on it."""


@runtime_checkable
class Checkpoint(Protocol):
    """Where a program leaves, from time to time, what it needs to go on with a chunk after it was killed."""

    def load(self) -> list[npt.NDArray[Any]] | None:
        """What was left last; None where nothing was."""

    def is_due(self) -> bool:
        """Whether it is time to leave something."""

    def save(self, arrays: Sequence[npt.NDArray[Any]]) -> None:
        """Leaves `arrays` in place of what was left before."""


class NoCheckpoint:
    """Keeps nothing."""

    def load(self) -> None:
        """Nothing."""

    def is_due(self) -> bool:
        """Never."""
        return False

    def save(self, arrays: Sequence[npt.NDArray[Any]]) -> None:
        """Nothing."""


@runtime_checkable
class Program(Protocol):
    """What computes chunks of a sweep; compiled once for chunks that are alike."""

    layout: Layout
    split: Split

    def results(
        self, chunk: Any, on_progress: Callable[[int], None], checkpoint: Checkpoint = NoCheckpoint()
    ) -> xr.Dataset:
        """The numbers of a chunk's members, over (member, ...).

        Args:
            chunk: of the sweep. One that is smaller than those before it is filled up by repetition, so that it needs no compilation.
            on_progress: told how much is done, from 0 to the sweep's `length`; what it raises stops the work.
            checkpoint: where a long chunk is left from time to time, and taken up again.
        """


@runtime_checkable
class Work(Protocol):
    """A sweep: a frozen value whose `repr` says all that determines its numbers, apart from the data."""

    @property
    def members(self) -> tuple[Any, ...]:
        """What is computed, in order."""

    @property
    def length(self) -> int:
        """Units of progress of a chunk."""

    @property
    def unit(self) -> str:
        """What these are, such as "epoch"."""

    def coordinates(self) -> Mapping[str, Coordinate]:
        """The members' settings, along the axis `member` of results; `seed` is among them."""

    def chunk_sizes(self, split: Split, layout: Layout) -> tuple[int, ...]:
        """How many members are computed and stored together; one number for each recipe."""

    def chunks(self, sizes: Sequence[int]) -> Sequence["Work"]:
        """The same sweep in pieces of at most so many members, in order."""

    def weight(self, split: Split) -> float:
        """How much there is to compute, by estimate, in units of one's own: larger chunks start first, and progress counts by it."""

    def program(self, split: Split, layout: Layout) -> Program:
        """What computes members."""
