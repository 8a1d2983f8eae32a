"""Protocols between a sweep and the code that runs, stores, resumes and plans it.

The protocols do not depend on JAX: a program may compute its members in any way, on any devices.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy.typing as npt
import xarray as xr

from byheart.data.split import Split
from byheart.sweeps.plan import PlannedPopulation

Coordinate = tuple[str, npt.NDArray[Any]]
"""(name of an axis, its values)."""


@runtime_checkable
class Checkpoint(Protocol):
    """Saves a chunk's intermediate state, so that a killed run can resume inside the chunk."""

    def load(self) -> list[npt.NDArray[Any]] | None:
        """Return the arrays saved last; None if nothing was saved."""

    def is_due(self) -> bool:
        """Return whether it is time to save."""

    def save(self, arrays: Sequence[npt.NDArray[Any]]) -> None:
        """Save `arrays` in place of what was saved before."""


class NoCheckpoint:
    """A checkpoint that saves nothing."""

    def load(self) -> None:
        """Return None: nothing was saved."""

    def is_due(self) -> bool:
        """Return False."""
        return False

    def save(self, arrays: Sequence[npt.NDArray[Any]]) -> None:
        """Do nothing."""


@dataclasses.dataclass(frozen=True)
class ProgramDescription:
    """Facts about a program and its data that are stored with its results.

    Attributes:
        devices: number and kind, for example "2 x cpu".
        versions: versions of the computing libraries by name, for example {"jax": "0.10.2"}.
        n_classes: number of classes.
        class_names: name of each class.
        class_counts: number of training examples of each class.
        device_peak_bytes: peak memory so far on devices with their own memory; None if devices use the memory of the
            process.
    """

    devices: str
    versions: Mapping[str, str]
    n_classes: int
    class_names: tuple[str, ...]
    class_counts: tuple[int, ...]
    device_peak_bytes: int | None = None


@runtime_checkable
class SweepProgram(Protocol):
    """A program that computes chunks of a sweep; compiled once for all chunks of one recipe and size."""

    def results(
        self, chunk: Any, on_progress: Callable[[int], None], checkpoint: Checkpoint = NoCheckpoint()
    ) -> xr.Dataset:
        """Return the numbers of a chunk's members, over (member, ...).

        Args:
            chunk: a chunk of the sweep. A chunk that is smaller than earlier ones is padded by repetition, so that the
                program is not compiled again.
            on_progress: called with the progress, from 0 to the sweep's `length`. An exception that it raises stops the
                computation.
            checkpoint: saves a long chunk from time to time, and resumes it.
        """

    def describe(self) -> ProgramDescription:
        """Return the facts that are stored with results; memory is the peak so far."""


@runtime_checkable
class Sweep(Protocol):
    """A sweep: a frozen value whose `repr` contains everything that determines its numbers, apart from the data."""

    @property
    def members(self) -> tuple[Any, ...]:
        """Return the members in order."""

    @property
    def length(self) -> int:
        """Return the number of units of progress of a chunk."""

    @property
    def unit(self) -> str:
        """Return the name of a unit of progress, for example "epoch"."""

    def coordinates(self) -> Mapping[str, Coordinate]:
        """Return the members' settings, including `seed`, along the axis `member` of results."""

    def check(self, split: Split) -> None:
        """Raise `BadInput` if the sweep cannot run on the data; called before anything is stored or computed."""

    def chunk_sizes(self, split: Split) -> tuple[int, ...]:
        """Return the number of members that are computed and stored together, one number for each recipe."""

    def chunks(self, sizes: Sequence[int]) -> Sequence["Sweep"]:
        """Return the sweep split into chunks of at most the given sizes, in order."""

    def only(self, chosen: Sequence[int]) -> "Sweep":
        """Return the sweep with the members at the chosen places alone; their numbers are the same.

        Some columns of `coordinates` may be missing, if only other members need them.
        """

    def weight(self, split: Split) -> float:
        """Return the estimated amount of computation, in any unit; larger chunks start first."""

    def plan(self, split: Split, sizes: Sequence[int]) -> tuple[PlannedPopulation, ...]:
        """Return the estimated memory and time of the sweep in chunks of the given sizes; nothing is computed."""

    def program(self, split: Split, n_members: int) -> SweepProgram:
        """Return the program that computes chunks of at most `n_members` on the devices of this process."""
