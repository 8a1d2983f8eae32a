"""Writes the report of several runs: claims.json with all claims, and report.html with a chapter for each figure."""

import dataclasses
import itertools
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Self
from urllib.parse import quote

from byheart import checks
from byheart.drawing.text import isolated
from byheart.paper.catalog import EXPERIMENTS
from byheart.paper.experiment import PaperExperiment
from byheart.report.chapters import ShownChapter, asked_together, judgments_of, shown
from byheart.report.forest import Group, rows_of
from byheart.report.opening import opening_of
from byheart.report.reading import listed
from byheart.report.rendering import rendered
from byheart.report.run_page import PAGE, claims_as_json, files_of, write_claims, write_methods, write_shown
from byheart.reproduction.reproduction import StoredRun
from byheart.results.atomic_write import write_text
from byheart.runs.record import Record


@dataclasses.dataclass(frozen=True)
class Section:
    """An experiment on one data set.

    Attributes:
        chapter: its content.
        record: of its run.
        folder: of its run.
        id: HTML id, for links.
        files: beginning of links to the files that ids of examples name; empty: they name none.
    """

    chapter: ShownChapter
    record: Record
    folder: str
    id: str
    files: str


@dataclasses.dataclass(frozen=True)
class FigureChapter:
    """An experiment on all its data sets.

    Attributes:
        experiment: its class.
        sections: one for each data set.
    """

    experiment: type[PaperExperiment]
    sections: tuple[Section, ...]

    @property
    def conclusions(self) -> list[tuple[str, str]]:
        """Each different conclusion, with the names of the data that it is about."""
        found: dict[str, list[str]] = {}
        for section in self.sections:
            found.setdefault(section.chapter.conclusion, []).append(isolated(section.record.facts.name))
        return [(conclusion, listed(names)) for conclusion, names in found.items()]


@dataclasses.dataclass(frozen=True)
class WrittenPaper:
    """A written report of several runs.

    Attributes:
        page: path of report.html.
        claims: for each data set, its name and the chapters of its experiments. All claims are tested together.
    """

    page: Path
    claims: tuple[tuple[str, tuple[ShownChapter, ...]], ...]


@dataclasses.dataclass(frozen=True)
class DrawnRun:
    """A run whose chapters are drawn.

    Attributes:
        directory: of the run.
        record: what was run.
        chapters: of its experiments with results.
    """

    directory: Path
    record: Record
    chapters: Sequence[ShownChapter]

    @classmethod
    def of(cls, run: StoredRun) -> Self:
        """Draw the chapters of a stored run."""
        return cls(run.directory, run.record, [shown(one, run.record, run.directory) for one in run.chapters])


def write_whole_paper(directory: Path, runs: Sequence[DrawnRun]) -> WrittenPaper:
    """Write the page, claims and methods of each run into its own folder, and those of all runs into `directory`.

    Raises:
        BadInput: a run holds an experiment that is not from the paper.
    """
    foreign = [(run.directory, name) for run in runs for name in run.record.names() if name not in EXPERIMENTS]
    if foreign:
        folder, name = foreign[0]
        raise checks.BadInput(
            f"{folder} holds {name}, which is not an experiment of the paper. Run `byheart report` on that folder."
        )
    written = [write_shown(run.directory, run.record, run.chapters) for run in runs]
    together = iter(asked_together([chapter for one in written for chapter in one.chapters]))
    by_run = [tuple(itertools.islice(together, len(one.chapters))) for one in written]
    claims = tuple((run.record.facts.name, own) for run, own in zip(runs, by_run, strict=True))
    listed = [one for run, own in zip(runs, by_run, strict=True) for one in claims_as_json(own, run.record)]
    write_claims(directory, listed)
    sections = [_section(chapter, run, directory) for run, own in zip(runs, by_run, strict=True) for chapter in own]
    figures, opening = _by_figure(sections), opening_of([one.chapter for one in sections])
    methods = write_methods(directory, [(run.record, own) for run, own in zip(runs, by_run, strict=True)])
    page = rendered(
        "whole_paper.html",
        package="byheart.reproduction",
        records=[run.record for run in runs],
        figures=figures,
        sections=sections,
        opening=opening,
        opening_section=next((one for one in sections if opening and one.chapter is opening.chapter), None),
        groups=[_group(figure) for figure in figures],
        scales=sorted({run.record.scale for run in runs}),
        judged=[(isolated(data), judgments_of(chapters)) for data, chapters in claims],
        missing=_missing(runs),
        judgments=[judgment for _, chapters in claims for judgment in judgments_of(chapters)],
        methods=methods,
    )
    write_text(directory / PAGE, page)
    return WrittenPaper(directory / PAGE, claims)


def _section(chapter: ShownChapter, run: DrawnRun, directory: Path) -> Section:
    folder = run.directory.name
    name = f"{chapter.experiment.name}-{quote(os.fsencode(folder), safe='')}"
    return Section(chapter, run.record, folder, name, files_of(run.record, directory))


def _by_figure(sections: Sequence[Section]) -> list[FigureChapter]:
    """Return a chapter for each experiment with results, in the order of the figures."""
    found = []
    for name, experiment in EXPERIMENTS.items():
        own = tuple(section for section in sections if section.chapter.experiment.name == name)
        found += [FigureChapter(experiment, own)] if own else []
    return found


def _group(figure: FigureChapter) -> Group:
    """Return the rows of a figure in the forest plot, with the names of the data if there are several."""
    rows = tuple(
        row
        for section in figure.sections
        for row in rows_of(
            section.chapter.judgments,
            section.id,
            isolated(section.record.facts.name) if len(figure.sections) > 1 else "",
            has_caution=bool(section.chapter.cautions),
        )
    )
    return Group(f"Figure {figure.experiment.figure} · {figure.experiment.name}", figure.experiment.name, rows)


def _missing(runs: Sequence[DrawnRun]) -> list[str]:
    """Return the names of experiments, with their data, that have no results yet."""
    return [
        f"{part.experiment.name} on {isolated(run.record.facts.name)}"
        for run in runs
        for part in run.record.parts
        if part.experiment.name not in {chapter.experiment.name for chapter in run.chapters}
    ]
