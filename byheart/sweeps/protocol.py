"""Protocols between a sweep and the code that runs, stores, resumes and plans it.

Nothing here is about JAX: a program may compute its members in any way, on any devices.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy.typing as npt
import xarray as xr

from byheart.data.dataset import Split
from byheart.sweeps.plan import PlannedPopulation

Coordinate = tuple[str, npt.NDArray[Any]]
"""An axis, and a value for each place on it."""


@runtime_checkable
class Checkpoint(Protocol):
    """Saves a chunk's intermediate state, so that a killed run can resume inside the chunk."""

    def load(self) -> list[npt.NDArray[Any]] | None:
        """Return what was saved last; None where nothing was."""

    def is_due(self) -> bool:
        """Return whether it is time to save."""

    def save(self, arrays: Sequence[npt.NDArray[Any]]) -> None:
        """Save `arrays` in place of what was saved before."""


class NoCheckpoint:
    """Saves nothing."""

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
        versions: of the libraries that compute, by name, for example {"jax": "0.10.2"}.
        n_classes: number of classes.
        class_names: one for each class.
        class_counts: training examples of each class.
        device_peak_bytes: the most memory held so far on devices with memory of their own; None where the process's counts.
    """

    devices: str
    versions: Mapping[str, str]
    n_classes: int
    class_names: tuple[str, ...]
    class_counts: tuple[int, ...]
    device_peak_bytes: int | None = None


@runtime_checkable
class SweepProgram(Protocol):
    """Computes chunks of a sweep; compiled once for chunks that are alike."""

    def results(
        self, chunk: Any, on_progress: Callable[[int], None], checkpoint: Checkpoint = NoCheckpoint()
    ) -> xr.Dataset:
        """Return the numbers of a chunk's members, over (member, ...).

        Args:
            chunk: of the sweep. One that is smaller than those before it is filled up by repetition, so that it needs no compilation.
            on_progress: called with how much is done, from 0 to the sweep's `length`; what it raises stops the work.
            checkpoint: where a long chunk is saved from time to time, and resumed from.
        """

    def describe(self) -> ProgramDescription:
        """Return what is stored with results; memory is that held until now."""


@runtime_checkable
class Sweep(Protocol):
    """A sweep: a frozen value whose `repr` says all that determines its numbers, apart from the data."""

    @property
    def members(self) -> tuple[Any, ...]:
        """Return what is computed, in order."""

    @property
    def length(self) -> int:
        """Return the units of progress of a chunk."""

    @property
    def unit(self) -> str:
        """Return the name of such a unit, for example "epoch"."""

    def coordinates(self) -> Mapping[str, Coordinate]:
        """Return the members' settings, along the axis `member` of results; `seed` is among them."""

    def chunk_sizes(self, split: Split) -> tuple[int, ...]:
        """Return how many members are computed and stored together; one number for each recipe."""

    def chunks(self, sizes: Sequence[int]) -> Sequence["Sweep"]:
        """Return the same sweep in pieces of at most so many members, in order."""

    def weight(self, split: Split) -> float:
        """Return how much there is to compute, by estimate and in any unit: larger chunks start first."""

    def plan(self, split: Split, sizes: Sequence[int]) -> tuple[PlannedPopulation, ...]:
        """Return what the sweep takes in chunks of such sizes, by estimate; nothing is computed."""

    def program(self, split: Split, n_members: int) -> SweepProgram:
        """Return the program that computes chunks of at most `n_members`, on the devices of this process."""
