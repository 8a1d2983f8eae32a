"""Runs of the whole paper: every experiment on the data of its figure, one run for each data set, in one directory."""

import dataclasses
import functools
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from byheart import checks
from byheart.data.loading.chosen import name_of
from byheart.data.loading.load_data import load_by
from byheart.data.loading.official import SOURCES
from byheart.data.loading.options import LoadingOptions
from byheart.data.split import Split
from byheart.execution.executor import Executor
from byheart.execution.local_executor import ThisMachine
from byheart.execution.progress import NoProgress, Progress
from byheart.experiments.data_summary import DataSummary
from byheart.paper.catalog import DATA_OF_THE_PAPER, EXPERIMENTS
from byheart.paper.scales import Scale
from byheart.results.atomic_write import writable
from byheart.runs.ladder import with_seeds
from byheart.runs.plan import PlannedExperiment, plan_of
from byheart.runs.record import FILE, Record
from byheart.runs.run import Chapter, PreparedRun, checked, stored_chapters

DEFAULT_DATA: dict[Scale, tuple[str, ...]] = {
    "tiny": ("digits",),
    "laptop": tuple(DATA_OF_THE_PAPER),
    "paper": tuple(DATA_OF_THE_PAPER),
}


@dataclasses.dataclass(frozen=True)
class StoredRun:
    """A run with its stored results.

    Attributes:
        directory: of the run.
        record: what was run.
        chapters: experiments with results.
    """

    directory: Path
    record: Record
    chapters: list[Chapter]


@dataclasses.dataclass(frozen=True)
class Reproduction:
    """Runs whose input has been checked, and their plans.

    Attributes:
        directory: that holds the runs.
        runs: one for each data set, the longest first.
        plans: of each run.
    """

    directory: Path
    runs: tuple[PreparedRun, ...]
    plans: tuple[tuple[PlannedExperiment, ...], ...]

    def stages(self, pace: float = 1.0, compiles: bool = True) -> list[tuple[str, str, float]]:
        """Return label, title and expected seconds of each experiment, in the order in which they are run.

        The arguments are those of `PlannedExperiment.expected`.
        """
        return [
            (planned.experiment.name, self.title_of(run, planned.experiment.name), planned.expected(pace, compiles))
            for run, plan in zip(self.runs, self.plans, strict=True)
            for planned in in_turn(plan)
        ]

    def title_of(self, run: PreparedRun, name: str) -> str:
        """Return the name of an experiment, with its data if there are several data sets."""
        return f"{name} on {run.record.facts.name}" if len(self.runs) > 1 else name

    def execute(
        self,
        progress: Progress = NoProgress(),
        notify: Callable[[str], None] = lambda sentence: None,
        executor: Executor = ThisMachine(),
        on_chapter: Callable[[PreparedRun, Chapter], None] = lambda run, chapter: None,
    ) -> list[StoredRun]:
        """Train the networks that are not stored yet, the longest experiment of each run first; return all results.

        Finished chunks are stored. After an interruption, call it again to resume.

        Args:
            progress: called with the progress of chunks and epochs.
            notify: called with a sentence when a run starts, about data that are left out, and about damaged results,
                which are computed again.
            executor: where networks are trained.
            on_chapter: called with each experiment that has all results, and its run.
        """
        done = dict[Path, StoredRun]()
        for run, plan in zip(self.runs, self.plans, strict=True):
            notify(f"{run.directory}: {len(plan)} experiments on {run.record.facts.name}, scale {run.record.scale}.")
            first = [one.experiment.name for one in in_turn(plan)]
            chapters = run.execute(progress, notify, executor, first, functools.partial(on_chapter, run))
            done[run.directory] = StoredRun(run.directory, run.record, chapters)
        return stored_runs(self.directory, notify, done)


