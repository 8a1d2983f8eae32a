"""The chapter of a page about one experiment on one data set. The numbers of its figures and tables are also files."""

import contextlib
import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from byheart import checks, literals
from byheart.drawing import canvas
from byheart.drawing.curve_numbers import table_of
from byheart.drawing.drawn_panel import DrawnPanel
from byheart.drawing.figure import Figure
from byheart.drawing.text import isolated
from byheart.experiments.claims import Judgment, judged_together
from byheart.experiments.experiment import Experiment, Remarks
from byheart.report.reading import reading_in_words
from byheart.results.atomic_write import folder
from byheart.results.table import Table
from byheart.runs.judging import judged
from byheart.runs.record import Record
from byheart.runs.run import Chapter

TABLES = "tables"
CURVES = "curves"
VERSIONS = {"byheart": "byheart", "jax": "JAX"}
"""Attributes of results that hold versions, with their names on the page."""


@dataclasses.dataclass(frozen=True)
class ShownFigure:
    """A figure with its drawn panels.

    Attributes:
        figure: the figure.
        panels: each panel as drawn, with its description.
    """

    figure: Figure
    panels: tuple[tuple[DrawnPanel, str], ...]

    @property
    def has_numbers(self) -> bool:
        """Return whether a panel has curves with numbers, which `save_numbers` writes."""
        return any(drawn.numbers for drawn, _ in self.panels)


@dataclasses.dataclass(frozen=True)
class ShownChapter:
    """The content of an experiment's chapter, for templates.

    Attributes:
        experiment: with its settings.
        judgments: its claims with their verdicts.
        figures: drawn.
        tables: of its results.
        remarks: lists below the settings.
        networks: number of networks with results.
        seconds: time of training and measuring.
        peak_bytes: peak memory of the process; None if the results do not hold it.
        devices: on which the results were computed.
        versions: with which the results were computed.
        missing_chunks: number of missing chunks.
        cautions: reasons why its numbers may mean less than they seem to.
        left_out: sentences about data that are not used.
    """

    experiment: Experiment
    judgments: tuple[Judgment, ...]
    figures: tuple[ShownFigure, ...]
    tables: tuple[Table, ...]
    remarks: tuple[Remarks, ...]
    networks: int
    seconds: float
    peak_bytes: int | None
    devices: str
    versions: str
    missing_chunks: int
    cautions: tuple[str, ...]
    left_out: tuple[str, ...]

    @property
    def conclusion(self) -> str:
        """The heading: what the claims say, in one sentence without a period."""
        return self.experiment.conclusion(self.judgments)

    @property
    def reading(self) -> str:
        """Two sentences about the numbers behind the conclusion; empty without claims."""
        return reading_in_words(self.judgments, self.experiment.finding)

    @property
    def seconds_for_a_seed(self) -> float:
        """Seconds of training and measuring all networks of one seed, at the pace so far."""
        in_a_seed = len(self.experiment.sweep().members) / self.experiment.seeds
        return self.seconds * in_a_seed / max(self.networks, 1)

    @property
    def has_curves(self) -> bool:
        """Return whether a figure has curves that the reader can hide."""
        return any(drawn.curves for figure in self.figures for drawn, _ in figure.panels)

    @property
    def settings(self) -> dict[str, str]:
        """Values of the settings by name, as text that `literals.parse` reads."""
        return {name: literals.text(value) for name, value in self.experiment.settings().items()}


def shown(chapter: Chapter, record: Record, directory: Path) -> ShownChapter:
    """Return the chapter; write curves/*.csv and tables/*.csv into `directory`."""
    experiment, results = chapter.part.experiment, chapter.results
    with faults_of(experiment):
        drawn = figures_of(chapter, record)
        made, cautions = experiment.tables(results), experiment.cautions(results)
        judgments = judged(chapter, record)
    figures = tuple(map(drawn_figure, drawn))
    for one in figures:
        if one.has_numbers:
            save_numbers(one, folder(directory / CURVES))
    left_out = tuple(experiment.left_out(record.facts))
    tables = [table.saying(left_out) for table in made]
    for table in tables:
        table.save(folder(directory / TABLES))
    attributes: dict[str, Any] = results.attrs
    peak_bytes = attributes.get("peak_bytes")
    return ShownChapter(
        experiment=experiment,
        judgments=judgments,
        figures=figures,
        tables=tuple(tables),
        remarks=tuple(experiment.remarks(record.facts)),
        networks=results.sizes["member"] - chapter.missing_networks,
        seconds=attributes["seconds"],
        peak_bytes=None if peak_bytes is None else int(peak_bytes),
        devices=attributes["devices"],
        versions=", ".join(f"{title} {attributes[name]}" for name, title in VERSIONS.items() if name in attributes),
        missing_chunks=chapter.missing_chunks,
        cautions=(*record.facts.cautions, *cautions),
        left_out=left_out,
    )


def faults_of(experiment: Experiment) -> contextlib.AbstractContextManager[None]:
    """Return a context in which errors of byheart's experiments are bugs; those of others reach their author."""
    is_ours = experiment.reference().startswith("byheart.")
    return checks.our_own(f"report of {experiment.name}") if is_ours else contextlib.nullcontext()


def figures_of(chapter: Chapter, record: Record) -> Sequence[Figure]:
    """Return the figures of a chapter, which are not drawn yet."""
    data_label = ", ".join([isolated(record.facts.name), *([f"scale {record.scale}"] if record.scale else [])])
    return chapter.part.experiment.figures(chapter.results, data_label)


def asked_together(chapters: Sequence[ShownChapter]) -> tuple[ShownChapter, ...]:
    """Return the chapters, with p-values adjusted for the claims of the same family, and for all claims."""
    together = judged_together([one.judgments for one in chapters])
    return tuple(dataclasses.replace(one, judgments=own) for one, own in zip(chapters, together, strict=True))


def judgments_of(chapters: Sequence[ShownChapter]) -> tuple[Judgment, ...]:
    """Return the judgments of all claims, in the order of the chapters."""
    return tuple(judgment for chapter in chapters for judgment in chapter.judgments)


def save_numbers(shown: ShownFigure, directory: Path) -> None:
    """Write the numbers of all curves of a figure, with their intervals, as NAME.csv."""
    figure = shown.figure
    panels = [
        (panel.title, drawn.labels, drawn.numbers)
        for panel, (drawn, _) in zip(figure.panels, shown.panels, strict=True)
    ]
    Table(figure.name, figure.title, figure.caption, table_of(figure.name, panels)).save(directory)


def drawn_figure(figure: Figure) -> ShownFigure:
    """Return a figure with its drawn panels."""
    descriptions = (panel.description for panel in figure.panels)
    return ShownFigure(figure, tuple(zip(canvas.drawn_panels(figure), descriptions, strict=True)))
