"""Prints the notes about data that were read, before anything is trained."""

from collections.abc import Callable, Iterable

from byheart.runs.run import PreparedRun


def print_data_notes(runs: Iterable[PreparedRun], notify: Callable[[str], None]) -> None:
    """Print, by `notify`, each note about the data of `runs`, such as files that were skipped."""
    for run in runs:
        for sentence in run.record.facts.notes:
            notify(f"{run.record.facts.name}: {sentence}")
