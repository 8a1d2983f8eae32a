"""Writes a comparison of runs: comparison.html, claims.csv, settings.csv and the numbers of all curves."""

import dataclasses
import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from byheart.comparison.compared_runs import ComparedExperiment, ComparedRun
from byheart.comparison.differences import Row, rows_of, units_differ
from byheart.comparison.settings import Setting, differing
from byheart.drawing.overlay import overlaid
from byheart.report.chapters import CURVES, ShownFigure, drawn_figure, faults_of, figures_of, save_numbers
from byheart.report.rendering import rendered
from byheart.results.atomic_write import folder, write_text
from byheart.results.table import Table

PAGE = "comparison.html"


@dataclasses.dataclass(frozen=True)
class ExperimentChapter:
    """An experiment that several runs have.

    Attributes:
        name: of the experiment.
        title: heading.
        runs: names of the runs, in order; differences are from the first.
        rows: its claims.
        figures: drawn, with the curves of all runs.
        cautions: sentences about what cannot be compared.
    """

    name: str
    title: str
    runs: tuple[str, ...]
    rows: tuple[Row, ...]
    figures: tuple[ShownFigure, ...]
    cautions: tuple[str, ...]

    @property
    def has_curves(self) -> bool:
        """Return whether a figure has curves that the reader can hide."""
        return any(drawn.curves for figure in self.figures for drawn, _ in figure.panels)


@dataclasses.dataclass(frozen=True)
class WrittenComparison:
    """A written comparison.

    Attributes:
        page: path of comparison.html.
        chapters: one for each experiment that at least two runs have.
        settings: those that differ.
        alone: sentences about experiments that only one run has.
    """

    page: Path
    chapters: tuple[ExperimentChapter, ...]
    settings: tuple[Setting, ...]
    alone: tuple[str, ...]


def write_comparison(directory: Path, runs: Sequence[ComparedRun]) -> WrittenComparison:
    """Write the comparison of runs into `directory`, which exists.

    Raises:
        WriteError: a file cannot be written.
    """
    by_name = {
        name: [run.experiments[name] for run in runs if name in run.experiments]
        for name in dict.fromkeys(name for run in runs for name in run.experiments)
    }
    chapters = tuple(_chapter(name, found) for name, found in by_name.items() if len(found) > 1)
    alone = tuple(f"{name} is only in {found[0].run}." for name, found in by_name.items() if len(found) == 1)
    settings = differing(runs)
    for figure in (figure for chapter in chapters for figure in chapter.figures if figure.has_numbers):
        save_numbers(figure, folder(directory / CURVES))
    _claims_table(chapters).save(directory)
    _settings_table(settings, runs).save(directory)
    page = rendered(
        "comparison.html", package="byheart.comparison", runs=runs, chapters=chapters, settings=settings, alone=alone
    )
    write_text(directory / PAGE, page)
    return WrittenComparison(directory / PAGE, chapters, settings, alone)


def _chapter(name: str, experiments: Sequence[ComparedExperiment]) -> ExperimentChapter:
    first = experiments[0]
    experiment = first.chapter.part.experiment
    with faults_of(experiment):
        figures = [(one.run, figure) for one in experiments for figure in figures_of(one.chapter, one.record)]
    names = dict.fromkeys(figure.name for _, figure in figures)
    overlays = [overlaid([(run, figure) for run, figure in figures if figure.name == own]) for own in names]
    return ExperimentChapter(
        name,
        experiment.title(),
        tuple(one.run for one in experiments),
        rows_of(experiments),
        tuple(map(drawn_figure, overlays)),
        tuple(_cautions(experiments)),
    )


def _cautions(experiments: Sequence[ComparedExperiment]) -> list[str]:
    """Return sentences about runs whose numbers are not those of the first run."""
    first, found = experiments[0], list[str]()
    for one in experiments[1:]:
        if phrase := units_differ(first, one):
            found.append(f"{one.run}: {phrase}. Their numbers are not compared.")
        if not set(first.seeds) & set(one.seeds):
            found.append(f"{one.run} has no seed in common with {first.run}: differences have no interval.")
    unfinished = [one.run for one in experiments if one.chapter.missing_chunks]
    return [*found, *([f"Not finished: {', '.join(unfinished)}."] if unfinished else [])]


def _claims_table(chapters: Sequence[ExperimentChapter]) -> Table:
    """Return the table with a row for each claim, part and run."""
    rows = [
        _cells(chapter, row, place) for chapter in chapters for row in chapter.rows for place in range(len(row.cells))
    ]
    columns = {name: np.array([one[name] for one in rows], object) for name in (rows[0] if rows else {})}
    return Table("claims", "Claims", "A row for each claim, part and run.", columns)


def _cells(chapter: ExperimentChapter, row: Row, place: int) -> dict[str, Any]:
    cell = row.cells[place]
    interval = None if cell.part is None else cell.part.interval
    difference = cell.difference
    change = None if difference is None else difference.interval
    return {
        "experiment": chapter.name,
        "claim": row.claim.name,
        "part": row.part,
        "run": cell.run,
        "verdict": cell.verdict,
        **_numbers("", interval),
        "difference_from": row.cells[0].run if difference is not None else None,
        **_numbers("difference_", change),
        "difference_of": difference.of if difference and change else None,
        "not_compared": difference.reason if difference else "",
        "statistic": row.claim.statistic,
    }


def _numbers(prefix: str, interval: Any) -> dict[str, float | int | None]:
    """Return estimate, ends and number of seeds; None where there is no finite number."""
    values = {} if interval is None else {name: getattr(interval, name) for name in ("estimate", "low", "high")}
    names = {"estimate": f"{prefix}estimate", "low": f"{prefix}low", "high": f"{prefix}high"}
    finite = {
        column: value if (value := values.get(name)) is not None and np.isfinite(value) else None
        for name, column in names.items()
    }
    return finite | {f"{prefix}seeds": None if interval is None else interval.n}


def _settings_table(settings: Sequence[Setting], runs: Sequence[ComparedRun]) -> Table:
    columns = {
        "experiment": np.array([one.experiment for one in settings], object),
        "setting": np.array([one.name for one in settings], object),
    }
    columns |= {run.name: np.array([one.values[place] for one in settings], object) for place, run in enumerate(runs)}
    return Table("settings", "Settings that differ", "A row for each setting.", columns)


def verdicts_that_differ(chapters: Sequence[ExperimentChapter]) -> tuple[list[Row], int]:
    """Return the rows whose verdicts differ between runs, and the number of rows that several runs have."""
    rows = list(itertools.chain.from_iterable(chapter.rows for chapter in chapters))
    shared = [row for row in rows if sum(cell.part is not None for cell in row.cells) > 1]
    return [row for row in shared if row.verdicts_differ], len(shared)
