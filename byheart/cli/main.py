"""The command `byheart`: list, run, reproduce, report.

Exit status: 0 if the run completed, whatever its verdicts; 1 if it failed, for example because a disk is full or the
reader of the output closed; 2 for bad input; 130 if interrupted.
"""

import dataclasses
import functools
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any, NoReturn

import rich
import tyro
from rich.console import Console
from rich.table import Table

from byheart import checks
from byheart.cli.arguments import ReportArguments, RunArguments, executor_of, for_experiment, overridden, with_preset
from byheart.cli.cautions import cautions_in_one_line
from byheart.cli.claims_table import print_claims
from byheart.cli.experiments import common_scale, experiment_named, names_experiment
from byheart.cli.progress import shown_on
from byheart.cli.reproduce import report_all, reproduce
from byheart.cli.streams import flush, let_any_text_be_printed, visible
from byheart.cores import leave_accelerators_to_others, use_all_cores
from byheart.data.loading.load import load
from byheart.execution.executor import Executor
from byheart.execution.ray_executor import TaskLost
from byheart.experiments.data_summary import DataSummary
from byheart.jax_settings import check_platform, unusual, usual_settings
from byheart.paper.catalog import EXPERIMENTS
from byheart.report.run_page import Written, write_report
from byheart.reproduction.reproduction import stored_runs
from byheart.results.atomic_write import WriteError
from byheart.runs.record import FILE, Record
from byheart.runs.run import PreparedRun, prepare, stored_chapters

USAGE = """usage: byheart list                     experiments: name, figure, what it shows
       byheart run NAME [NAME ...]      run experiments and write their report (--help lists all arguments)
       byheart run NAME --help          list the settings of an experiment
       byheart run my_module:MyClass    run an experiment of your own (docs/own_experiment.md)
       byheart reproduce                run the whole paper and write one report of all claims (--help, --dry-run)
       byheart report DIR               redraw figures and page from stored results; trains nothing"""
FAILED, BAD_INPUT, INTERRUPTED = 1, 2, 130
SECONDS_UNTIL_RESENT = 0.05


def command() -> NoReturn:
    """Run the command line and end the process.

    If interrupted, it exits at once. A normal exit of Python would wait for the threads in which JAX still computes.
    """
    sys.unraisablehook = _resend_interrupt
    let_any_text_be_printed()
    try:
        status: Any = main()
    except SystemExit as ending:
        status = ending.code
    except OSError:
        if not (unprinted := flush(trying=True)):
            raise
        status = _unprinted(unprinted)
    if unprinted := flush():
        failed = _unprinted(unprinted)
        status = status or failed
    if status == INTERRUPTED:
        os._exit(status)
    sys.exit(status)


def _unprinted(problem: OSError) -> int:
    """Report that the output cannot be written, unless its reader closed it, such as `head`; return the exit status."""
    if not isinstance(problem, BrokenPipeError):
        _print(_errors(), f"the output cannot be written ({problem.strerror or problem}).", style="red")
        flush()
    return FAILED


def _resend_interrupt(dropped: "sys.UnraisableHookArgs") -> None:
    """Re-send a KeyboardInterrupt that Python swallowed inside `__del__`."""
    if dropped.exc_type is KeyboardInterrupt:
        again = threading.Timer(SECONDS_UNTIL_RESENT, os.kill, (os.getpid(), signal.SIGTERM))
        again.daemon = True
        again.start()
    else:
        sys.__unraisablehook__(dropped)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    words = sys.argv[1:] if arguments is None else arguments
    errors = _errors()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with cautions_in_one_line(functools.partial(_print, errors)):
            return _command(words, errors)
    except checks.BadInput as problem:
        _print(errors, str(problem), style="red")
        return BAD_INPUT
    except (TaskLost, WriteError) as problem:
        _print(errors, str(problem), style="red")
        return FAILED
    except KeyboardInterrupt:
        _print(errors, "interrupted. Finished work is kept; run the same command again to resume.")
        return INTERRUPTED


def _errors() -> Console:
    """Return the console of standard error, without emoji: `:cat:` is printed as it is."""
    return Console(stderr=True, emoji=False)


def _print(errors: Console, sentence: str, style: str | None = None) -> None:
    """Print a message for the user on standard error."""
    errors.print(f"byheart: {visible(sentence)}", style=style, highlight=False, markup=False, soft_wrap=True)


