"""Progress bars for a terminal; elsewhere one line for each finished chunk."""

import contextlib
from collections.abc import Collection, Iterator, Sequence

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from byheart.execution.progress import Progress as SweepProgress


class Bars:
    """One bar for each experiment, with the current chunk, its progress, and the time left.

    Each chunk counts by its estimated cost.

    Args:
        progress: the bars in the terminal.
    """

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task: TaskID | None = None
        self._weights: Sequence[float] = ()
        self._done: dict[int, float] = {}
        self._length, self._unit = 1, ""

    def started(self, label: str, weights: Sequence[float], stored: Collection[int], length: int, unit: str) -> None:
        """Add a bar for the experiment."""
        self._weights, self._length, self._unit = weights, length, unit
        self._done = dict.fromkeys(stored, 1.0)
        where = f"{len(stored)} of {len(weights)} chunks stored"
        self._task = self._progress.add_task(label, total=sum(weights), where=where)
        self._move(where)

    def advanced(self, chunk: int, done: int) -> None:
        """Move the bar."""
        self._done[chunk] = done / self._length
        self._move(f"chunk {chunk + 1} of {len(self._weights)}, {self._unit} {done} of {self._length}")

    def finished(self, chunk: int, seconds: float) -> None:
        """Count the chunk as done."""
        self._done[chunk] = 1.0
        n_done = sum(done == 1.0 for done in self._done.values())
        self._move(f"{n_done} of {len(self._weights)} chunks stored")

    def _move(self, where: str) -> None:
        if self._task is not None:
            self._progress.update(self._task, completed=self._completed(), where=where)

    def _completed(self) -> float:
        return sum(self._weights[chunk] * done for chunk, done in self._done.items())


class Lines:
    """One printed line for each finished chunk.

    Args:
        console: prints the lines.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._label, self._n_chunks = "", 0

    def started(self, label: str, weights: Sequence[float], stored: Collection[int], length: int, unit: str) -> None:
        """Print the number of chunks."""
        self._label, self._n_chunks = label, len(weights)
        self._console.print(
            f"{label}: {len(stored)} of {len(weights)} chunks are stored", highlight=False, markup=False
        )

    def advanced(self, chunk: int, done: int) -> None:
        """Do nothing: lines are printed for finished chunks only."""

    def finished(self, chunk: int, seconds: float) -> None:
        """Print that the chunk is stored."""
        text = f"{self._label}: chunk {chunk + 1} of {self._n_chunks} stored, {seconds:.0f} s"
        self._console.print(text, highlight=False, markup=False)


@contextlib.contextmanager
def shown_on(console: Console) -> Iterator[SweepProgress]:
    """Return bars if `console` is a terminal, otherwise lines."""
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
