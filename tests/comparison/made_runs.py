"""Runs with made-up results, to compare."""

import dataclasses
from pathlib import Path

import xarray as xr
from made_results import FACTS, critical_samples, made, memorizing, not_memorizing

from byheart.comparison.compared_runs import ComparedExperiment, ComparedRun
from byheart.experiments.data_summary import DataSummary
from byheart.paper.critical_samples.experiment import CriticalSampleRatios
from byheart.report.chapters import judged
from byheart.runs.record import Part, Record
from byheart.runs.run import Chapter
from byheart.training.optimizers import Adam

BASE = critical_samples(4)
OTHER = dataclasses.replace(BASE, seeds=3, optimizer=Adam(0.001))


def run(
    name: str, experiment: CriticalSampleRatios, results: xr.Dataset | None = None, facts: DataSummary = FACTS
) -> ComparedRun:
    """Return a run of one experiment, by default one that memorizes."""
    chapter = Chapter(
        Part(experiment, "fingerprint", (4,)), made(experiment, memorizing) if results is None else results
    )
    record = Record(facts.name, facts, "tiny", (chapter.part,), {"byheart": "0.0"})
    one = ComparedExperiment(name, record, chapter, judged(chapter, record))
    return ComparedRun(name, Path(name), record, {experiment.name: one})


def memorizing_and_not() -> tuple[ComparedRun, ComparedRun]:
    """Return a run of networks that memorize and one of networks that do not, by another optimizer."""
    return run("before", BASE), run("after", OTHER, made(OTHER, not_memorizing))
