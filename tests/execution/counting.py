"""A sweep that only counts: tests see where it ran and resumed, and make it fail or die."""

import dataclasses
import os
import signal
import time
from collections.abc import Callable, Sequence
from typing import ClassVar

import numpy as np
import xarray as xr

from byheart.data.split import Split
from byheart.sweeps.plan import PlannedPopulation, sizes_of
from byheart.sweeps.protocol import Checkpoint, Coordinate, NoCheckpoint, ProgramDescription

LIE_IN_WAIT = -1
"""A member that fails at its third step."""
DIES = -2
"""A member whose process kills itself at its third step, always."""


@dataclasses.dataclass(frozen=True)
class Counting:
    """A sweep that counts to `length` for each chunk, in steps of `seconds`."""

    members: tuple[int, ...]
    length: int = 5
    seconds: float = 0.02

    unit: ClassVar[str] = "step"

    def coordinates(self) -> dict[str, Coordinate]:
        return {"seed": ("member", np.array(self.members))}

    def check(self, split: Split) -> None:
        """Any data will do."""

    def chunk_sizes(self, split: Split) -> tuple[int, ...]:
        del split
        return (1,)

    def only(self, chosen: Sequence[int]) -> "Counting":
        """Return the sweep with the members at the chosen places alone."""
        return dataclasses.replace(self, members=tuple(self.members[place] for place in chosen))

    def chunks(self, sizes: Sequence[int]) -> list["Counting"]:
        (size,) = sizes
        starts = range(0, len(self.members), size)
        return [dataclasses.replace(self, members=self.members[start : start + size]) for start in starts]

    def weight(self, split: Split) -> float:
        del split
        return float(len(self.members))

    def plan(self, split: Split, sizes: Sequence[int]) -> tuple[PlannedPopulation, ...]:
        del split
        sizes_of_chunks = sizes_of(self.chunks(sizes))
        return (
            PlannedPopulation(
                ("counting",), sizes_of_chunks, 0, self.length * self.seconds * len(sizes_of_chunks), 0.0
            ),
        )

    def program(self, split: Split, n_members: int) -> "Counter":
        del n_members
        return Counter(self, split)


@dataclasses.dataclass
class Counter:
    """Returns for each chunk its process, its first step, the chunks counted by this program, and the visible GPUs."""

    sweep: Counting
    split: Split
    n_chunks: int = 0

    def results(
        self, chunk: Counting, on_progress: Callable[[int], None], checkpoint: Checkpoint = NoCheckpoint()
    ) -> xr.Dataset:
        self.n_chunks += 1
        left = checkpoint.load()
        begun_at = 0 if left is None else int(left[0])
        for step in range(begun_at + 1, self.sweep.length + 1):
            time.sleep(self.sweep.seconds)
            if step == 3 and LIE_IN_WAIT in chunk.members:
                raise ValueError("a number is missing")
            if step == 3 and DIES in chunk.members:
                os.kill(os.getpid(), signal.SIGKILL)
            on_progress(step)
            if checkpoint.is_due():
                checkpoint.save([np.array(step)])
        n_gpus = len(os.environ.get("CUDA_VISIBLE_DEVICES", "").replace(",", ""))
        told = {"begun_at": begun_at, "process": os.getpid(), "n_chunks": self.n_chunks, "n_gpus": n_gpus}
        n = len(chunk.members)
        return xr.Dataset({name: ("member", np.full(n, number)) for name, number in told.items()}, chunk.coordinates())

    def describe(self) -> ProgramDescription:
        """Describe a program that does not use JAX."""
        training = self.split.training
        counts = tuple(training.class_counts.tolist())
        return ProgramDescription("1 x abacus", {"beads": "10"}, self.split.n_classes, training.class_names, counts)
