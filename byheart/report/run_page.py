"""Writes what a run has to say: claims.json, the figures, and report.html, one self-contained page. Nothing is trained here."""

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from byheart.experiments.claims import Judgment
from byheart.report.chapters import ShownChapter, asked_together, judgments_of, shown
from byheart.report.rendering import rendered
from byheart.results.atomic_write import write_text
from byheart.runs.record import Record
from byheart.runs.run import Chapter

PAGE = "report.html"
CLAIMS = "claims.json"


@dataclasses.dataclass(frozen=True)
class Written:
    """What was written of a run.

    Attributes:
        page: the path of report.html.
        judgments: all claims with their verdicts, experiment after experiment, asked together.
        chapters: what the page shows.
    """

    page: Path
    judgments: tuple[Judgment, ...]
    chapters: tuple[ShownChapter, ...] = ()


def write_report(directory: Path, record: Record, chapters: Sequence[Chapter]) -> Written:
    """Writes claims.json, figures/*.svg and *.png, tables/*.csv, and report.html into `directory`."""
    views = asked_together([shown(chapter, record, directory) for chapter in chapters])
    judgments = judgments_of(views)
    write_claims(directory, claims_as_json(views, record))
    write_text(directory / PAGE, rendered("report.html", chapters=views, record=record, judgments=judgments))
    return Written(directory / PAGE, judgments, views)


def claims_as_json(chapters: Sequence[ShownChapter], record: Record) -> list[dict[str, Any]]:
    """The objects of claims.json, each with what is to be said of its experiment."""
    return [
        judgment.as_json(record.facts.name, record.scale)
        | {"cautions": list(chapter.cautions), "left_out": list(chapter.left_out)}
        for chapter in chapters
        for judgment in chapter.judgments
    ]


def write_claims(directory: Path, listed: list[dict[str, Any]]) -> None:
    """Writes claims.json."""
    write_text(directory / CLAIMS, json.dumps(listed, indent=2, allow_nan=False) + "\n")
