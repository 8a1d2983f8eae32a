"""The live display of a run in a terminal; elsewhere a plain line now and then.

Both show what is done now, the share of the whole run that is done, and the time that is left (execution/forecast.py).
"""

import contextlib
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Protocol

from rich.console import Console, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from byheart.cli.streams import visible
from byheart.execution.forecast import Forecast, Stage
from byheart.execution.progress import Progress
from byheart.pages.formatting import duration

SECONDS_BETWEEN_LINES = 10.0
"""Shortest time between two plain lines about the same stage."""
REFRESHES = 4.0
"""Per second."""

Planned = Iterable[tuple[str, str, float]]
"""Label, title and planned seconds of each stage."""


class Display(Progress, Protocol):
    """A `Progress` that also shows what came out of a stage."""

    def judged(self, title: str, outcome: str) -> None:
        """Show the outcome of the stage with this title, in words."""


class Board:
    """One line for each stage, in order, and one for the whole run. Rich draws it again several times a second.

    Args:
        planned: the stages of the run.
        now: clock, in seconds.
    """

    def __init__(self, planned: Planned = (), now: Callable[[], float] = time.monotonic) -> None:
        self._forecast, self._spinner = Forecast(planned, now), Spinner("dots")

    def started(self, label: str, weights: Sequence[float], stored: Collection[int], length: int, unit: str) -> None:
        """Begin a line."""
        self._forecast.started(label, weights, stored, length, unit)

    def compiling(self, chunk: int) -> None:
        """Show that a chunk waits for its program."""
        self._forecast.compiling(chunk)

    def advanced(self, chunk: int, done: int) -> None:
        """Move a bar."""
        self._forecast.advanced(chunk, done)

    def finished(self, chunk: int, seconds: float) -> None:
        """Count a chunk as done."""
        self._forecast.finished(chunk, seconds)

    def judged(self, title: str, outcome: str) -> None:
        """Show the outcome of a stage."""
        self._forecast.judged(title, outcome)

    def __rich__(self) -> Table:
        """Return the lines as they are now."""
        board = Table.grid(padding=(0, 1))
        board.add_column(width=1)
        for _ in range(3):
            board.add_column(no_wrap=True)
        board.add_column(overflow="ellipsis", no_wrap=True)
        for stage in self._forecast.stages:
            board.add_row(*self._line(stage))
        spent = sum(self._forecast.seconds_of(stage) for stage in self._forecast.stages)
        share = self._forecast.share_done
        board.add_row("", Text("all", "bold"), _bar(share), Text(f"{share:4.0%}"), Text(self._left(spent)))
        return board

    def _line(self, stage: Stage) -> tuple[RenderableType, ...]:
        seconds = duration(self._forecast.seconds_of(stage))
        if stage.begun is None:
            return Text("·", "dim"), Text(visible(stage.title), "dim"), "", "", Text("waiting", "dim")
        if stage.ended is not None:
            words = f"{seconds}{f': {stage.outcome}' if stage.outcome else ''}"
            return Text("✓", "green"), Text(visible(stage.title)), _bar(1.0), Text("100%"), Text(words)
        return (
            self._spinner,
            Text(visible(stage.title)),
            _bar(stage.done),
            Text(f"{stage.done:4.0%}"),
            Text(stage.doing),
        )

    def _left(self, spent: float) -> str:
        left = self._forecast.seconds_left
        return f"{duration(spent)}, about {duration(left)} left" if left >= 1 else duration(spent)


class Lines:
    """Plain lines: where a stage begins and ends, and now and then on its way.

    Args:
        console: prints the lines.
        planned: the stages of the run.
        now: clock, in seconds.
    """

    def __init__(self, console: Console, planned: Planned = (), now: Callable[[], float] = time.monotonic) -> None:
        self._console, self._forecast, self._now = console, Forecast(planned, now), now
        self._printed_at = now()

    def started(self, label: str, weights: Sequence[float], stored: Collection[int], length: int, unit: str) -> None:
        """Print the number of chunks."""
        self._forecast.started(label, weights, stored, length, unit)
        self._print()

    def compiling(self, chunk: int) -> None:
        """Print what is done, if no line was printed for a while."""
        self._forecast.compiling(chunk)
        self._print_now_and_then()

    def advanced(self, chunk: int, done: int) -> None:
        """Print what is done, if no line was printed for a while."""
        self._forecast.advanced(chunk, done)
        self._print_now_and_then()

    def finished(self, chunk: int, seconds: float) -> None:
        """Print that a chunk is stored, if it took a while, no line was printed for a while, or it is the last."""
        self._forecast.finished(chunk, seconds)
        stage = self._forecast.current
        if seconds >= SECONDS_BETWEEN_LINES or (stage is not None and stage.ended is not None):
            self._print()
        else:
            self._print_now_and_then()

    def judged(self, title: str, outcome: str) -> None:
        """Print the outcome of a stage."""
        self._forecast.judged(title, outcome)
        if outcome:
            self._say(f"{title}: {outcome}")

    def _print_now_and_then(self) -> None:
        if self._now() - self._printed_at >= SECONDS_BETWEEN_LINES:
            self._print()

    def _print(self) -> None:
        stage, left = self._forecast.current, self._forecast.seconds_left
        if stage is not None:
            time_left = f"; {self._forecast.share_done:.0%} done, about {duration(left)} left"
            self._say(f"{stage.title}: {stage.doing}{time_left if left >= 1 else ''}")

    def _say(self, sentence: str) -> None:
        self._printed_at = self._now()
        self._console.print(visible(sentence), highlight=False, markup=False, soft_wrap=True)


@contextlib.contextmanager
def shown_on(console: Console, planned: Planned = ()) -> Iterator[Display]:
    """Show a run on `console` inside the block: a live board on a terminal, otherwise lines.

    Args:
        console: where to show it.
        planned: label, title and planned seconds of each stage, in the order in which they run.
    """
    if not console.is_terminal:
        yield Lines(console, planned)
        return
    board = Board(planned)
    with Live(board, console=console, refresh_per_second=REFRESHES):
        yield board


def _bar(share: float) -> ProgressBar:
    return ProgressBar(total=1.0, completed=share, width=20)
