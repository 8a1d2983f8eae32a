"""Completion of the command line by shells. The script is tyro's."""

import contextlib
import dataclasses
import functools
import io
import operator
from typing import Annotated, Any

import tyro

from byheart.cli.arguments import (
    AuditArguments,
    CompareArguments,
    EmbedArguments,
    ReportArguments,
    ReproduceArguments,
    RunArguments,
)
from byheart.later.catalog import LATER
from byheart.paper.catalog import CATALOG

OPTION = "--tyro-print-completion"
SHELLS = ("bash", "zsh")


@dataclasses.dataclass(frozen=True)
class ListArguments:
    """List the experiments."""


def completion_script(shell: str) -> str:
    """Return the script that makes a shell complete commands, experiments and options.

    Args:
        shell: one of `SHELLS`.
    """
    options = [field for field in dataclasses.fields(RunArguments) if field.name != "names"]
    of_a_run = dataclasses.make_dataclass(
        "Run", [(field.name, field.type, dataclasses.field(default=field.default)) for field in options]
    )
    experiments = _one_of(dict.fromkeys(CATALOG | LATER, of_a_run))
    without_prefix: Any = tyro.conf.OmitSubcommandPrefixes
    run = dataclasses.make_dataclass("RunArguments", [("experiment", without_prefix[experiments])])
    commands = {
        "list": ListArguments,
        "run": run,
        "reproduce": ReproduceArguments,
        "audit": AuditArguments,
        "embed": EmbedArguments,
        "report": ReportArguments,
        "compare": CompareArguments,
    }
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.suppress(SystemExit):
        tyro.cli(_one_of(commands), prog="byheart", args=[OPTION, shell])
    # A line break within the description of an option would end its completion.
    return "\n".join(
        line.replace("\\n", " ") if line.startswith("COMPLETION_SPEC") else line
        for line in printed.getvalue().splitlines()
    )


def _one_of(commands: dict[str, Any]) -> Any:
    """Return the type of a choice among subcommands."""
    return functools.reduce(
        operator.or_, (Annotated[kind, tyro.conf.subcommand(name)] for name, kind in commands.items())
    )
