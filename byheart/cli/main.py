"""The command `byheart`: list, run, reproduce, audit, embed, report, compare.

What runs and reports is imported when a command needs it: help, the list of experiments and mistyped words cost no more
than Python and the parser of arguments (benchmarks/start_up.py).

Exit status: 0 if the run completed, whatever its verdicts; 1 if it failed, for example because a disk is full or the
reader of the output closed; 2 for bad input; 130 if interrupted.
"""

import functools
import os
import signal
import sys
import threading
from typing import Any, NoReturn

from rich.console import Console

import byheart
from byheart import checks
from byheart.cli.cautions import cautions_in_one_line
from byheart.cli.completion import OPTION, SHELLS, completion_script
from byheart.cli.early_checks import (
    audit_arguments,
    compare_arguments,
    embed_arguments,
    report_arguments,
    reproduce_arguments,
    run_arguments,
)
from byheart.cli.garbage_collection import without_garbage_collection
from byheart.cli.listing import print_experiments
from byheart.cli.streams import flush, let_any_text_be_printed, visible

USAGE = """usage: byheart list                     experiments: name, figure, what it shows
       byheart run NAME [NAME ...]      run experiments and write their report (--help lists all arguments)
       byheart run NAME --help          list the settings of an experiment
       byheart run my_module:MyClass    run an experiment of your own (docs/own_experiment.md)
       byheart reproduce                run the whole paper and write one report of all claims (--help, --dry-run)
       byheart audit SOURCE             find suspect labels, and examples that are memorized, ambiguous or hard (--help)
       byheart embed SOURCE             write vectors of an encoder of your own, for --embedding (--help)
       byheart report DIR               write the page again from stored results; figures as files: --format pdf
       byheart report LOG.npz --data SOURCE    write the page of a log of your own training loop
       byheart compare DIR DIR ...      compare runs: settings, claims with their differences, curves in one picture
       byheart --version                print the version
       byheart --tyro-print-completion bash|zsh    print a script with which the shell completes commands"""
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
    except checks.Failure as problem:
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
    if words == ["--version"]:
        print(f"byheart {byheart.__version__}")
        return 0
    if words[0] == OPTION:
        return _print_completion(words[1:])
    commands = {
        "list": _list,
        "run": _run,
        "reproduce": _reproduce,
        "audit": _audit,
        "embed": _embed,
        "report": _report,
        "compare": _compare,
    }
    return commands[checks.known("command", words[0], commands)](words[1:], errors)


def _list(words: list[str], errors: Console) -> int:
    del errors
    if words:
        raise checks.BadInput(f"`byheart list` takes no arguments; got {' '.join(words)}.")
    print_experiments()
    return 0


def _print_completion(words: list[str]) -> int:
    if len(words) != 1:
        raise checks.BadInput(f"Name one shell to print a script for: {', '.join(SHELLS)}.")
    print(completion_script(checks.known("shell", words[0], SHELLS)))
    return 0


def _run(words: list[str], errors: Console) -> int:
    arguments, settings = run_arguments(words)
    with without_garbage_collection():
        from byheart.cli.run import run
    return run(arguments, settings, errors, functools.partial(_print, errors))


def _reproduce(words: list[str], errors: Console) -> int:
    arguments = reproduce_arguments(words)
    with without_garbage_collection():
        from byheart.cli.reproduce import reproduce
    return reproduce(arguments, errors, functools.partial(_print, errors))


def _audit(words: list[str], errors: Console) -> int:
    arguments = audit_arguments(words)
    with without_garbage_collection():
        from byheart.cli.audit import audit
    return audit(arguments, errors, functools.partial(_print, errors))


def _embed(words: list[str], errors: Console) -> int:
    arguments = embed_arguments(words)
    with without_garbage_collection():
        from byheart.cli.embed import embed
    return embed(arguments, errors, functools.partial(_print, errors))


def _report(words: list[str], errors: Console) -> int:
    arguments = report_arguments(words)
    if os.path.isfile(arguments.directory):
        from byheart.cli.dynamics_report import report_dynamics

        return report_dynamics(arguments, functools.partial(_print, errors))
    from byheart.cli.report import report

    return report(arguments, functools.partial(_print, errors))


def _compare(words: list[str], errors: Console) -> int:
    arguments = compare_arguments(words)
    from byheart.cli.compare import compare

    return compare(arguments, functools.partial(_print, errors))
