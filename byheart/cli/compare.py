"""The command `byheart compare`, which writes a comparison of several runs."""

from collections.abc import Callable
from pathlib import Path

import rich
from rich.table import Table
from rich.text import Text

from byheart.cli.arguments import CompareArguments
from byheart.cli.claims_table import COLORS
from byheart.cli.streams import visible
from byheart.comparison.compared_runs import ComparedRun, compared_runs
from byheart.comparison.page import WrittenComparison, verdicts_that_differ, write_comparison
from byheart.jax_settings import usual_settings
from byheart.pages.formatting import number
from byheart.results.atomic_write import writable

LONGEST_NAME = 80
"""Most letters of the name of a folder for a comparison."""


@usual_settings()
def compare(arguments: CompareArguments, notify: Callable[[str], None]) -> int:
    """Run the command; return the exit status. `notify` is called with messages."""
    directories = [Path(directory) for directory in arguments.directories]
    runs = compared_runs(directories, notify)
    directory = _default_folder(directories) if arguments.out is None else Path(arguments.out)
    written = write_comparison(writable(directory), runs)
    _print(written, runs)
    print(f"\ncomparison: {visible(str(written.page))}")
    return 0


def _default_folder(directories: list[Path]) -> Path:
    """Return compare-A-B beside the first directory, or compare-A-and-3-others if that is long."""
    names = [directory.resolve().name for directory in directories]
    name = f"compare-{'-'.join(names)}"
    if len(name) > LONGEST_NAME:
        name = f"compare-{names[0][:LONGEST_NAME]}-and-{len(names) - 1}-others"
    return directories[0].resolve().parent / name


def _print(written: WrittenComparison, runs: tuple[ComparedRun, ...]) -> None:
    """Print what differs: settings, and the claims whose verdicts do, or whose numbers' difference excludes 0."""
    for one in written.settings:
        of = f"{one.experiment} " if one.experiment else ""
        print(visible(f"{of}{one.name}: {' | '.join(one.values)}"))
    for chapter in written.chapters:
        table = Table(box=None, pad_edge=False)
        for column in ("claim", "part", *map(visible, chapter.runs)):
            table.add_column(column)
        rows = [
            row
            for row in chapter.rows
            if row.verdicts_differ or any(cell.difference and cell.difference.excludes_zero for cell in row.cells)
        ]
        for row in rows:
            cells = [
                Text.assemble((cell.verdict, COLORS[cell.verdict]), f" {number(cell.part.interval.estimate)}")
                if cell.part
                else Text("–")
                for cell in row.cells
            ]
            table.add_row(Text(row.claim.name, "bold"), Text(row.part), *cells)
        if rows:
            print()
            rich.print(table)
    differing, shared = verdicts_that_differ(written.chapters)
    print(f"\n{len(differing)} of {shared} verdicts differ among {len(runs)} runs.")
    for sentence in written.alone:
        print(f"{visible(sentence)} It is not compared.")
