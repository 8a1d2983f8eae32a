"""Writes the report of a run: claims, numbers of figures, tables, methods, and report.html, a self-contained page."""

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from byheart.experiments.claims import Judgment
from byheart.pages.links import folder_link
from byheart.report.chapters import ShownChapter, asked_together, judgments_of, shown
from byheart.report.claims_csv import write_claims_csv
from byheart.report.forest import Group, rows_of
from byheart.report.methods import methods_of
from byheart.report.opening import opening_of
from byheart.report.rendering import rendered
from byheart.results.atomic_write import write_text
from byheart.runs.record import Record
from byheart.runs.run import Chapter

PAGE = "report.html"
CLAIMS = "claims.json"
METHODS = "methods.txt"


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
    """Write the report into `directory`.

    Its files are claims.json, claims.csv, curves/*.csv, tables/*.csv, methods.txt and report.html.
    """
    return write_shown(directory, record, [shown(chapter, record, directory) for chapter in chapters])


def write_shown(directory: Path, record: Record, shown_chapters: Sequence[ShownChapter]) -> Written:
    """Write the claims, the methods and the page of chapters that are drawn already into `directory`."""
    views = asked_together(shown_chapters)
    judgments = judgments_of(views)
    write_claims(directory, claims_as_json(views, record))
    methods = write_methods(directory, [(record, views)])
    page = rendered(
        "report.html",
        chapters=views,
        record=record,
        judgments=judgments,
        opening=opening_of(views),
        methods=methods,
        files=files_of(record, directory),
        groups=[_group(chapter) for chapter in views if chapter.judgments],
    )
    write_text(directory / PAGE, page)
    return Written(directory / PAGE, judgments, views)


def files_of(record: Record, directory: Path) -> str:
    """Return the beginning of links from a page in `directory` to the files that ids of examples name; "" for none."""
    return folder_link(record.facts.folder, directory)


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
    """Write claims.json and claims.csv into `directory`."""
    write_text(directory / CLAIMS, json.dumps(listed, indent=2, allow_nan=False) + "\n")
    write_claims_csv(directory, listed)


def write_methods(directory: Path, runs: Sequence[tuple[Record, Sequence[ShownChapter]]]) -> str:
    """Write methods.txt of the runs into `directory`; return its text."""
    text = methods_of(runs)
    write_text(directory / METHODS, text + "\n")
    return text
