"""The plan of a run: its populations and chunks, with estimated memory and time. Nothing is trained."""

import dataclasses
import math

from byheart.experiments.experiment import Experiment
from byheart.runs.run import PreparedRun
from byheart.sweeps.plan import PlannedPopulation, Totals


@dataclasses.dataclass(frozen=True)
class PlannedExperiment:
    """An experiment and its populations.

    Attributes:
        experiment: with its settings.
        populations: the plan of each.
    """

    experiment: Experiment
    populations: tuple[PlannedPopulation, ...]

    @property
    def seconds(self) -> float:
        """Return the estimated time to train and measure all populations."""
        return math.fsum(population.seconds for population in self.populations)

    def expected(self, pace: float, compiles: bool) -> float:
        """Return the expected seconds on this machine, with compiling (`Totals.expected`)."""
        return Totals.of(self.populations).expected(pace, compiles)


def plan_of(run: PreparedRun) -> tuple[PlannedExperiment, ...]:
    """Return the plan of each experiment of a run, in order."""
    return tuple(
        PlannedExperiment(part.experiment, part.experiment.sweep().plan(split, part.chunk_sizes))
        for part, split in zip(run.record.parts, run.splits, strict=True)
    )
