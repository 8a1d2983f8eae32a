"""Runs: checks before training, stored results, repetition, resumption, and reports of unfinished runs."""

import dataclasses
import itertools
from pathlib import Path
from typing import Any

import numpy as np
import optax
import pytest
import xarray as xr
from tiny_runs import numbers, prepared, tiny
from worlds import few_digits

from byheart.checks import BadInput
from byheart.data.dataset import Dataset
from byheart.data.loading.load import load
from byheart.data.split import Split
from byheart.execution import local_executor
from byheart.execution.chunks import chunk_names
from byheart.networks.mlp import MLP
from byheart.paper.critical_samples.experiment import CriticalSampleRatios
from byheart.populations.sweep import PopulationSweep
from byheart.report.run_page import write_report
from byheart.runs.record import FILE, Record
from byheart.runs.run import RESULTS, Chapter, prepare, stored_chapters
from byheart.training.optimizers import Optax


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory of a finished run of critical-samples in chunks of two."""
    directory = tmp_path_factory.mktemp("done")
    prepared(directory, chunk_size=2).execute()
    return directory


def copied(directory: Path, target: Path) -> Path:
    (target / RESULTS).mkdir()
    (target / FILE).write_bytes((directory / FILE).read_bytes())
    for path in (directory / RESULTS).glob("*.nc"):
        (target / RESULTS / path.name).write_bytes(path.read_bytes())
    return target


def in_order(chapter: Chapter) -> xr.Dataset:
    results = chapter.results
    return results.isel(member=np.lexsort((results.rand_x, results.rand_y, results.seed)))


def test_all_bad_fields_are_told_before_the_directory_is_made(tmp_path: Path) -> None:
    split = load("digits")
    experiment = tiny("patterns-first", split, seeds=0, batch_size=101, noise_levels=(0.0, 1.5))
    with pytest.raises(BadInput) as problem:
        prepare([experiment], split, "digits", "tiny", tmp_path / "run")
    for field in ("seeds", "batch_size", "noise_levels"):
        assert f"`{field}`" in str(problem.value)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("unnamed", [lambda rate: optax.adam(rate), optax.adam(0.1)], ids=["lambda", "transformation"])
def test_an_optimizer_without_a_name_is_refused_where_a_run_is_stored(tmp_path: Path, unnamed: Any) -> None:
    optimizer = Optax(unnamed, 0.1 if callable(unnamed) else None)
    with pytest.raises(BadInput) as problem:
        prepared(tmp_path / "run", optimizer=optimizer)
    assert str(problem.value) == (
        "`optimizer` cannot be stored with a run: The optimizer has no name that means the same in another process. "
        "Write a function of the learning rate that makes it into a module, and name that: "
        'Optax("my_module:my_optimizer", 0.001).'
    )
    assert not (tmp_path / "run").exists()


@dataclasses.dataclass(frozen=True)
class OwnSweep(CriticalSampleRatios):
    """Its settings have names, but the optimizer that its sweep makes of them has none."""

    def sweep(self) -> PopulationSweep:
        made = super().sweep()
        assert isinstance(made, PopulationSweep)
        return dataclasses.replace(made, recipe=dataclasses.replace(made.recipe, optimizer=Optax(optax.adam(0.1))))


def test_a_sweep_whose_optimizer_has_no_name_is_refused_before_anything_is_trained(tmp_path: Path) -> None:
    split = load("digits")
    experiment = OwnSweep(**tiny("critical-samples", split).settings())
    with pytest.raises(BadInput, match="The optimizer has no name that means the same in another process"):
        prepare([experiment], split, "digits", "tiny", tmp_path / "run")


def test_a_class_that_another_process_cannot_import_is_refused(tmp_path: Path) -> None:
    @dataclasses.dataclass(frozen=True)
    class Local(MLP):
        pass

    with pytest.raises(BadInput, match=r"`architecture` cannot be stored with a run: .* inside a function"):
        prepared(tmp_path / "run", architecture=Local((4,)))


def test_preparing_writes_no_record(tmp_path: Path) -> None:
    prepared(tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_directory_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="cannot be written"):
        prepared(tmp_path / "file" / "run")


def test_each_experiment_uses_its_own_stratified_subset() -> None:
    split = load("digits")
    used = tiny("patterns-first", split).select(split)
    assert (len(used.training), len(used.validation)) == (100, 50)
    assert used.training.class_counts.min() >= 9
    other = tiny("patterns-first", split, subset_seed=1).select(split)
    assert used.fingerprint != other.fingerprint


def test_a_finished_run_trains_nothing_again(done: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> None:
        raise AssertionError("a stored chunk is trained again")

    before = numbers(done)
    monkeypatch.setattr(local_executor, "computed", refuse)
    (chapter,) = prepared(done).execute()
    assert chapter.missing_chunks == 0
    assert chapter.results.sizes["member"] == 6
    assert numbers(done) == before


def test_a_run_goes_on_in_the_chunks_it_began_with(done: Path) -> None:
    assert prepared(done).record.parts[0].chunk_sizes == (2,)


def test_a_repeated_run_gives_the_same_bytes(done: Path, tmp_path: Path) -> None:
    record = Record.read(done / FILE)
    (part,) = record.parts
    again = prepare([part.experiment], load(record.data), record.data, record.scale, tmp_path)
    again = dataclasses.replace(again, record=again.record.continued(record, done))
    assert again.record == record
    again.execute()
    assert numbers(tmp_path) == numbers(done)


def test_more_seeds_leave_the_first_ones_as_they_were(done: Path, tmp_path: Path) -> None:
    """Three seeds are nine members in chunks of two. The three chunks of the first two seeds are reused."""
    copied(done, tmp_path)
    stored = {path.name for path in (tmp_path / RESULTS).glob("*.nc")}
    (chapter,) = prepared(tmp_path, seeds=3).execute()
    (before,) = stored_chapters(done)[1]
    xr.testing.assert_identical(
        chapter.results.isel(member=slice(6)).drop_attrs(deep=False), before.results.drop_attrs(deep=False)
    )
    assert {path.name for path in (tmp_path / RESULTS).glob("*.nc")} > stored
    assert Record.read(tmp_path / FILE).parts[0].experiment.seeds == 3


def test_other_settings_in_the_same_directory_are_refused(done: Path) -> None:
    with pytest.raises(BadInput, match="holds another experiment: epochs 2, not 3"):
        prepared(done, epochs=3)


def test_changed_data_is_refused(done: Path) -> None:
    split = load("digits")
    images = split.training.inputs.copy()
    images[:, 0, 0] = 0.5
    changed = Split(Dataset(images, split.training.labels, name="digits"), split.validation)
    with pytest.raises(BadInput, match="holds another experiment: the data of critical-samples are not the same"):
        prepared(done, split=changed)


@pytest.mark.parametrize("present", [[0], [1], [2], [0, 2], [0, 1, 2]])
def test_an_unfinished_run_is_shown_as_far_as_it_went(done: Path, tmp_path: Path, present: list[int]) -> None:
    """Each chunk of two holds one or two of a seed's three networks. Missing networks are NaN and not diverged."""
    copied(done, tmp_path)
    whole = xr.concat([in_order(chapter) for chapter in stored_chapters(done)[1]], "member")
    names = chunk_names(
        "critical-samples",
        prepared(done).record.parts[0].experiment.sweep(),
        prepared(done).record.parts[0].fingerprint,
        [2],
    )
    for index in {0, 1, 2} - set(present):
        (tmp_path / RESULTS / f"{names[index]}.nc").unlink()
    record, (chapter,) = stored_chapters(tmp_path)
    members = [2 * index + offset for index, offset in itertools.product(present, (0, 1))]
    seeds = sorted({member // 3 for member in members})
    assert chapter.missing_chunks == 3 - len(present)
    assert chapter.missing_networks == 3 * len(seeds) - len(members)
    assert chapter.results.sizes["member"] == 3 * len(seeds)
    assert (chapter.results.diverged_epoch == -1).all()
    assert int(chapter.results.validation_accuracy.notnull().all("epoch").sum()) == len(members)
    shown = in_order(chapter)
    for index, member in enumerate(seed * 3 + kind for seed in seeds for kind in range(3)):
        if member in members:
            np.testing.assert_array_equal(shown.csr_training[index], whole.csr_training[member])
    write_report(tmp_path, record, [chapter])
    page = (tmp_path / "report.html").read_text()
    assert ("This run is not finished" in page) == (len(present) < 3)
    assert f"<p>{len(members)} networks; training" in page


def test_where_nothing_is_stored_there_is_no_chapter(done: Path, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes((done / FILE).read_bytes())
    assert stored_chapters(tmp_path)[1] == []


def test_the_data_may_be_any_split(tmp_path: Path) -> None:
    """Here the data are the digits under another name."""
    split = few_digits(150, 60)
    run = prepared(tmp_path, split=split)
    assert run.record.facts.n_training == 150
    assert [len(one.training) for one in run.splits] == [100]
