"""The audit of a data set: one population of networks, from which every score of every example follows."""

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import xarray as xr

from byheart.auditing.bar import BarProgress
from byheart.auditing.examples import audited_examples
from byheart.auditing.files import check_is_same_audit, write_files
from byheart.auditing.learners import check_can_be_stored, checked_learner
from byheart.auditing.result import Audit
from byheart.auditing.settings import AuditSettings
from byheart.auditing.stages import PreparedAudit
from byheart.data.loading.load_data import load_data
from byheart.execution.chunks import Job
from byheart.execution.executor import Executor
from byheart.execution.local_executor import ThisMachine
from byheart.execution.progress import Progress
from byheart.networks.network import Architecture
from byheart.progress_bar import bar_of
from byheart.results.store import Store
from byheart.sweeps.plan import short_repr
from byheart.training.optimizers import Adam, Optimizer

RESULTS = "results"
"""Folder, inside that of an audit, with the results of its chunks."""

Shown = Callable[[Job], contextlib.AbstractContextManager[Progress]]
"""Returns a context manager that shows the progress of a job."""


def audit(
    data: Any,
    labels: Any = None,
    *,
    networks: int = 40,
    architecture: Architecture | None = None,
    optimizer: Optimizer = Adam(),
    epochs: int | None = None,
    plant: float | None = None,
    seed_base: int = 0,
    learner: Any = None,
    out: str | Path | None = None,
    executor: Executor = ThisMachine(),
    show_progress: bool = True,
) -> Audit:
    """Find suspect labels, and examples that are memorized, ambiguous or hard.

    Networks are trained in pairs on complementary random halves of the examples, in which every class keeps its share.
    So each example is seen by one network of a pair and held out of the other. docs/audit.md explains the scores,
    verdicts and limits. Nothing is deleted or changed: the audit ranks examples, and a person decides.

    Args:
        data: labelled examples: a `Split`, as `load_data` gives one, a `Dataset`, or any source that `load_data` reads
            without options, such as the path of a folder. All are audited, also those that a split has for validation.
        labels: (example,), the labels, if `data` are inputs alone, such as an array of features.
        networks: number of networks, even and at least 12.
        architecture: of all networks; None chooses the size by held-out accuracy.
        optimizer: of all networks.
        epochs: passes over half of the examples; None chooses the number by held-out accuracy.
        plant: share of labels to make wrong, at random, for a check: as many networks are trained once more, and
            `summary["planted"]` compares the share of them that is found with the stated power.
        seed_base: the first seed.
        learner: a classifier with scikit-learn's interface, or a function `fit(inputs, labels, seed)` that returns a
            function which predicts probabilities: trained in place of networks, with its own settings. Scores of
            training are then NaN. None trains networks.
        out: folder for results. A call with the same arguments resumes there. None keeps nothing.
        executor: where networks are trained; the numbers are the same everywhere.
        show_progress: show a bar in a terminal or a notebook.

    Raises:
        BadInput: a setting is out of range or does not fit the data, `out` holds another audit or cannot be written,
            or networks diverged, so that examples cannot be judged.

    Cost: the training of the networks, each on half of the examples. Memory does not grow with their number.
    """
    learner = None if learner is None else checked_learner("learner", learner)
    settings = AuditSettings(networks, architecture, optimizer, epochs, plant, seed_base, learner)
    if out is not None and learner is not None:
        check_can_be_stored(learner)
    prepared = PreparedAudit(audited_examples(data if labels is None else load_data(data, label=labels)), settings)

    @contextlib.contextmanager
    def shown(job: Job) -> Iterator[Progress]:
        sizes = [len(chunk.members) for chunk in job.sweep.chunks(job.chunk_sizes)]
        with bar_of(job.label, sum(sizes) * job.sweep.length, f" {job.sweep.unit}s", show_progress) as add:
            yield BarProgress(add, sizes)

    with contextlib.ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()) if out is None else out)
        result = executed(prepared, directory, executor, shown)
        if out is not None:
            write_files(result, directory)
        return result


def executed(
    prepared: PreparedAudit,
    directory: Path,
    executor: Executor,
    shown: Shown,
    notify: Callable[[str], None] = lambda sentence: None,
) -> Audit:
    """Train the networks that are not stored yet; return the result.

    Args:
        prepared: the audit.
        directory: where its results are stored.
        executor: where networks are trained.
        shown: shows the progress of each stage.
        notify: called with a sentence about damaged files, which are computed again, and with the choice.

    Raises:
        BadInput: the directory holds another audit or cannot be written, or the executor is not available.
    """
    check_is_same_audit(directory, prepared)
    store = Store(directory / RESULTS, notify)
    with executor.opened() as run_sweeps:

        def results_of(job: Job) -> xr.Dataset:
            with shown(job) as progress:
                (found,) = run_sweeps([job], store, progress)
            return found

        choice = prepared.chosen(results_of(prepared.choice_job()))
        if choice.recipe is not None:
            notify(f"chosen: {short_repr(choice.recipe.architecture)}, {choice.recipe.epochs} epochs")
        scores = results_of(prepared.networks_job(choice.recipe))
        planted = None if prepared.settings.plant is None else results_of(prepared.planted_job(choice.recipe))
    return prepared.audit(choice, scores, planted)
