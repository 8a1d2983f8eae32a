"""Prepares a run, which reports all bad input before anything is trained, and executes it."""

import dataclasses
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import xarray as xr

from byheart import checks, literals
from byheart.data.split import Split
from byheart.execution.chunks import Job, chunk_names, stored_results
from byheart.execution.executor import Executor
from byheart.execution.local_executor import ThisMachine
from byheart.execution.progress import NoProgress, Progress
from byheart.experiments.data_summary import DataSummary
from byheart.experiments.experiment import Experiment
from byheart.results.atomic_write import writable
from byheart.results.store import Store
from byheart.runs.pictures import with_new_pictures, with_stored_pictures
from byheart.runs.record import FILE, Part, Record, environment
from byheart.sweeps.results import with_gaps

RESULTS = "results"
"""Name of the folder with a run's results."""


@dataclasses.dataclass(frozen=True)
class Chapter:
    """An experiment with its results.

    Attributes:
        part: the experiment.
        results: over (member, ...). If chunks are missing: the seeds that have some results, with NaN for missing ones.
        missing_chunks: number of missing chunks.
        missing_networks: number of members in `results` that have no numbers, because their chunk is missing.
    """

    part: Part
    results: xr.Dataset
    missing_chunks: int = 0
    missing_networks: int = 0


@dataclasses.dataclass(frozen=True)
class PreparedRun:
    """A run whose input has been checked.

    Attributes:
        record: what will be run.
        splits: the data of each experiment.
        directory: where the run is stored.
    """

    record: Record
    splits: tuple[Split, ...]
    directory: Path

    def execute(
        self,
        progress: Progress = NoProgress(),
        notify: Callable[[str], None] = lambda sentence: None,
        executor: Executor = ThisMachine(),
        first: Sequence[str] = (),
        on_chapter: Callable[[Chapter], None] = lambda chapter: None,
    ) -> list[Chapter]:
        """Train the networks that are not stored yet, and return all results.

        Finished chunks are stored. After an interruption, call it again to resume.

        Args:
            progress: called with the progress of chunks and epochs.
            notify: called with a sentence about data that are left out, and about damaged results, which are computed
                again.
            executor: where networks are trained; the numbers are the same everywhere.
            first: names of experiments to run before the others, in this order.
            on_chapter: called with each experiment that has all results, before the next one is run.

        Returns:
            the experiments with their results, in the order of the record.

        Raises:
            BadInput: the executor is not available; nothing is trained.
        """
        with executor.opened() as run_sweeps:
            store = Store(self.directory / RESULTS, notify)
            self.record.write(self.directory)
            for sentence in self.record.left_out():
                notify(sentence)
            chapters: dict[int, Chapter] = {}
            in_turn = self._in_turn(first)
            jobs = [
                Job(part.experiment.name, part.experiment.sweep(), split, part.chunk_sizes)
                for part, split in ((self.record.parts[index], self.splits[index]) for index in in_turn)
            ]
            for index, results in zip(in_turn, run_sweeps(jobs, store, progress), strict=True):
                part, split = self.record.parts[index], self.splits[index]
                chapters[index] = Chapter(part, with_new_pictures(results, part, split, store))
                on_chapter(chapters[index])
        return [chapters[index] for index in sorted(chapters)]

    def _in_turn(self, first: Sequence[str]) -> list[int]:
        """Return the indices of experiments in the record; those named in `first` come before the others."""
        names = [part.experiment.name for part in self.record.parts]
        return sorted(range(len(names)), key=lambda index: (*first, names[index]).index(names[index]))


def prepare(
    experiments: Sequence[Experiment],
    split: Split,
    data: str,
    scale: str | None,
    directory: Path,
    reading: Mapping[str, Any] = MappingProxyType({}),
) -> PreparedRun:
    """Return the run of `checked`, after making its directory. The arguments are those of `checked`.

    Raises:
        BadInput: as `checked`; or the directory cannot be written.
    """
    run = checked(experiments, split, data, scale, directory, reading)
    writable(directory)
    return run


def checked(
    experiments: Sequence[Experiment],
    split: Split,
    data: str,
    scale: str | None,
    directory: Path,
    reading: Mapping[str, Any] = MappingProxyType({}),
) -> PreparedRun:
    """Return a run, after checking all its input. Nothing is trained or written.

    Args:
        experiments: with their settings.
        split: all of the data; each experiment uses its subset.
        data: a known name or the path of a file or folder, for the record.
        scale: group of default settings that was used, for the record; None for experiments without scales.
        directory: where the run is stored.
        reading: options with which the data were read, for the record.

    Raises:
        BadInput: settings cannot run on the data or cannot be stored, or the directory holds another experiment.
    """
    facts = DataSummary.of(split)
    _check_names(experiments)
    experiments = [experiment.limited_to_data(facts) for experiment in experiments]
    for experiment in experiments:
        experiment.check(facts)
        for name, value in experiment.settings().items():
            literals.check_storable(name, value)
    splits = [experiment.select(split) for experiment in experiments]
    parts = []
    for experiment, own in zip(experiments, splits, strict=True):
        sweep = experiment.sweep()
        sweep.check(own)
        sizes = sweep.chunk_sizes(own)
        chunk_names(experiment.name, sweep, own.fingerprint, sizes)  # Refuses values that have no name.
        parts.append(Part(experiment, own.fingerprint, sizes))
    record = Record(data, facts, scale, tuple(parts), environment(), dict(reading))
    if (directory / FILE).exists():
        record = record.continued(Record.read(directory / FILE), directory)
    return PreparedRun(record, tuple(splits), directory)


def _check_names(experiments: Sequence[Experiment]) -> None:
    """Check that the names can be used in file names, and are distinct."""
    names = [experiment.name for experiment in experiments]
    for name in names:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", name):
            raise checks.BadInput(
                "The `name` of an experiment must start with a letter or digit and hold only letters, digits and "
                f"-, _ or ., since it is part of file names; got {name!r}."
            )
    if len(set(names)) < len(names):
        raise checks.BadInput(f"Each experiment can be named once; got {' '.join(names)}.")


def stored_chapters(
    directory: Path, notify: Callable[[str], None] = lambda sentence: None
) -> tuple[Record, list[Chapter]]:
    """Return the record of a run and its stored results, without experiments that have none.

    Args:
        directory: of the run.
        notify: called with a sentence about each damaged file.

    Raises:
        BadInput: there is no record.
    """
    record = Record.read(directory / FILE)
    store = Store(directory / RESULTS, notify)
    chapters = []
    for part in record.parts:
        name, sweep = part.experiment.name, part.experiment.sweep()
        results, missing = stored_results(name, sweep, part.fingerprint, store, part.chunk_sizes)
        if results is not None:
            whole, n_gaps = with_gaps(results, sweep)
            if missing == 0:
                whole = with_stored_pictures(whole, part, store)
            chapters.append(Chapter(part, whole, missing, n_gaps))
    return record, chapters
