"""Runs to compare, read from their directories."""

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Int

from byheart import checks
from byheart.experiments.claims import Judgment
from byheart.report.chapters import faults_of
from byheart.reproduction.reproduction import StoredRun, stored_runs
from byheart.runs.judging import judged
from byheart.runs.record import FILE, Record
from byheart.runs.run import Chapter, stored_chapters


@dataclasses.dataclass(frozen=True)
class ComparedExperiment:
    """An experiment of a run, with its results and verdicts.

    Attributes:
        run: name of the run.
        record: of the run.
        chapter: the experiment with its results.
        judgments: of its claims, each by itself.
    """

    run: str
    record: Record
    chapter: Chapter
    judgments: tuple[Judgment, ...]

    @property
    def seeds(self) -> Int[np.ndarray, " seed"]:
        """The seeds with results, ascending."""
        return np.unique(self.chapter.results.seed.values)


@dataclasses.dataclass(frozen=True)
class ComparedRun:
    """A run to compare.

    Attributes:
        name: the last parts of its path, as many as distinguish it from the others.
        directory: of the run.
        record: what was run.
        experiments: those with results, by name.
    """

    name: str
    directory: Path
    record: Record
    experiments: dict[str, ComparedExperiment]


def compared_runs(
    directories: Sequence[Path], notify: Callable[[str], None] = lambda sentence: None
) -> tuple[ComparedRun, ...]:
    """Return the runs in directories, in their order; a directory of several runs counts as all of them.

    Args:
        directories: of runs, or of several runs.
        notify: called with a sentence about each damaged file.

    Raises:
        BadInput: a directory holds no run that this version reads, or no results; or there are fewer than two runs.
    """
    problems, found = checks.Problems("The runs cannot be compared"), list[StoredRun]()
    for directory in directories:
        with problems.noted():
            found += _runs_in(directory, notify)
    problems.raise_if_any()
    found = list({run.directory.resolve(): run for run in found}.values())
    if len(found) < 2:
        raise checks.BadInput(f"A comparison needs at least two runs; got {len(found)}. Name their directories.")
    names = _names([run.directory for run in found])
    return tuple(_compared(name, run) for name, run in zip(names, found, strict=True))


def _runs_in(directory: Path, notify: Callable[[str], None]) -> list[StoredRun]:
    if not (directory / FILE).exists() and (several := stored_runs(directory, notify)):
        found = [run for run in several if run.chapters]
    else:
        record, chapters = stored_chapters(directory, notify)
        found = [StoredRun(directory, record, chapters)] if chapters else []
    if not found:
        raise checks.BadInput(f"{directory} holds no finished results yet; `byheart run` makes them.")
    return found


def _compared(name: str, run: StoredRun) -> ComparedRun:
    experiments = {}
    for chapter in run.chapters:
        with faults_of(chapter.part.experiment):
            judgments = judged(chapter, run.record)
        experiments[chapter.part.experiment.name] = ComparedExperiment(name, run.record, chapter, judgments)
    return ComparedRun(name, run.directory, run.record, experiments)


def _names(directories: Sequence[Path]) -> list[str]:
    """Return the last parts of each path, as many as make them differ."""
    parts = [directory.resolve().parts for directory in directories]
    for n in range(1, max(map(len, parts)) + 1):
        names = ["/".join(one[-n:]) for one in parts]
        if len(set(names)) == len(names):
            break
    return names
