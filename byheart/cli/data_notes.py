"""Prints the notes about data that were read, before anything is trained."""

from collections.abc import Callable

from byheart.data.split import Split
from byheart.experiments.data_summary import DataSummary


def print_data_notes(data: Split | DataSummary, notify: Callable[[str], None]) -> None:
    """Print, by `notify`, each note about data, such as files that were skipped."""
    for sentence in data.notes:
        notify(f"{data.name}: {sentence}")
