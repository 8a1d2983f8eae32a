"""Arguments of the commands, with the checks that need no data, no JAX and no time."""

import re
from collections.abc import Sequence
from pathlib import Path

import tyro

from byheart import checks
from byheart.cli.arguments import (
    AuditArguments,
    CompareArguments,
    EmbedArguments,
    ExecutorArguments,
    ReportArguments,
    ReproduceArguments,
    RunArguments,
)
from byheart.data.loading.chosen import check_data, check_data_dir, chosen_folder, is_local
from byheart.data.loading.options import LoadingOptions
from byheart.later.catalog import LATER
from byheart.paper.catalog import CATALOG
from byheart.report.lengths import width_in_inches

_REFERENCE = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")
_HELP = ("-h", "--help")
LOWEST_DPI, HIGHEST_DPI = 30, 2400


def run_arguments(words: list[str]) -> tuple[RunArguments, list[str]]:
    """Return the arguments of `byheart run`, and the words about settings of experiments, the wish for help among them.

    Raises:
        BadInput: an experiment, a data set, a file or a folder does not exist, or an option needs another.
    """
    asks_help = [word for word in words if word in _HELP]
    has_names = any(map(names_experiment, words))
    known_words = [word for word in words if word not in asks_help] if has_names else words
    arguments, rest = tyro.cli(RunArguments, args=known_words, prog="byheart run", return_unknown_args=True)
    _check_executor(arguments)
    if len(arguments.names) == 1 and arguments.names[0].endswith(".json"):
        return arguments, rest + asks_help
    if not arguments.names:
        raise checks.BadInput("`byheart run` needs the name of an experiment; see `byheart list`.")
    for name in arguments.names:
        if ":" not in name:
            checks.known("experiment", name, CATALOG | LATER)
    check_data(arguments.data, arguments.reading.options())
    _check_data_folder([arguments.data], arguments.data_dir)
    return arguments, rest + asks_help


def reproduce_arguments(words: list[str]) -> ReproduceArguments:
    """Return the arguments of `byheart reproduce`.

    Raises:
        BadInput: a data set, a file or a folder does not exist, or an option needs another.
    """
    arguments = tyro.cli(ReproduceArguments, args=words, prog="byheart reproduce")
    _check_executor(arguments)
    if arguments.embedding is not None and len(arguments.data) != 1:
        raise checks.BadInput("--embedding holds the vectors of one data set: name it, such as --data pictures.")
    for source in arguments.data:
        check_data(source, LoadingOptions(embedding=arguments.embedding))
    _check_data_folder(arguments.data, arguments.data_dir)
    return arguments


def report_arguments(words: list[str]) -> ReportArguments:
    """Return the arguments of `byheart report`.

    Raises:
        BadInput: there is no such directory, or options about files of figures do not fit together.
    """
    arguments = tyro.cli(ReportArguments, args=words, prog="byheart report")
    _check_files(arguments)
    if not Path(arguments.directory).exists():
        raise checks.BadInput(f"There is no directory {arguments.directory}. Check the path; `byheart run` makes one.")
    _check_log(arguments)
    return arguments


def _check_log(arguments: ReportArguments) -> None:
    """Check the options about the page of a log."""
    if Path(arguments.directory).is_file():
        if arguments.format:
            raise checks.BadInput("--format writes the figures of runs; a log has a page alone.")
        if arguments.data is not None:
            check_data(arguments.data, arguments.reading.options())
            _check_data_folder([arguments.data], arguments.data_dir)
    elif arguments.data is not None or arguments.out is not None:
        raise checks.BadInput(f"--data and --out are for the file of a log; {arguments.directory} is a directory.")


def compare_arguments(words: list[str]) -> CompareArguments:
    """Return the arguments of `byheart compare`.

    Raises:
        BadInput: a directory does not exist, none is given, or the comparison would be written into one of the runs.
    """
    arguments = tyro.cli(CompareArguments, args=words, prog="byheart compare")
    if not arguments.directories:
        raise checks.BadInput("`byheart compare` needs the directories of at least two runs.")
    for directory in arguments.directories:
        if not Path(directory).is_dir():
            raise checks.BadInput(f"There is no directory {directory}. Check the path; `byheart run` makes one.")
    runs = {Path(directory).resolve() for directory in arguments.directories}
    if arguments.out is not None and Path(arguments.out).resolve() in runs:
        raise checks.BadInput(f"{arguments.out} is one of the runs; choose another --out for the comparison.")
    return arguments


