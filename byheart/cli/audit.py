"""The command `byheart audit`, which judges the labels of a data set."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from rich.console import Console

from byheart import literals
from byheart.auditing.audit import executed
from byheart.auditing.examples import audited_examples
from byheart.auditing.files import write_files
from byheart.auditing.settings import AuditSettings
from byheart.auditing.stages import CHOICE, PLANTED, PreparedAudit, planned_seconds
from byheart.cli.arguments import AuditArguments
from byheart.cli.executors import executor_of
from byheart.cli.pace import measured_pace
from byheart.cli.progress import shown_on
from byheart.cli.streams import visible
from byheart.cores import use_all_cores
from byheart.data.loading.load import load
from byheart.execution.chunks import Job
from byheart.execution.progress import Progress
from byheart.jax_settings import announced_usual_settings, check_platform
from byheart.program_cache import keep_compiled_programs
from byheart.report.formatting import duration
from byheart.results.atomic_write import writable


def audit(arguments: AuditArguments, errors: Console, notify: Callable[[str], None]) -> int:
    """Run the command; return the exit status.

    Args:
        arguments: the arguments of the command.
        errors: the console of standard error.
        notify: called with messages of the audit.
    """
    with announced_usual_settings(notify):
        settings = _settings(arguments)
        executor = executor_of(arguments)
        use_all_cores()
        check_platform()
        keep_compiled_programs(notify)
        prepared = PreparedAudit(audited_examples(load(arguments.source, arguments.data_dir)), settings)
        directory = writable(_directory(arguments))
        pace = measured_pace()
        notify(_plan_in_words(prepared, {name: pace * one for name, one in prepared.planned_seconds().items()}))

        @contextlib.contextmanager
        def shown(job: Job) -> Iterator[Progress]:
            with shown_on(errors, [(job.label, job.label, pace * planned_seconds(job))]) as progress:
                yield progress

        result = executed(prepared, directory, executor, shown, notify)
        print(visible(repr(result)))
        print(f"\n{directory}: {', '.join(write_files(result, directory))}")
    return 0


def _settings(arguments: AuditArguments) -> AuditSettings:
    return AuditSettings(
        networks=arguments.networks,
        architecture=None if arguments.architecture is None else literals.parse(arguments.architecture),
        optimizer=None if arguments.optimizer is None else literals.parse(arguments.optimizer),
        epochs=arguments.epochs,
        plant=arguments.plant,
        seed_base=arguments.seed_base,
    )


def _directory(arguments: AuditArguments) -> Path:
    return Path("audits") / Path(arguments.source).stem if arguments.out is None else Path(arguments.out)


def _plan_in_words(prepared: PreparedAudit, seconds: Mapping[str, float]) -> str:
    """Return what will be trained, and the time that it may take."""
    data, n = prepared.examples.dataset, prepared.settings.networks
    planted = f", and {n} more with planted wrong labels" if PLANTED in seconds else ""
    return (
        f"{data!r}: {n} networks, each trained on half of the examples{planted}. The choice of size and epochs takes "
        f"about {duration(seconds[CHOICE])} on this machine, as busy as it is now, and all together at most about "
        f"{duration(sum(seconds.values()))}, with compiling not counted."
    )
