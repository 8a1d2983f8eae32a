"""The command `byheart reproduce`, which runs the whole paper."""

from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from byheart import checks
from byheart.cli.arguments import ReproduceArguments
from byheart.cli.claims_table import print_claims
from byheart.cli.executors import executor_of
from byheart.cli.plan_table import print_plan, print_totals
from byheart.cli.progress import shown_on
from byheart.cli.streams import visible
from byheart.cores import use_all_cores
from byheart.jax_settings import announced_usual_settings, check_platform
from byheart.program_cache import keep_compiled_programs
from byheart.reproduction.paper_page import WrittenPaper, write_whole_paper
from byheart.reproduction.reproduction import StoredRun, reproduction

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
    executor = executor_of(arguments)
    use_all_cores()
    check_platform()
    keep_compiled_programs(notify)
    directory = Path("runs") / f"reproduce-{arguments.scale}" if arguments.out is None else Path(arguments.out)
    whole = reproduction(
        directory,
        arguments.scale,
        arguments.data,
        arguments.data_dir,
        arguments.seeds,
        will_run=not arguments.dry_run,
    )
    output = Console(emoji=False)
    if arguments.dry_run:
        print_plan(whole, output)
        output.print()
        print_totals(whole, output)
        return 0
    print_totals(whole, errors)
    with shown_on(errors, whole.stages()) as progress:
        runs = whole.execute(progress, notify, executor)
    report_all(directory, runs)
    return 0


def report_all(directory: Path, runs: list[StoredRun]) -> WrittenPaper:
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
