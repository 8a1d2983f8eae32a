"""Prepares a run, so that all that can be wrong is told first, and carries it out."""

import dataclasses
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import xarray as xr

from byheart import checks, literals
from byheart.data.dataset import Split
from byheart.execution.chunks import chunk_names, stored_results
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
"""The folder of a run's results."""


@dataclasses.dataclass(frozen=True)
class Chapter:
    """An experiment with its results.

    Attributes:
        part: the experiment.
        results: over (member, ...). Where chunks are missing: of the seeds of which something is there, with NaN for what is not.
        missing_chunks: how many chunks are missing.
        missing_networks: how many of the members of `results` have no numbers because of that.
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
        directory: where it is kept.
    """

    record: Record
    splits: tuple[Split, ...]
    directory: Path

    def execute(
        self,
        progress: Progress = NoProgress(),
        tell: Callable[[str], None] = lambda sentence: None,
        executor: Executor = ThisMachine(),
        first: Sequence[str] = (),
    ) -> list[Chapter]:
        """Trains what is not stored yet, and gives all results. Interrupted, it keeps what is finished; run again, it goes on from there.

        Args:
            progress: told of chunks and epochs.
            tell: told, in a sentence, of data that are left out, and of results that are damaged and computed again.
            executor: where networks are trained; the numbers are the same everywhere.
            first: names of experiments that come before the others, in this order.

        Returns:
            the experiments with their results, in the order of the record.

        Raises:
            BadInput: the executor is not to be had; nothing is trained then.
        """
        with executor.opened() as run_sweep:
            store = Store(self.directory / RESULTS, tell)
            self.record.write(self.directory)
            for sentence in self.record.left_out():
                tell(sentence)
            chapters: dict[int, Chapter] = {}
            for index in self._in_turn(first):
                part, split = self.record.parts[index], self.splits[index]
                name, sweep = part.experiment.name, part.experiment.sweep()
                results = run_sweep(name, sweep, split, store, part.chunk_sizes, progress)
                chapters[index] = Chapter(part, with_new_pictures(results, part, split, store))
        return [chapters[index] for index in sorted(chapters)]

    def _in_turn(self, first: Sequence[str]) -> list[int]:
        """Places in the record, those of the experiments named in `first` before the others."""
        names = [part.experiment.name for part in self.record.parts]
        return sorted(range(len(names)), key=lambda index: (*first, names[index]).index(names[index]))


def prepare(
    experiments: Sequence[Experiment], split: Split, data: str, scale: str | None, directory: Path
) -> PreparedRun:
    """A run that has been `checked`, and whose directory can be written.

    Raises:
        BadInput: as `checked`; or the directory cannot be written.
    """
    run = checked(experiments, split, data, scale, directory)
    writable(directory)
    return run


def checked(
    experiments: Sequence[Experiment], split: Split, data: str, scale: str | None, directory: Path
) -> PreparedRun:
    """Checks everything a run needs, before anything is trained; nothing is written.

    Args:
        experiments: with their settings.
        split: all of the data; each experiment uses its subset.
        data: a known name or the path of an NPZ file, for the record.
        scale: from which settings that were not given were taken, for the record; None for experiments without scales.
        directory: where the run is kept.

    Raises:
        BadInput: settings that cannot run on the data or cannot be stored, or a directory that holds another experiment.
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
        sizes = sweep.chunk_sizes(own)
        chunk_names(experiment.name, sweep, own.fingerprint, sizes)  # Refuses what has no name.
        parts.append(Part(experiment, own.fingerprint, sizes))
    record = Record(data, facts, scale, tuple(parts), environment())
    if (directory / FILE).exists():
        record = record.continued(Record.read(directory / FILE), directory)
    return PreparedRun(record, tuple(splits), directory)


def _check_names(experiments: Sequence[Experiment]) -> None:
    """Check that names can stand in file names, and that no two are the same."""
    names = [experiment.name for experiment in experiments]
    for name in names:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", name):
            raise checks.BadInput(
                f"The `name` of an experiment must be of letters, digits and hyphens, for file names; got {name!r}."
            )
    if len(set(names)) < len(names):
        raise checks.BadInput(f"Each experiment can be named once; got {' '.join(names)}.")


def stored_chapters(
    directory: Path, tell: Callable[[str], None] = lambda sentence: None
) -> tuple[Record, list[Chapter]]:
    """The record of a run and what is stored of its results; experiments with no result are left out.

    Raises:
        BadInput: no record.
    """
    record = Record.read(directory / FILE)
    store = Store(directory / RESULTS, tell)
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
