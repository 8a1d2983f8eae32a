"""Progress bars for a terminal; a line a finished chunk elsewhere."""

import contextlib
from collections.abc import Iterator

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from byheart.execution.progress import Progress as Told


class Bars:
    """Shows which population is at work, how far it is, and the time left for its experiment."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task: TaskID | None = None
        self._n_chunks = self._length = self._done = 0
        self._unit = ""

    def started(self, label: str, n_chunks: int, n_stored: int, length: int, unit: str) -> None:
        """Shows a bar for the experiment."""
        self._n_chunks, self._length, self._unit, self._done = n_chunks, length, unit, n_stored * length
        self._task = self._progress.add_task(
            label, total=n_chunks * length, completed=self._done, where=f"{n_stored} of {n_chunks} populations stored"
        )

    def advanced(self, chunk: int, done: int) -> None:
        """Moves the bar."""
        if self._task is not None:
            where = f"population {chunk + 1} of {self._n_chunks}, {self._unit} {done} of {self._length}"
            self._progress.update(self._task, completed=self._done + done, where=where)

    def finished(self, chunk: int, seconds: float) -> None:
        """Counts the chunk as done."""
        self._done += self._length


class Lines:
    """Prints a line for each finished chunk."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._label, self._n_chunks = "", 0

    def started(self, label: str, n_chunks: int, n_stored: int, length: int, unit: str) -> None:
        """Says how much there is to do."""
        self._label, self._n_chunks = label, n_chunks
        self._console.print(f"{label}: {n_stored} of {n_chunks} populations are stored", highlight=False)

    def advanced(self, chunk: int, done: int) -> None:
        """Nothing."""

    def finished(self, chunk: int, seconds: float) -> None:
        """Says that the chunk is stored."""
        text = f"{self._label}: population {chunk + 1} of {self._n_chunks} stored, {seconds:.0f} s"
        self._console.print(text, highlight=False)


@contextlib.contextmanager
def shown_on(console: Console) -> Iterator[Told]:
    """Bars where `console` is a terminal, lines where it is not."""
    if not console.is_terminal:
        yield Lines(console)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[where]}"),
        TimeElapsedColumn(),
        TextColumn("left:"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:
        yield Bars(progress)
