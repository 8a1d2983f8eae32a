"""The whole paper: its plan at every scale, made without training, and checks of its directory."""

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from tiny_runs import tiny

from byheart.checks import BadInput
from byheart.data.dataset import Dataset
from byheart.data.loading.load import load
from byheart.data.split import Split
from byheart.execution import local_executor
from byheart.execution.chunks import Job
from byheart.experiments.data_summary import DataSummary
from byheart.paper.catalog import DATA_OF_THE_PAPER, EXPERIMENTS
from byheart.paper.scales import SCALES, Scale
from byheart.populations.sweep import PopulationSweep
from byheart.reproduction import reproduction as module
from byheart.reproduction.reproduction import DEFAULT_DATA, Reproduction, experiments_on, reproduction
from byheart.runs.plan import plan_of
from byheart.runs.record import FILE, Record
from byheart.runs.run import Chapter, PreparedRun, prepare
from byheart.sweeps.layout import layout_for
from byheart.sweeps.plan import Totals
from byheart.training.cost import CPU_CORE
from byheart.training.memory import bytes_for

SHAPES = {"mnist": (28, 28, 1), "cifar10": (32, 32, 3)}


@pytest.fixture
def few_images(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace official data by 300 random images of the right size, and make training fail."""

    def of_name(name: str, reading: object = None, *, data_dir: str | None = None) -> Split:
        del reading
        if name not in SHAPES:
            return load(name, data_dir)
        images = np.random.default_rng(0).uniform(0, 1, (400, *SHAPES[name]))
        labels = np.arange(400) % 10
        return Split(Dataset(images[:300], labels[:300], name=name), Dataset(images[300:], labels[300:], name=name))

    def refuse(*arguments: object) -> None:
        raise AssertionError("something is trained")

    monkeypatch.setattr(module, "load_by", of_name)
    monkeypatch.setattr(local_executor, "computed", refuse)


def test_every_experiment_is_made_on_some_data_of_the_paper_and_all_of_them_exist() -> None:
    named = [name for names in DATA_OF_THE_PAPER.values() for name in names]
    assert set(named) == set(EXPERIMENTS)


@pytest.mark.parametrize("data", DATA_OF_THE_PAPER)
def test_the_experiments_of_each_data_stand_in_the_order_of_the_figures(data: str) -> None:
    assert list(DATA_OF_THE_PAPER[data]) == [name for name in EXPERIMENTS if name in DATA_OF_THE_PAPER[data]]


def test_a_claim_that_is_said_of_some_data_alone_is_judged_on_it() -> None:
    """This is claim F5c on CIFAR-10."""
    facts = DataSummary("any", (32, 32, 3), 50_000, 10_000)
    claims = [claim for name in EXPERIMENTS for claim in EXPERIMENTS[name].for_scale("laptop", facts).claims()]
    judged = {
        claim.name
        for data, names in DATA_OF_THE_PAPER.items()
        for name in names
        for claim in EXPERIMENTS[name].for_scale("laptop", facts).claims()
        if claim.applies_to(data)
    }
    assert {claim.name for claim in claims} == judged


@pytest.mark.parametrize(
    ("data", "n", "all_of_them"),
    [("mnist", 1, True), ("mnist", 2, False), ("digits", 2, True), ("fashion_mnist", 3, True)],
)
def test_a_single_data_set_and_one_that_the_paper_has_not_run_through_all(data: str, n: int, all_of_them: bool) -> None:
    assert experiments_on(data, n) == (tuple(EXPERIMENTS) if all_of_them else DATA_OF_THE_PAPER[data])


@pytest.mark.usefixtures("few_images")
@pytest.mark.parametrize(
    "scale", [pytest.param(scale, marks=[] if scale == "tiny" else pytest.mark.slow) for scale in SCALES]
)
def test_the_plan_of_every_scale_is_made_without_training_and_writes_nothing(scale: Scale, tmp_path: Path) -> None:
    whole = reproduction(tmp_path / "out", scale, will_run=False)
    assert not (tmp_path / "out").exists()
    assert sorted(run.record.data for run in whole.runs) == sorted(DEFAULT_DATA[scale])
    for run, plan in zip(whole.runs, whole.plans, strict=True):
        assert tuple(planned.experiment.name for planned in plan) == experiments_on(run.record.data, len(whole.runs))
        for part, planned in zip(run.record.parts, plan, strict=True):
            totals, sweep = Totals.of(planned.populations), part.experiment.sweep()
            assert totals.networks == len(sweep.members)
            assert totals.chunks == len(sweep.chunks(part.chunk_sizes))
            for one in planned.populations:
                assert one.chunk_bytes > 0
                assert 0 < one.seconds_on_h100 < one.seconds
                assert max(one.chunks) <= max(part.chunk_sizes)
    seconds = [sum(Totals.of(planned.populations).seconds for planned in plan) for plan in whole.plans]
    assert seconds == sorted(seconds, reverse=True)


def test_time_and_memory_are_what_cost_and_memory_say_of_each_chunk(tmp_path: Path) -> None:
    """Six networks in one chunk, three on each of two cores."""
    split = load("digits")
    run = prepare([tiny("critical-samples", split)], split, "digits", "tiny", tmp_path)
    (planned,) = plan_of(run)
    (population,) = planned.populations
    sweep, (own,) = planned.experiment.sweep(), run.splits
    assert isinstance(sweep, PopulationSweep)
    assert population.chunks == (6,)
    assert math.isclose(population.seconds, 3 * sweep.cost(own).seconds(CPU_CORE))
    assert population.chunk_bytes == 2 * bytes_for(sweep.recipe, (8, 8, 1), 10, layout_for(6), 3)


def test_the_longest_experiment_is_run_first_and_the_record_keeps_the_order_of_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = reproduction(tmp_path, "tiny")
    ran: list[str] = []

    def noted(jobs: Sequence[Job], *arguments: object) -> None:
        ran.extend(job.label for job in jobs)
        raise InterruptedError

    monkeypatch.setattr(local_executor, "run_sweeps", noted)
    with pytest.raises(InterruptedError):
        whole.execute()
    (plan,) = whole.plans
    longest_first = sorted(plan, key=lambda planned: -Totals.of(planned.populations).seconds)
    assert ran == [planned.experiment.name for planned in longest_first]
    assert [part.experiment.name for part in whole.runs[0].record.parts] == list(EXPERIMENTS)


def test_results_that_were_just_computed_are_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    split, earlier = load("digits"), tmp_path / "earlier"
    prepare([tiny("critical-samples", split)], split, "digits", "tiny", earlier).record.write(earlier)
    whole, read = reproduction(tmp_path, "tiny"), list[str]()

    def noted(directory: Path, notify: object) -> tuple[Record, list[Chapter]]:
        read.append(directory.name)
        return Record.read(directory / FILE), []

    def recorded(run: PreparedRun, *rest: object) -> list[Chapter]:
        run.record.write(run.directory)
        return []

    monkeypatch.setattr(module, "stored_chapters", noted)
    monkeypatch.setattr(PreparedRun, "execute", recorded)
    assert [run.directory.name for run in whole.execute()] == ["digits", "earlier"]
    assert read == ["earlier"]


REFUSED: dict[str, tuple[Callable[[Path], Reproduction], str]] = {
    "twice": (
        lambda path: reproduction(path, data=["digits", "digits"]),
        "Each data set can be named once; got digits digits",
    ),
    "no seeds": (lambda path: reproduction(path, seeds=0), "`seeds` must be a whole number of at least 1; got 0"),
    "unknown": (lambda path: reproduction(path, data=["digits", "cifar"]), "no data set named 'cifar'"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bad_input_is_told_before_anything_is_written(case: str, tmp_path: Path) -> None:
    make, sentence = REFUSED[case]
    with pytest.raises(BadInput, match=sentence):
        make(tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_directory_that_holds_other_runs_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "experiments_on", lambda *which: ("critical-samples",))
    whole = reproduction(tmp_path, "tiny")
    whole.runs[0].record.write(whole.runs[0].directory)
    with pytest.raises(BadInput, match="holds another experiment: scale tiny, not laptop"):
        reproduction(tmp_path, "laptop", data=["digits"])
    with pytest.raises(BadInput, match=r"digits holds a run of its own; choose another --out"):
        reproduction(tmp_path / "digits", "tiny")
    assert [path.name for path in (tmp_path / "digits").iterdir()] == [FILE]