def audit_arguments(words: list[str]) -> AuditArguments:
    """Return the arguments of `byheart audit`.

    Raises:
        BadInput: the data set, a file or a folder does not exist, or an option needs another.
    """
    arguments = tyro.cli(AuditArguments, args=words, prog="byheart audit")
    _check_executor(arguments)
    _check_review(arguments)
    check_data(arguments.source, arguments.reading.options())
    _check_data_folder([arguments.source], arguments.data_dir)
    return arguments


def embed_arguments(words: list[str]) -> EmbedArguments:
    """Return the arguments of `byheart embed`.

    Raises:
        BadInput: the data set, a file or a folder does not exist, or an option has a value that it cannot have.
    """
    arguments = tyro.cli(EmbedArguments, args=words, prog="byheart embed")
    checks.count("--batch", arguments.batch)
    if not arguments.encoder.startswith("torch:"):
        raise checks.BadInput(
            f"`--encoder` must be written like torch:my_module:encoder(); got {checks.shown(arguments.encoder)}."
        )
    if Path(arguments.out).suffix != ".npy":
        raise checks.BadInput(f"`--out` must end in .npy; got {arguments.out}.")
    if not Path(arguments.out).absolute().parent.is_dir():
        raise checks.BadInput(f"There is no folder {Path(arguments.out).parent}. Make it, or choose another --out.")
    check_data(arguments.source, arguments.reading.options())
    _check_data_folder([arguments.source], arguments.data_dir)
    return arguments


def _check_review(arguments: AuditArguments) -> None:
    """Check that the file of a review exists, and that it is used in one way."""
    if arguments.reviewed is not None and arguments.apply is not None:
        raise checks.BadInput("--reviewed estimates from a review, and --apply corrects labels: give one of them.")
    if arguments.apply is not None and arguments.out is None:
        raise checks.BadInput("--apply needs a folder for the corrected labels: add --out, such as --out corrected.")
    given = arguments.reviewed or arguments.apply
    if given is not None and not Path(given).is_file():
        raise checks.BadInput(f"There is no file {given}. The page of an audit, report.html, saves a review.")


def _check_files(arguments: ReportArguments) -> None:
    """Check the options about files of figures."""
    if arguments.width is not None:
        width_in_inches(arguments.width)
    if arguments.width is not None and not arguments.format:
        raise checks.BadInput("`--width` is the width of figures as files; add `--format pdf`, svg or png.")
    if arguments.dpi is not None and "png" not in arguments.format:
        raise checks.BadInput("`--dpi` is the resolution of png files; add `--format png`. The others have none.")
    if arguments.dpi is not None and not LOWEST_DPI <= arguments.dpi <= HIGHEST_DPI:
        raise checks.BadInput(f"`--dpi` must be between {LOWEST_DPI} and {HIGHEST_DPI}; got {arguments.dpi}.")


def names_experiment(word: str) -> bool:
    """Return whether a word has the form of an experiment's name.

    >>> [names_experiment(word) for word in ("capacity", "my_module:Mine", "10.0.0.1:6379", "--data")]
    [True, True, False, False]
    """
    return word in CATALOG or word in LATER or _REFERENCE.fullmatch(word) is not None


def _check_data_folder(sources: Sequence[str], data_dir: str | None) -> None:
    """Check that the folder of official files exists; that of the environment only if a data set needs it."""
    check_data_dir(sources, data_dir)
    if data_dir is not None or not all(map(is_local, sources)):
        chosen_folder(data_dir)


def _check_executor(arguments: ExecutorArguments) -> None:
    """Check that settings of Ray come with `--executor ray`."""
    if arguments.executor != "ray" and (given := arguments.of_ray()):
        raise checks.BadInput(f"--{next(iter(given)).replace('_', '-')} needs `--executor ray`.")
