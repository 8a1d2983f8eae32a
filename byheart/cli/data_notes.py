"""Prints the notes about data that were read, and the networks for them, before anything is trained."""

from collections.abc import Callable, Sequence
from typing import Any

from byheart import literals
from byheart.data.split import Split
from byheart.experiments.data_summary import DataSummary
from byheart.experiments.experiment import Experiment


def print_data_notes(data: Split | DataSummary, notify: Callable[[str], None]) -> None:
    """Print, by `notify`, each note about data, such as files that were skipped."""
    for sentence in data.notes:
        notify(f"{data.name}: {sentence}")


def print_networks(experiments: Sequence[Experiment], notify: Callable[[str], None]) -> None:
    """Print, by `notify`, the architecture of each experiment that has one, with those that share it in one line."""
    names_of: dict[str, list[str]] = {}
    for one in experiments:
        architecture: Any = getattr(one, "architecture", None)
        if architecture is not None:
            names_of.setdefault(literals.text(architecture), []).append(one.name)
    for architecture, names in names_of.items():
        notify(f"{', '.join(names)}: networks are {architecture}; --architecture chooses others.")
