"""Reports that grow while runs compute: each chapter is drawn once, and the page of all so far is written."""

import threading
from pathlib import Path

import pytest
from made_results import critical_samples, made, memorizing, patterns_first, patterns_then_noise

from byheart.drawing.drawn_panel import DrawnPanel
from byheart.drawing.figure import Figure
from byheart.experiments.data_summary import DataSummary
from byheart.report.chapters import ShownChapter
from byheart.report.growing_reports import GrowingReports
from byheart.report.run_page import write_report, write_shown
from byheart.runs.record import Part, Record
from byheart.runs.run import Chapter, PreparedRun

FACTS = DataSummary("digits", (8, 8, 1), 1437, 360)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Return the names of figures as they are drawn, each with the name of the thread that draws."""
    figures: list[tuple[str, str]] = []

    def draw(figure: Figure) -> list[DrawnPanel]:
        figures.append((figure.name, threading.current_thread().name))
        return [DrawnPanel("<svg></svg>")] * len(figure.panels)

    monkeypatch.setattr("byheart.drawing.canvas.drawn_panels", draw)
    return figures


def run_in(directory: Path) -> tuple[PreparedRun, list[Chapter]]:
    first, second = patterns_first(3), critical_samples(3)
    chapters = [
        Chapter(Part(first, "fingerprint", (4,)), made(first, patterns_then_noise)),
        Chapter(Part(second, "fingerprint", (4,)), made(second, memorizing)),
    ]
    record = Record("digits", FACTS, "tiny", tuple(one.part for one in chapters), {})
    return PreparedRun(record, (), directory), chapters


def test_each_chapter_is_drawn_once_in_another_thread_and_the_page_grows(
    drawn: list[tuple[str, str]], tmp_path: Path
) -> None:
    run, chapters = run_in(tmp_path)
    pages: list[str] = []

    def on_drawn(of: PreparedRun, view: ShownChapter) -> None:
        pages.append(write_shown(of.directory, of.record, reports.of(of)).page.read_text())

    with GrowingReports() as reports:
        for chapter in reversed(chapters):
            reports.add(run, chapter, on_drawn)
        reports.finish()
        assert [view.experiment.name for view in reports.of(run)] == ["patterns-first", "critical-samples"]
    names = [name for name, _ in drawn]
    assert len(set(names)) == len(names)
    assert all(thread.startswith("draw") for _, thread in drawn)
    assert len(pages) == 2
    assert len(pages[0]) < len(pages[1])
    assert pages[-1] == write_report(tmp_path, run.record, chapters).page.read_text()


def test_an_exception_of_a_chapter_is_raised_at_the_end(drawn: list[tuple[str, str]], tmp_path: Path) -> None:
    run, chapters = run_in(tmp_path)

    def on_drawn(of: PreparedRun, view: ShownChapter) -> None:
        raise OSError("the disk is full")

    with GrowingReports() as reports:
        reports.add(run, chapters[0], on_drawn)
        with pytest.raises(OSError, match="the disk is full"):
            reports.finish()
