"""Writes the report of a run: claims.json, figures, tables, and report.html, a self-contained page."""

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from byheart.experiments.claims import Judgment
from byheart.report.chapters import ShownChapter, asked_together, judgments_of, shown
from byheart.report.forest import Group, rows_of
from byheart.report.opening import opening_of
from byheart.report.rendering import rendered
from byheart.results.atomic_write import write_text
from byheart.runs.record import Record
from byheart.runs.run import Chapter

PAGE = "report.html"
CLAIMS = "claims.json"


@dataclasses.dataclass(frozen=True)
class Written:
    """A written report of a run.

    Attributes:
        page: path of report.html.
        judgments: verdicts of all claims, tested together, in the order of the chapters.
        chapters: content of the page.
    """

    page: Path
    judgments: tuple[Judgment, ...]
    chapters: tuple[ShownChapter, ...] = ()


def write_report(directory: Path, record: Record, chapters: Sequence[Chapter]) -> Written:
    """Write claims.json, figures/*.svg, figures/*.png, tables/*.csv and report.html into `directory`."""
    views = asked_together([shown(chapter, record, directory) for chapter in chapters])
    judgments = judgments_of(views)
    write_claims(directory, claims_as_json(views, record))
    page = rendered(
        "report.html",
        chapters=views,
        record=record,
        judgments=judgments,
        opening=opening_of(views),
        groups=[_group(chapter) for chapter in views if chapter.judgments],
    )
    write_text(directory / PAGE, page)
    return Written(directory / PAGE, judgments, views)


def _group(chapter: ShownChapter) -> Group:
    name = chapter.experiment.name
    return Group(chapter.experiment.title(), name, rows_of(chapter.judgments, name, has_caution=bool(chapter.cautions)))


def claims_as_json(chapters: Sequence[ShownChapter], record: Record) -> list[dict[str, Any]]:
    """Return the objects of claims.json, each with the cautions and unused data of its experiment."""
    return [
        judgment.as_json(record.facts.name, record.scale)
        | {"cautions": list(chapter.cautions), "left_out": list(chapter.left_out)}
        for chapter in chapters
        for judgment in chapter.judgments
    ]


def write_claims(directory: Path, listed: list[dict[str, Any]]) -> None:
    """Write claims.json into `directory`."""
    write_text(directory / CLAIMS, json.dumps(listed, indent=2, allow_nan=False) + "\n")