def reproduction(
    directory: Path,
    scale: Scale = "tiny",
    data: Sequence[str] = (),
    data_dir: str | None = None,
    seeds: int | None = None,
    will_run: bool = True,
    seed_base: int | None = None,
    until_decided: bool = False,
    reading: LoadingOptions = LoadingOptions(),
) -> Reproduction:
    """Return the runs of the whole paper, after checking all their input.

    Args:
        directory: holds one folder for the run of each data set.
        scale: of all experiments.
        data: names, files or folders; empty means `DEFAULT_DATA`. A single data set, or one that the paper does not
            use, is used for all experiments. With several, each data set of the paper is used for the experiments of
            its figures.
        data_dir: folder with the official files of data sets.
        seeds: number of seeds of every experiment; None uses the default of each.
        will_run: make the directories; False writes nothing.
        seed_base: the first seed; None uses the default of each experiment.
        until_decided: test claims at several looks, since seeds will be added; the first look has at least `FIRST_LOOK`
            seeds, unless `seeds` are given.
        reading: options with which every data set is read.

    Raises:
        BadInput: data cannot be read, settings cannot run on them, or a directory cannot be written or holds another
            run.
    """
    if (directory / FILE).exists():
        raise checks.BadInput(f"{directory} holds a run of its own; choose another --out.")
    names = tuple(data) or DEFAULT_DATA[scale]
    folders = [name_of(name) for name in names]
    if len(set(folders)) < len(folders):
        raise checks.BadInput(f"Each data set can be named once; got {' '.join(names)}.")
    problems, runs = checks.Problems("The paper cannot be reproduced"), []
    for name, folder in zip(names, folders, strict=True):
        with problems.noted():
            split = load_by(name, reading, data_dir=data_dir)
            chosen, split = _that_take(experiments_on(name, len(names)), split)
            declared = [EXPERIMENTS[one].for_scale(scale, DataSummary.of(split)) for one in chosen]
            given = [with_seeds(one, seeds, seed_base, until_decided) for one in declared]
            runs.append(checked(given, split, name, scale, directory / folder, reading.given(), until_decided))
    problems.raise_if_any()
    for one in [directory, *(run.directory for run in runs)] if will_run else []:
        writable(one)
    planned = sorted(((run, plan_of(run)) for run in runs), key=lambda pair: -_seconds(pair[1]))
    return Reproduction(directory, tuple(run for run, _ in planned), tuple(plan for _, plan in planned))


def experiments_on(data: str, n_data_sets: int) -> tuple[str, ...]:
    """Return the names of the experiments to run on a data set, if there are `n_data_sets` data sets.

    >>> experiments_on("cifar10", 2)[:2], len(experiments_on("cifar10", 1)) == len(EXPERIMENTS)
    (('easy-examples', 'filters'), True)
    """
    return DATA_OF_THE_PAPER.get(data, tuple(EXPERIMENTS)) if n_data_sets > 1 else tuple(EXPERIMENTS)


def _that_take(experiments: tuple[str, ...], split: Split) -> tuple[tuple[str, ...], Split]:
    """Return the experiments that take the data, and the data with a note about those that need images."""
    without = [one for one in experiments if EXPERIMENTS[one].needs_images and not split.training.are_images]
    if not without:
        return experiments, split
    note = f"Left out: {', '.join(without)}, which needs images."
    noted = Split.of_parts(split.training, split.validation, (*split.notes, note), split.concerns)
    return tuple(one for one in experiments if one not in without), noted


def stored_runs(
    directory: Path,
    notify: Callable[[str], None] = lambda sentence: None,
    done: Mapping[Path, StoredRun] = MappingProxyType({}),
) -> list[StoredRun]:
    """Return the runs in the folders of `directory` with their stored results; known data sets come first.

    Args:
        directory: that holds the runs.
        notify: called with a sentence about each damaged file.
        done: runs by their folder whose results are known; they are not read again.

    Raises:
        BadInput: a record cannot be read.
    """
    folders = [path.parent for path in directory.glob(f"*/{FILE}")]
    found = [done.get(folder) or StoredRun(folder, *stored_chapters(folder, notify)) for folder in folders]
    known = ["digits", *SOURCES]

    def place(run: StoredRun) -> tuple[int, str]:
        return (known.index(run.record.data) if run.record.data in known else len(known), run.directory.name)

    return sorted(found, key=place)


def in_turn(plan: Sequence[PlannedExperiment]) -> list[PlannedExperiment]:
    """Return the experiments of a run in the order in which they are run: the longest first."""
    return sorted(plan, key=lambda planned: -planned.seconds)


def _seconds(plan: Sequence[PlannedExperiment]) -> float:
    return math.fsum(planned.seconds for planned in plan)
