"""The command `byheart report`, which writes the page from stored results, and figures as files."""

from collections.abc import Callable, Sequence
from pathlib import Path

from byheart import checks
from byheart.cli.arguments import ReportArguments
from byheart.cli.claims_table import print_written
from byheart.cli.reproduce import report_all
from byheart.cli.streams import visible
from byheart.jax_settings import usual_settings
from byheart.report.chapters import ShownChapter
from byheart.report.exports import Form, export_figures
from byheart.report.lengths import width_in_inches
from byheart.report.run_page import write_report
from byheart.reproduction.paper_page import DrawnRun
from byheart.reproduction.reproduction import stored_runs
from byheart.runs.record import FILE
from byheart.runs.run import stored_chapters


@usual_settings()
def report(arguments: ReportArguments, notify: Callable[[str], None]) -> int:
    """Run the command; return the exit status. `notify` is called with messages."""
    directory = Path(arguments.directory)
    if not (directory / FILE).exists() and (runs := stored_runs(directory, notify)):
        paper = report_all(directory, [DrawnRun.of(run) for run in runs])
        for run, (_, chapters) in zip(runs, paper.claims, strict=True):
            _export(run.directory, chapters, arguments)
        return 0
    record, stored = stored_chapters(directory, notify)
    if not stored:
        raise checks.BadInput(f"{directory} holds no finished results yet; `byheart run` makes them.")
    written = write_report(directory, record, stored)
    print_written(written)
    _export(directory, written.chapters, arguments)
    return 0


def _export(directory: Path, chapters: Sequence[ShownChapter], arguments: ReportArguments) -> None:
    """Write the figures of a run as files, if formats are given."""
    if not arguments.format:
        return
    given = {} if arguments.width is None else {"width": width_in_inches(arguments.width)}
    form = Form(arguments.format, **given, dpi=arguments.dpi or Form.dpi)
    paths = export_figures(directory, chapters, form)
    if paths:
        print(f"figures: {len(paths)} files in {visible(str(paths[0].parent))}")
