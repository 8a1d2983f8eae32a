"""The command `byheart audit`, which judges the labels of a data set."""

import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from byheart import literals
from byheart.auditing.audit import executed
from byheart.auditing.corrected import check_is_new, corrected_labels, write_corrected
from byheart.auditing.examples import AuditedExamples, audited_examples
from byheart.auditing.files import write_files
from byheart.auditing.reviews import NO_LABEL, Review, read_review
from byheart.auditing.settings import AuditSettings
from byheart.auditing.stages import PreparedAudit
from byheart.cli.arguments import AuditArguments
from byheart.cli.data_notes import print_data_notes
from byheart.cli.executors import executor_of
from byheart.cli.pace import measured_pace
from byheart.cli.progress import shown_on
from byheart.cli.streams import visible
from byheart.cores import use_all_cores
from byheart.data.loading.chosen import name_of
from byheart.data.loading.load_data import load_by
from byheart.execution.chunks import Job
from byheart.execution.progress import Progress
from byheart.jax_settings import announced_usual_settings, check_platform
from byheart.pages.formatting import duration
from byheart.program_cache import has_programs, keep_compiled_programs
from byheart.results.atomic_write import writable
from byheart.sweeps.plan import Totals


def audit(arguments: AuditArguments, errors: Console, notify: Callable[[str], None]) -> int:
    """Run the command; return the exit status.

    Args:
        arguments: the arguments of the command.
        errors: the console of standard error.
        notify: called with messages of the audit.
    """
    if arguments.apply is not None:
        return _apply(arguments, notify)
    with announced_usual_settings(notify):
        settings = _settings(arguments)
        executor = executor_of(arguments)
        use_all_cores()
        check_platform()
        compiles = not has_programs(keep_compiled_programs(notify))
        examples = _examples(arguments, notify)
        prepared = PreparedAudit(examples, settings)
        review = _review(arguments.reviewed, examples)
        directory = writable(_directory(arguments))
        pace = measured_pace()

        def expected(job: Job) -> float:
            return Totals.of(job.sweep.plan(job.split, job.chunk_sizes)).expected(pace, compiles)

        notify(_plan_in_words(prepared, [expected(job) for job in prepared.largest_jobs()]))

        def shown(job: Job) -> contextlib.AbstractContextManager[Progress]:
            return shown_on(errors, [(job.label, job.label, expected(job))])

        result = executed(prepared, directory, executor, shown, notify)
        if review is not None:
            result = result.with_review(review)
        print(visible(repr(result)))
        print(f"\n{directory}: {', '.join(write_files(result, directory))}")
    return 0


def _examples(arguments: AuditArguments, notify: Callable[[str], None]) -> AuditedExamples:
    split = load_by(arguments.source, arguments.reading.options(), data_dir=arguments.data_dir)
    print_data_notes(split, notify)
    return audited_examples(split)


def _review(path: str | None, examples: AuditedExamples) -> Review | None:
    return None if path is None else read_review(path, examples.identities, examples.dataset.class_names)


def _apply(arguments: AuditArguments, notify: Callable[[str], None]) -> int:
    """Write the corrected labels as a new table; return the exit status."""
    directory = _directory(arguments)
    check_is_new(directory)
    examples = _examples(arguments, notify)
    review = _review(arguments.apply, examples)
    assert review is not None
    table = corrected_labels(review, examples.identities, examples.dataset.class_names)
    path = write_corrected(table, writable(directory))
    n_open = int(((review.marks == "wrong") & (review.new_labels == NO_LABEL)).sum())
    print(f"{path}: {len(table):,} labels, {int(table.changed.sum()):,} of them changed.")
    if n_open:
        print(f"{n_open:,} labels are marked wrong without a new one, and are kept.")
    return 0


def _settings(arguments: AuditArguments) -> AuditSettings:
    return AuditSettings(
        networks=arguments.networks,
        architecture=None if arguments.architecture is None else literals.parse(arguments.architecture),
        optimizer=literals.parse(arguments.optimizer),
        epochs=arguments.epochs,
        plant=arguments.plant,
        seed_base=arguments.seed_base,
    )


def _directory(arguments: AuditArguments) -> Path:
    return Path("audits") / name_of(arguments.source) if arguments.out is None else Path(arguments.out)


def _plan_in_words(prepared: PreparedAudit, seconds: Sequence[float]) -> str:
    """Return a sentence with the networks to train and the time that it may take.

    Args:
        prepared: the audit.
        seconds: the most that each stage may take; the choice comes first.
    """
    data, settings = prepared.examples.dataset, prepared.settings
    planted = "" if settings.plant is None else f", and {settings.networks} more with planted wrong labels"
    return (
        f"{data!r}: {settings.networks} networks, each trained on half of the examples{planted}. On this machine, as "
        f"busy as it is now, expect {duration(seconds[0])} for the choice of {prepared.choice_in_words}, and at most "
        f"about {duration(sum(seconds))} in all."
    )
