"""The plan of a run: its populations, their chunks, memory and time, by estimate. Nothing is trained."""

import dataclasses

from byheart.experiments.experiment import Experiment
from byheart.runs.run import PreparedRun
from byheart.sweeps.plan import PlannedPopulation


@dataclasses.dataclass(frozen=True)
class PlannedExperiment:
    """An experiment, and its populations."""

    experiment: Experiment
    populations: tuple[PlannedPopulation, ...]


def plan_of(run: PreparedRun) -> tuple[PlannedExperiment, ...]:
    """Return the plan of a run, experiment after experiment."""
    return tuple(
        PlannedExperiment(part.experiment, part.experiment.sweep().plan(split, part.chunk_sizes))
        for part, split in zip(run.record.parts, run.splits, strict=True)
    )
