"""The command `byheart run`, which runs experiments and writes their report."""

import dataclasses
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from byheart import checks
from byheart.cli.arguments import RunArguments
from byheart.cli.data_notes import print_data_notes, print_networks
from byheart.cli.executors import executor_of
from byheart.cli.experiments import common_scale, experiment_named
from byheart.cli.garbage_collection import without_garbage_collection
from byheart.cli.pace import measured_pace
from byheart.cli.settings import for_experiment, overridden, with_preset
from byheart.cores import use_all_cores
from byheart.data.loading.chosen import NAMES, name_of
from byheart.data.loading.load_data import load_by
from byheart.data.loading.options import LoadingOptions
from byheart.experiments.data_summary import DataSummary
from byheart.experiments.finding import tally_of
from byheart.jax_settings import announced_usual_settings, check_platform
from byheart.program_cache import has_programs, keep_compiled_programs
from byheart.runs.ladder import with_seeds
from byheart.runs.plan import plan_of
from byheart.runs.record import Record
from byheart.runs.run import PreparedRun, prepare


def run(arguments: RunArguments, settings: list[str], errors: Console, notify: Callable[[str], None]) -> int:
    """Run the command; return the exit status.

    Args:
        arguments: the arguments of the command.
        settings: the words about settings of experiments, and the wish for help.
        errors: the console of standard error.
        notify: called with messages of the run.
    """
    with announced_usual_settings(notify):
        until = arguments.deadline(time.monotonic())
        executor = executor_of(arguments)
        use_all_cores()
        check_platform()
        compiles = not has_programs(keep_compiled_programs(notify))
        with without_garbage_collection():
            prepared = _prepared(arguments, settings)
        print_data_notes(prepared.record.facts, notify)
        if prepared.record.data not in NAMES:
            print_networks([part.experiment for part in prepared.record.parts], notify)
        from byheart.cli.claims_table import print_written  # Drawing is not imported to show help and bad settings.
        from byheart.cli.progress import shown_on
        from byheart.report.chapters import ShownChapter
        from byheart.report.growing_reports import GrowingReports
        from byheart.report.run_page import write_shown

        pace = measured_pace()
        plans = {one.experiment.name: one.expected(pace, compiles) for one in plan_of(prepared)}
        planned = [(name, name, seconds) for name, seconds in plans.items()]
        with GrowingReports() as reports:
            with shown_on(errors, planned) as progress:

                def on_drawn(run: PreparedRun, view: ShownChapter) -> None:
                    progress.judged(view.experiment.name, tally_of(view.judgments))
                    write_shown(run.directory, run.record, reports.of(run))

                chapters = prepared.execute(
                    progress, notify, executor, on_chapter=lambda chapter: reports.add(prepared, chapter, on_drawn)
                )
                reports.finish()
            if arguments.until_decided:
                from byheart.cli.climbing import climb

                (prepared,) = climb(
                    [prepared], [chapters], until, errors, notify, executor,
                    lambda run, chapter: reports.add(run, chapter, on_drawn),
                )  # fmt: skip
                reports.finish()
        print_written(write_shown(prepared.directory, prepared.record, reports.of(prepared)))
    return 0


def _prepared(arguments: RunArguments, settings: list[str]) -> PreparedRun:
    """Return the checked run."""
    if len(arguments.names) == 1 and arguments.names[0].endswith(".json"):
        return _repeated(arguments, settings)
    kinds = [experiment_named(name) for name in arguments.names]
    if len({kind.name for kind in kinds}) < len(kinds):
        raise checks.BadInput(f"Each experiment can be named once; got {' '.join(arguments.names)}.")
    scale = common_scale(kinds, arguments.scale)
    options = arguments.reading.options()
    split = load_by(arguments.data, options, data_dir=arguments.data_dir)
    facts = DataSummary.of(split)
    declared = [kind.for_data(facts, scale) for kind in kinds]
    if arguments.preset is not None:
        declared = with_preset(declared, arguments.preset)
    declared = [with_seeds(one, arguments.seeds, arguments.seed_base, arguments.until_decided) for one in declared]
    experiments = [
        overridden(one, for_experiment(one, declared, settings), f"byheart run {name}")
        for name, one in zip(arguments.names, declared, strict=True)
    ]
    words_of_folder = [*(kind.name for kind in kinds), name_of(arguments.data), *([scale] if scale else [])]
    default = Path("runs") / "-".join(words_of_folder)
    directory = default if arguments.out is None else Path(arguments.out)
    return prepare(experiments, split, arguments.data, scale, directory, options.given(), arguments.until_decided)


def _repeated(arguments: RunArguments, settings: Sequence[str]) -> PreparedRun:
    """Return the run that an experiment.json describes, in another directory."""
    record = Record.read(Path(arguments.names[0]))
    if (
        settings
        or arguments.out is None
        or arguments.preset
        or arguments.seeds is not None
        or arguments.seed_base is not None
        or arguments.until_decided
        or arguments.reading.options().given()
    ):
        raise checks.BadInput("To repeat a run, give its experiment.json and --out DIR, and no settings.")
    split = load_by(record.data, LoadingOptions.of_record(record.reading), data_dir=arguments.data_dir)
    experiments = [part.experiment for part in record.parts]
    run = prepare(experiments, split, record.data, record.scale, Path(arguments.out), record.reading)
    return dataclasses.replace(run, record=run.record.continued(record, Path(arguments.names[0])))
