"""Figures of a report as files, for articles."""

from collections.abc import Sequence
from pathlib import Path

from byheart.drawing.export import Form, export
from byheart.report.chapters import ShownChapter
from byheart.results.atomic_write import folder

__all__ = ["Form", "export_figures"]

FIGURES = "figures"


def export_figures(directory: Path, chapters: Sequence[ShownChapter], form: Form) -> list[Path]:
    """Write each figure of the chapters into figures/ below `directory`; return the paths.

    Raises:
        WriteError: a file cannot be written.
    """
    figures = [shown.figure for chapter in chapters for shown in chapter.figures]
    return [path for figure in figures for path in export(figure, folder(directory / FIGURES), form)]
