"""Sweeps in chunks: names that depend on all settings, results of the whole sweep, and no repeated training."""

import dataclasses
import math
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from counting import Counting
from worlds import Fingerprint, blobs

from byheart.execution import chunks, local_executor
from byheart.execution.chunks import chunk_names, stored_results
from byheart.execution.local_executor import run_sweep
from byheart.execution.progress import NoProgress
from byheart.measures.accuracy import Accuracy
from byheart.networks.mlp import MLP
from byheart.populations.sweep import PopulationSweep
from byheart.results.checkpoint import SaveInterval
from byheart.results.store import Store, digest
from byheart.sweeps.protocol import Sweep, SweepProgram
from byheart.training.member import Member, noise_at
from byheart.training.optimizers import SGD
from byheart.training.recipe import Recipe

SPLIT = blobs(20, 6)
RECIPE = Recipe(MLP((4,)), SGD(0.1), batch_size=5, epochs=2)
MEMBERS = (
    Member(0),
    Member(1, noise_at(rand_x=0.5)),
    Member(2, noise_at(rand_y=0.4)),
    Member(3),
    Member(4, noise_at(0.5, 0.5)),
)
SWEEP = PopulationSweep(RECIPE, MEMBERS, (Accuracy(), Fingerprint()), (0, 2), (), noise_seed=1)


class Heard(NoProgress):
    """Records the progress of a sweep."""

    def __init__(self) -> None:
        self.events: list[tuple[Any, ...]] = []

    def started(self, label: str, weights: Sequence[float], stored: Collection[int], length: int, unit: str) -> None:
        self.events.append(("started", label, len(weights), len(stored), length, unit))

    def advanced(self, chunk: int, done: int) -> None:
        self.events.append(("epoch", chunk, done))

    def finished(self, chunk: int, seconds: float) -> None:
        self.events.append(("finished", chunk))


class Interrupts(Heard):
    """Progress that stops the run while its third chunk is trained."""

    def advanced(self, chunk: int, done: int) -> None:
        super().advanced(chunk, done)
        if (chunk, done) == (2, 1):
            raise KeyboardInterrupt


def run(store: Store, size: int, progress: Heard | None = None, sweep: PopulationSweep = SWEEP) -> xr.Dataset:
    return run_sweep("toy", sweep, SPLIT, store, [size], progress or Heard())


def names(size: int = 2, sweep: PopulationSweep = SWEEP, fingerprint: str = "data") -> list[str]:
    return chunk_names("toy", sweep, fingerprint, [size])


def without_attributes(results: xr.Dataset) -> xr.Dataset:
    return results.drop_attrs(deep=False)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory of a run in chunks of two."""
    directory = tmp_path_factory.mktemp("finished")
    run(Store(directory), 2)
    return directory


@pytest.fixture
def copied(finished: Path, tmp_path: Path) -> Path:
    for path in finished.glob("*.nc"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


@pytest.fixture
def untrained(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make training fail."""

    def refuse(*arguments: object) -> None:
        raise AssertionError("a stored chunk is trained again")

    monkeypatch.setattr(local_executor, "computed", refuse)


def test_names_are_stable_and_differ_between_chunks() -> None:
    assert names() == names()
    assert len(set(names())) == 3
    assert all(name.startswith("toy-") for name in names())


