"""The chapter of a page about one experiment on one data set. Its figures and tables are also written as files."""

import contextlib
import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from byheart import checks, literals
from byheart.drawing import canvas
from byheart.drawing.drawn_panel import DrawnPanel
from byheart.drawing.figure import Figure
from byheart.drawing.text import isolated
from byheart.experiments.claims import Judgment, judged_together
from byheart.experiments.experiment import Experiment, Remarks
from byheart.report.reading import reading_in_words
from byheart.results.atomic_write import folder
from byheart.results.table import Table
from byheart.runs.record import Record
from byheart.runs.run import Chapter

FIGURES = "figures"
TABLES = "tables"
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
    def has_curves(self) -> bool:
        """Return whether a figure has curves that the reader can hide."""
        return any(drawn.curves for figure in self.figures for drawn, _ in figure.panels)

    @property
    def settings(self) -> dict[str, str]:
        """Values of the settings by name, as text that `literals.parse` reads."""
        return {name: literals.text(value) for name, value in self.experiment.settings().items()}


def shown(chapter: Chapter, record: Record, directory: Path) -> ShownChapter:
    """Return the chapter; write figures/*.svg, figures/*.png and tables/*.csv into `directory`."""
    experiment, results = chapter.part.experiment, chapter.results
    claims = [claim for claim in experiment.claims() if claim.applies_to(record.facts.name)]
    data_label = ", ".join([isolated(record.facts.name), *([f"scale {record.scale}"] if record.scale else [])])
    is_ours = experiment.reference().startswith("byheart.")  # Errors of other experiments reach their author unchanged.
    with checks.our_own(f"report of {experiment.name}") if is_ours else contextlib.nullcontext():
        drawn = experiment.figures(results, data_label)
        made, cautions = experiment.tables(results), experiment.cautions(results)
        judgments = tuple(claim.with_family(experiment.name).judge(results) for claim in claims)
    for figure in drawn:
        canvas.save(figure, folder(directory / FIGURES))
    left_out = tuple(experiment.left_out(record.facts))
    tables = [table.saying(left_out) for table in made]
    for table in tables:
        table.save(folder(directory / TABLES))
    attributes: dict[str, Any] = results.attrs
    peak_bytes = attributes.get("peak_bytes")
    return ShownChapter(
        experiment=experiment,
        judgments=judgments,
        figures=tuple(ShownFigure(figure, _panels(figure)) for figure in drawn),
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


def asked_together(chapters: Sequence[ShownChapter]) -> tuple[ShownChapter, ...]:
    """Return the chapters, with p-values adjusted for the claims of the same family, and for all claims."""
    together = judged_together([one.judgments for one in chapters])
    return tuple(dataclasses.replace(one, judgments=own) for one, own in zip(chapters, together, strict=True))


def judgments_of(chapters: Sequence[ShownChapter]) -> tuple[Judgment, ...]:
    """Return the judgments of all claims, in the order of the chapters."""
    return tuple(judgment for chapter in chapters for judgment in chapter.judgments)


def _panels(figure: Figure) -> tuple[tuple[DrawnPanel, str], ...]:
    descriptions = (panel.description for panel in figure.panels)
    return tuple(zip(canvas.drawn_panels(figure), descriptions, strict=True))
