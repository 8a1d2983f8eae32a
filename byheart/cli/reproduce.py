"""The command `byheart reproduce`, which runs the whole paper."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from byheart import checks
from byheart.cli.arguments import ReproduceArguments
from byheart.cli.claims_table import print_claims
from byheart.cli.climbing import climb
from byheart.cli.data_notes import print_data_notes
from byheart.cli.executors import executor_of
from byheart.cli.garbage_collection import without_garbage_collection
from byheart.cli.pace import measured_pace
from byheart.cli.plan_table import print_expected, print_plan, print_totals
from byheart.cli.progress import shown_on
from byheart.cli.streams import visible
from byheart.cores import use_all_cores
from byheart.data.loading.options import LoadingOptions
from byheart.experiments.finding import tally_of
from byheart.jax_settings import announced_usual_settings, check_platform
from byheart.program_cache import has_programs, keep_compiled_programs
from byheart.report.chapters import ShownChapter
from byheart.report.growing_reports import GrowingReports
from byheart.reproduction.paper_page import DrawnRun, WrittenPaper, write_whole_paper
from byheart.reproduction.reproduction import reproduction
from byheart.runs.run import PreparedRun

Notify = Callable[[str], None]


def reproduce(arguments: ReproduceArguments, errors: Console, notify: Notify) -> int:
    """Run the command; return the exit status.

    Args:
        arguments: the arguments of the command.
        errors: the console of standard error.
        notify: called with messages of the run.
    """
    with announced_usual_settings(notify):
        return _reproduce(arguments, errors, notify)


def _reproduce(arguments: ReproduceArguments, errors: Console, notify: Notify) -> int:
    until = arguments.deadline(time.monotonic())
    executor = executor_of(arguments)
    use_all_cores()
    check_platform()
    folder = keep_compiled_programs(notify)
    compiles = not has_programs(folder)
    directory = Path("runs") / f"reproduce-{arguments.scale}" if arguments.out is None else Path(arguments.out)
    with without_garbage_collection():
        whole = reproduction(
            directory,
            arguments.scale,
            arguments.data,
            arguments.data_dir,
            arguments.seeds,
            will_run=not arguments.dry_run,
            seed_base=arguments.seed_base,
            until_decided=arguments.until_decided,
            reading=LoadingOptions(embedding=arguments.embedding),
        )
    for run in whole.runs:
        print_data_notes(run.record.facts, notify)
    output = Console(emoji=False)
    if arguments.dry_run:
        print_plan(whole, output)
        output.print()
        print_totals(whole, output)
        return 0
    stages = whole.stages(measured_pace(), compiles)
    print_totals(whole, errors)
    print_expected(stages, errors)
    current = list(whole.runs)
    with GrowingReports() as reports:
        with shown_on(errors, stages) as progress:

            def on_drawn(run: PreparedRun, view: ShownChapter) -> None:
                progress.judged(whole.title_of(run, view.experiment.name), tally_of(view.judgments))
                so_far = [DrawnRun(one.directory, one.record, reports.of(one)) for one in current]
                write_whole_paper(directory, [one for one in so_far if one.chapters])

            runs = whole.execute(
                progress, notify, executor, on_chapter=lambda run, chapter: reports.add(run, chapter, on_drawn)
            )
            reports.finish()
        if arguments.until_decided:
            chapters = {run.directory: run.chapters for run in runs}
            current = climb(
                whole.runs, [chapters[run.directory] for run in whole.runs], until, errors, notify, executor,
                lambda run, chapter: reports.add(run, chapter, on_drawn),
            )  # fmt: skip
            reports.finish()
        drawn = {run.directory: DrawnRun(run.directory, run.record, reports.of(run)) for run in current}
    report_all(directory, [drawn.get(run.directory) or DrawnRun.of(run) for run in runs])
    return 0


def report_all(directory: Path, runs: Sequence[DrawnRun]) -> WrittenPaper:
    """Write the page of all runs, and print their claims; return what was written.

    Raises:
        BadInput: there are no results.
    """
    if not any(run.chapters for run in runs):
        raise checks.BadInput(f"{directory} holds no finished results yet; `byheart reproduce` makes them.")
    written = write_whole_paper(directory, runs)
    for data, chapters in written.claims:
        print(f"\n{visible(data)}")
        print_claims(chapters)
    print(f"\nreport: {visible(str(written.page))}")
    return written