def _command(words: list[str], errors: Console) -> int:
    if not words or words[0] in ("-h", "--help"):
        print(USAGE)
        return 0 if words else BAD_INPUT
    commands = {"list": _list, "run": _run, "reproduce": _reproduce, "report": _report}
    chosen = commands[checks.known("command", words[0], commands)]
    if chosen in (_run, _reproduce) and (found := unusual()):
        named = ", ".join(f"{name}={value!r}" for name, value in found.items())
        _print(
            errors,
            f"JAX is set to {named}; runs ignore these settings, so that their numbers are the same everywhere.",
        )
    with usual_settings():
        return chosen(words[1:], errors)


def _list(words: list[str], errors: Console) -> int:
    del errors
    if words:
        raise checks.BadInput(f"`byheart list` takes no arguments; got {' '.join(words)}.")
    table = Table(box=None, pad_edge=False)
    for column in ("experiment", "figure", "what it shows"):
        table.add_column(column)
    for name, experiment in EXPERIMENTS.items():
        table.add_row(name, experiment.figure, experiment.summary)
    rich.print(table)
    return 0


def _run(words: list[str], errors: Console) -> int:
    use_all_cores()
    run, executor = _prepared(words)
    with shown_on(errors) as progress:
        chapters = run.execute(progress, functools.partial(_print, errors), executor)
    _show(write_report(run.directory, run.record, chapters))
    return 0


def _reproduce(words: list[str], errors: Console) -> int:
    return reproduce(words, errors, functools.partial(_print, errors))


def _report(words: list[str], errors: Console) -> int:
    arguments = tyro.cli(ReportArguments, args=words, prog="byheart report")
    directory, notify = Path(arguments.directory), functools.partial(_print, errors)
    if not (directory / FILE).exists() and (runs := stored_runs(directory, notify)):
        report_all(directory, runs)
        return 0
    record, chapters = stored_chapters(directory, notify)
    if not chapters:
        raise checks.BadInput(f"{directory} holds no finished results yet; `byheart run` makes them.")
    _show(write_report(directory, record, chapters))
    return 0


def _prepared(words: list[str]) -> tuple[PreparedRun, Executor]:
    """Return the checked run and its executor, from the words after `byheart run`."""
    asks_help = [word for word in words if word in ("-h", "--help")]
    names = [word for word in words if names_experiment(word)]
    known_words = [word for word in words if word not in asks_help] if names else words
    arguments, rest = tyro.cli(RunArguments, args=known_words, prog="byheart run", return_unknown_args=True)
    executor = executor_of(arguments)
    if arguments.executor == "ray":
        leave_accelerators_to_others()
    check_platform()
    if len(arguments.names) == 1 and arguments.names[0].endswith(".json"):
        return _repeated(arguments, rest), executor
    if not arguments.names:
        raise checks.BadInput("`byheart run` needs the name of an experiment; see `byheart list`.")
    kinds = [experiment_named(name) for name in arguments.names]
    if len({kind.name for kind in kinds}) < len(kinds):
        raise checks.BadInput(f"Each experiment can be named once; got {' '.join(arguments.names)}.")
    scale = common_scale(kinds, arguments.scale)
    split = load(arguments.data, arguments.data_dir)
    facts = DataSummary.of(split)
    given = {name: value for name in ("seeds", "seed_base") if (value := getattr(arguments, name)) is not None}
    declared = [kind.for_data(facts, scale) for kind in kinds]
    if arguments.preset is not None:
        declared = with_preset(declared, arguments.preset)
    declared = [dataclasses.replace(one, **given) for one in declared]
    experiments = [
        overridden(one, for_experiment(one, declared, rest) + asks_help, f"byheart run {name}")
        for name, one in zip(arguments.names, declared, strict=True)
    ]
    words_of_folder = [*(kind.name for kind in kinds), Path(arguments.data).stem, *([scale] if scale else [])]
    default = Path("runs") / "-".join(words_of_folder)
    directory = default if arguments.out is None else Path(arguments.out)
    return prepare(experiments, split, arguments.data, scale, directory), executor


def _repeated(arguments: RunArguments, rest: list[str]) -> PreparedRun:
    """Return the run that an experiment.json describes, in another directory."""
    record = Record.read(Path(arguments.names[0]))
    if (
        rest
        or arguments.out is None
        or arguments.preset
        or arguments.seeds is not None
        or arguments.seed_base is not None
    ):
        raise checks.BadInput("To repeat a run, give its experiment.json and --out DIR, and no settings.")
    split = load(record.data, arguments.data_dir)
    run = prepare([part.experiment for part in record.parts], split, record.data, record.scale, Path(arguments.out))
    return dataclasses.replace(run, record=run.record.continued(record, Path(arguments.names[0])))


def _show(written: Written) -> None:
    print_claims(written.chapters)
    print(f"\nreport: {visible(str(written.page))}")
