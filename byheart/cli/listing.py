"""The command `byheart list`."""

import rich
from rich.table import Table

from byheart.later.catalog import LATER
from byheart.paper.catalog import CATALOG


def print_experiments() -> None:
    """Print the experiments: name, figure of the paper or later publication, what each shows."""
    table = Table(box=None, pad_edge=False)
    for column in ("experiment", "figure or source", "what it shows"):
        table.add_column(column)
    for name, entry in CATALOG.items():
        table.add_row(name, entry.figure, entry.summary)
    for name, later in LATER.items():
        table.add_row(name, later.source, later.summary)
    rich.print(table)
