"""The command `byheart list`."""

import rich
from rich.table import Table

from byheart.paper.catalog import CATALOG


def print_experiments() -> None:
    """Print the experiments: name, figure, what each shows."""
    table = Table(box=None, pad_edge=False)
    for column in ("experiment", "figure", "what it shows"):
        table.add_column(column)
    for name, entry in CATALOG.items():
        table.add_row(name, entry.figure, entry.summary)
    rich.print(table)
