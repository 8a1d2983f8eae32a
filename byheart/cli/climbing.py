"""The part of `byheart run` and `byheart reproduce` that adds seeds until every claim is decided."""

import time
from collections.abc import Callable, Sequence

from rich.console import Console

from byheart.cli.progress import shown_on
from byheart.execution.executor import Executor
from byheart.pages.formatting import duration
from byheart.report.reading import listed
from byheart.runs.ladder import Ladder, Step
from byheart.runs.run import Chapter, PreparedRun


def climb(
    runs: Sequence[PreparedRun],
    chapters: Sequence[Sequence[Chapter]],
    until: float,
    errors: Console,
    notify: Callable[[str], None],
    executor: Executor,
    on_chapter: Callable[[PreparedRun, Chapter], None],
) -> list[PreparedRun]:
    """Add seeds step by step; return the runs with them.

    Args:
        runs: with all results.
        chapters: of each run.
        until: time on the clock (`time.monotonic`) at which a step must be expected to end.
        errors: the console of standard error.
        notify: called with a sentence about each step, and about what stays undecided.
        executor: where networks are trained.
        on_chapter: called after each step with its run and the chapter that it changed.
    """
    ladder = Ladder(runs, chapters)
    if undecided := ladder.undecided:
        notify(f"{len(undecided)} claims are open, by themselves or within their family; finding their networks.")
    while (step := ladder.next_step(until - time.monotonic())) is not None:
        name = ladder.runs[step.run].record.names()[step.part]
        notify(_in_words(step, name, ladder.runs[step.run].record.facts.name))
        with shown_on(errors, [(name, f"{name}, more seeds", step.seconds)]) as progress:
            run, chapter = ladder.take(step, progress, executor)
        on_chapter(run, chapter)
    notify(_at_the_end(ladder))
    return ladder.runs


def _in_words(step: Step, name: str, data: str) -> str:
    ranges = listed([f"seeds {one.first} to {one.first + one.seeds - 1}" for one in step.more])
    return (
        f"{name} on {data}: {ranges} for {listed(step.claims)}: {step.networks} networks, about "
        f"{duration(step.seconds)}; it is expected to decide {step.decided:.1f} verdicts."
    )


def _at_the_end(ladder: Ladder) -> str:
    undecided = ladder.undecided
    if not undecided:
        return "Every claim is decided, by itself and within its family."
    why = "the time is up" if any(True for _ in ladder.steps()) else "they have had their last look"
    names = listed([one.claim.name for one in undecided])
    return f"Not decided by themselves or within their family: {names}; {why}."
