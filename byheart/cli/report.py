"""The command `byheart report`, which redraws figures and page from stored results."""

from collections.abc import Callable
from pathlib import Path

from byheart import checks
from byheart.cli.arguments import ReportArguments
from byheart.cli.claims_table import print_written
from byheart.cli.reproduce import report_all
from byheart.jax_settings import usual_settings
from byheart.report.run_page import write_report
from byheart.reproduction.reproduction import stored_runs
from byheart.runs.record import FILE
from byheart.runs.run import stored_chapters


@usual_settings()
def report(arguments: ReportArguments, notify: Callable[[str], None]) -> int:
    """Run the command; return the exit status. `notify` is called with messages."""
    directory = Path(arguments.directory)
    if not (directory / FILE).exists() and (runs := stored_runs(directory, notify)):
        report_all(directory, runs)
        return 0
    record, chapters = stored_chapters(directory, notify)
    if not chapters:
        raise checks.BadInput(f"{directory} holds no finished results yet; `byheart run` makes them.")
    print_written(write_report(directory, record, chapters))
    return 0