@pytest.mark.parametrize(
    ("change", "affected"),
    [
        ({"members": (Member(9), *MEMBERS[1:])}, {0}),
        ({"members": (*MEMBERS[:2], dataclasses.replace(MEMBERS[2], noise=noise_at(rand_y=0.41)), *MEMBERS[3:])}, {1}),
        ({"members": (*MEMBERS[:4], dataclasses.replace(MEMBERS[4], learning_rate=0.1))}, {2}),
        ({"recipe": dataclasses.replace(RECIPE, architecture=MLP((5,)))}, {0, 1, 2}),
        ({"recipe": dataclasses.replace(RECIPE, optimizer=SGD(0.1, 0.9))}, {0, 1, 2}),
        ({"recipe": dataclasses.replace(RECIPE, batch_size=4)}, {0, 1, 2}),
        ({"recipe": dataclasses.replace(RECIPE, epochs=3)}, {0, 1, 2}),
        ({"measures": (Accuracy(),)}, {0, 1, 2}),
        ({"measured_epochs": (0, 1, 2)}, {0, 1, 2}),
        ({"final_measures": (Accuracy(),)}, {0, 1, 2}),
        ({"noise_seed": 2}, {0, 1, 2}),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else None,
)
def test_a_name_changes_with_whatever_determines_the_numbers(change: dict[str, Any], affected: set[int]) -> None:
    assert {field.name for field in dataclasses.fields(PopulationSweep)} >= set(change)
    changed = names(sweep=dataclasses.replace(SWEEP, **change))
    assert {index for index, (one, other) in enumerate(zip(names(), changed, strict=True)) if one != other} == affected


def test_a_name_changes_with_the_data_and_with_the_version_of_the_numerics(monkeypatch: pytest.MonkeyPatch) -> None:
    before = names()
    assert not set(before) & set(names(fingerprint="other data"))
    monkeypatch.setattr(chunks, "NUMERICS", chunks.NUMERICS + 1)
    assert not set(before) & set(names())


@pytest.mark.parametrize("size", [1, 5, 7])
def test_in_chunks_of_any_size_the_numbers_are_the_same_bit_by_bit(finished: Path, tmp_path: Path, size: int) -> None:
    others = run(Store(tmp_path), size)
    stored, missing = stored_results("toy", SWEEP, SPLIT.fingerprint, Store(finished), [2])
    assert missing == 0
    assert stored is not None
    assert digest(without_attributes(others)) == digest(without_attributes(stored))
    assert others.seed.values.tolist() == [member.seed for member in MEMBERS]


def test_a_stored_chunk_is_not_trained_again(finished: Path, untrained: None) -> None:
    heard = Heard()
    results = run(Store(finished), 2, heard)
    assert results.sizes["member"] == 5
    assert heard.events == [("started", "toy", 3, 3, 2, "epoch")]


def test_only_what_is_missing_is_trained_and_ends_bit_identical(finished: Path, copied: Path) -> None:
    (copied / f"{names(fingerprint=SPLIT.fingerprint)[1]}.nc").unlink()
    heard = Heard()
    results = run(Store(copied), 2, heard)
    assert heard.events == [
        ("started", "toy", 3, 2, 2, "epoch"),
        *(("epoch", 1, epoch) for epoch in (0, 1, 2)),
        ("finished", 1),
    ]
    whole = run(Store(finished), 2)
    assert digest(without_attributes(results)) == digest(without_attributes(whole))


@pytest.mark.parametrize("damage", ["truncated", "altered"])
def test_a_damaged_chunk_is_told_once_and_computed_again_to_the_same_bytes(
    finished: Path, copied: Path, damage: str
) -> None:
    path = copied / f"{names(fingerprint=SPLIT.fingerprint)[0]}.nc"
    data = bytearray(path.read_bytes())
    if damage == "truncated":
        del data[len(data) // 2 :]
    else:
        seeds = data.find(np.array([0.0, 0.5]).tobytes())
        data[seeds] ^= 1
    path.write_bytes(data)
    told: list[str] = []
    heard = Heard()
    results = run(Store(copied, told.append), 2, heard)
    assert len(told) == 1
    assert str(path) in told[0]
    assert heard.events[0] == ("started", "toy", 3, 2, 2, "epoch")
    assert digest(without_attributes(results)) == digest(without_attributes(run(Store(finished), 2)))


def test_an_interrupted_run_keeps_what_is_finished(finished: Path, tmp_path: Path) -> None:
    heard = Interrupts()
    with pytest.raises(KeyboardInterrupt):
        run(Store(tmp_path), 2, heard)
    assert heard.events[-1] == ("epoch", 2, 1)
    partial, missing = stored_results("toy", SWEEP, SPLIT.fingerprint, Store(tmp_path), [2])
    assert missing == 1
    assert partial is not None
    assert partial.seed.values.tolist() == [0, 1, 2, 3]
    again = Heard()
    results = run(Store(tmp_path), 2, again)
    assert again.events[0] == ("started", "toy", 3, 2, 2, "epoch")
    assert digest(without_attributes(results)) == digest(without_attributes(run(Store(finished), 2)))


def test_a_chunk_goes_on_from_where_it_was_left_and_ends_with_the_same_bytes(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run is interrupted in the second of two epochs. Only that epoch is trained again."""
    monkeypatch.setattr(SaveInterval, "is_due", lambda pace: True)

    class InSecondEpoch(Heard):
        def advanced(self, chunk: int, done: int) -> None:
            super().advanced(chunk, done)
            if done == 2:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(Store(tmp_path), 2, InSecondEpoch())
    assert len(list(tmp_path.glob(".toy-*.checkpoint"))) == 1
    again = Heard()
    results = run(Store(tmp_path), 2, again)
    assert again.events[1:3] == [("epoch", 0, 2), ("finished", 0)]
    assert not list(tmp_path.glob(".*checkpoint*"))
    assert digest(without_attributes(results)) == digest(without_attributes(run(Store(finished), 2)))


def test_results_of_a_version_that_rounds_differently_are_reported_and_not_continued(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The later version has stored one of three chunks when it is asked."""
    before = stored_results("toy", SWEEP, SPLIT.fingerprint, Store(finished), [2])
    for path in finished.glob("*.nc"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(chunks, "STILL_READ", (chunks.NUMERICS,))
    monkeypatch.setattr(chunks, "NUMERICS", chunks.NUMERICS + 1)
    heard = Heard()
    run(Store(tmp_path), 2, heard)
    assert heard.events[0] == ("started", "toy", 3, 0, 2, "epoch")
    for path in [tmp_path / f"{name}.nc" for name in names(fingerprint=SPLIT.fingerprint)[1:]]:
        path.unlink()
    found, missing = stored_results("toy", SWEEP, SPLIT.fingerprint, Store(tmp_path), [2])
    assert (before[1], missing) == (0, 0)
    assert found is not None
    assert before[0] is not None
    assert digest(found) == digest(before[0])


def test_where_nothing_is_stored_there_are_no_results(tmp_path: Path) -> None:
    assert stored_results("toy", SWEEP, SPLIT.fingerprint, Store(tmp_path), [2]) == (None, 3)


def test_results_say_what_made_them(finished: Path) -> None:
    results = run(Store(finished), 2)
    assert results.attrs["n_classes"] == 2
    assert results.attrs["devices"] == "2 x cpu"
    assert results.attrs["byheart"] == chunks.byheart.__version__
    parts = [part for name in names(fingerprint=SPLIT.fingerprint) if (part := Store(finished).read(name)) is not None]
    assert results.attrs["seconds"] == math.fsum(part.attrs["seconds"] for part in parts)
    assert results.attrs["peak_bytes"] == max(part.attrs["peak_bytes"] for part in parts) > 10_000_000
    assert results.validation_accuracy.attrs["long_name"]


def test_a_program_that_is_not_jax_is_run_resumed_planned_and_described(tmp_path: Path) -> None:
    sweep, store = Counting((0, 1, 2), length=2, seconds=0.0), Store(tmp_path)
    assert isinstance(sweep, Sweep)
    assert isinstance(sweep.program(SPLIT, 1), SweepProgram)
    results = run_sweep("count", sweep, SPLIT, store, sweep.chunk_sizes(SPLIT))
    assert results.seed.values.tolist() == [0, 1, 2]
    assert (results.attrs["devices"], results.attrs["beads"]) == ("1 x abacus", "10")
    assert "jax" not in results.attrs
    assert results.attrs["peak_bytes"] > 10_000_000
    again = run_sweep("count", sweep, SPLIT, store, sweep.chunk_sizes(SPLIT))
    xr.testing.assert_identical(again, results)
    assert [one.chunks for one in sweep.plan(SPLIT, [2])] == [(2, 1)]
