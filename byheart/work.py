"""What running, storing and resuming ask of a sweep, whatever its members are and whatever is computed of them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
import xarray as xr

from byheart.data.dataset import Split
from byheart.layout import Layout

Coordinate = tuple[str, npt.NDArray[Any]]
"""An axis, and a value for each place on it."""

NEVER = -1
"""Stands in results for a step or an epoch that never came, such as that of a divergence."""


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


def joined(parts: Sequence[xr.Dataset]) -> xr.Dataset:
    """Results of one sweep, joined along `member`; attributes are those of the first."""
    return xr.concat(
        parts,
        "member",
        data_vars="minimal",
        coords="minimal",
        compat="equals",
        join="exact",
        combine_attrs="override",
    )


def with_gaps(results: xr.Dataset, work: Work) -> tuple[xr.Dataset, int]:
    """`results`, and, of the seeds they hold, the members of `work` they lack: NaN for all their numbers, `NEVER` for counts.

    Also the number of these.
    """
    coordinates = work.coordinates()
    there = set(zip(*(results[name].values.tolist() for name in coordinates), strict=True))
    settings = list(zip(*(values.tolist() for _, values in coordinates.values()), strict=True))
    seeds = set(results.seed.values.tolist())
    lacking = np.array(
        [setting not in there and seed in seeds for setting, seed in zip(settings, coordinates["seed"][1], strict=True)]
    )
    n_lacking = int(lacking.sum())
    if n_lacking == 0:
        return results, 0
    settings_of_gaps = {name: (axis, values[lacking]) for name, (axis, values) in coordinates.items()}
    gaps = results.isel(member=[0] * n_lacking).assign_coords(settings_of_gaps)
    for name, numbers in gaps.data_vars.items():
        gaps[name] = xr.full_like(numbers, NEVER if np.issubdtype(numbers.dtype, np.integer) else np.nan)
    return joined([results, gaps]), n_lacking
