"""Reports that grow while runs compute: each chapter is drawn once, in another thread, as soon as it has results."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

from byheart.report.chapters import ShownChapter, shown
from byheart.runs.run import Chapter, PreparedRun

OnDrawn = Callable[[PreparedRun, ShownChapter], None]
"""Called with each drawn chapter, in the thread that draws."""


class GrowingReports:
    """The chapters of one or several runs, drawn in the order in which they are added. Use it as a context manager."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "draw")
        self._waiting: list[Future[None]] = []
        self._drawn: dict[Path, dict[str, ShownChapter]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._thread.shutdown(cancel_futures=True)  # The chapter that is being drawn is finished.

    def add(self, run: PreparedRun, chapter: Chapter, on_drawn: OnDrawn) -> None:
        """Draw a chapter in the other thread, then call `on_drawn` there. `finish` raises what they raise."""

        def draw() -> None:
            view = shown(chapter, run.record, run.directory)
            self._drawn.setdefault(run.directory, {})[view.experiment.name] = view
            on_drawn(run, view)

        self._waiting.append(self._thread.submit(draw))

    def finish(self) -> None:
        """Wait until all chapters are drawn."""
        for future in self._waiting:
            future.result()

    def of(self, run: PreparedRun) -> list[ShownChapter]:
        """Return the chapters of a run that are drawn so far, in the order of its record."""
        drawn = dict(self._drawn.get(run.directory, {}))
        return [drawn[name] for name in run.record.names() if name in drawn]
