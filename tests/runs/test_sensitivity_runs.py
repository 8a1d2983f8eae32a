"""Whole runs of both sensitivity experiments on 40 digits: two seeds, 20 updates of a single layer."""

import dataclasses
import json
from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from tiny_runs import numbers

from byheart.data.loading.load import load
from byheart.data.pooling import mean_pooled
from byheart.data.split import Split
from byheart.execution.progress import NoProgress
from byheart.experiments.data_summary import DataSummary
from byheart.networks.mlp import MLP
from byheart.paper.class_sensitivity.experiment import ClassSensitivity
from byheart.paper.sensitivity_inequality.experiment import SensitivityInequality
from byheart.report.run_page import write_report
from byheart.runs.record import Record
from byheart.runs.run import Chapter, PreparedRun, prepare, stored_chapters
from byheart.unrolling.loss_sensitivity import LastSteps

SHARED = {
    "seeds": 2,
    "n_training": 40,
    "batch_size": 10,
    "pooling": 2,
    "architecture": MLP(()),
    "window": LastSteps(4, every=2),
}


class Heard(NoProgress):
    """Records the progress of a run."""

    def __init__(self) -> None:
        self.started_with: list[tuple[str, int, int, int, str]] = []
        self.done: dict[tuple[str, int], list[int]] = {}
        self.finished_chunks: Counter[str] = Counter()

    def started(self, label: str, weights: Sequence[float], stored: Collection[int], length: int, unit: str) -> None:
        self.label = label
        self.started_with.append((label, len(weights), len(stored), length, unit))

    def advanced(self, chunk: int, done: int) -> None:
        self.done.setdefault((self.label, chunk), []).append(done)

    def finished(self, chunk: int, seconds: float) -> None:
        self.finished_chunks[self.label] += 1


def prepared(split: Split, directory: Path) -> PreparedRun:
    facts = DataSummary.of(split)
    experiments = [
        dataclasses.replace(SensitivityInequality.for_scale("tiny", facts), horizons=(8, 20), **SHARED),
        dataclasses.replace(ClassSensitivity.for_scale("tiny", facts), horizon=20, **SHARED),
    ]
    return prepare(experiments, split, "digits", "tiny", directory)


@dataclasses.dataclass(frozen=True)
class Done:
    """A finished run of both experiments."""

    run: PreparedRun
    chapters: list[Chapter]
    heard: Heard


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Done:
    run, heard = prepared(load("digits"), tmp_path_factory.mktemp("sensitivities")), Heard()
    chapters = run.execute(heard)
    write_report(run.directory, run.record, chapters)
    return Done(run, chapters, heard)


def test_training_data_are_a_subset_of_smaller_images(done: Done) -> None:
    for split in done.run.splits:
        assert split.input_shape == (4, 4, 1)
        assert len(split.training) == 40
    assert done.run.splits[0].validation.fingerprint == mean_pooled(load("digits").validation, 2).fingerprint


def test_results_hold_every_member_and_all_numbers_are_known(done: Done) -> None:
    inequality, classes = (chapter.results for chapter in done.chapters)
    assert inequality.loss_sensitivity.sizes == {"member": 12, "horizon": 2, "norm": 3, "example": 40}
    assert classes.class_sensitivity.sizes == {"member": 4, "loss_class": 10, "input_class": 10}
    for results in (inequality, classes):
        for name, values in results.data_vars.items():
            assert np.isfinite(values).all(), name
            assert (values == -1).all() if str(name).endswith("lost_at") else (values >= 0).all()
    assert inequality.attrs["seconds"] > 0


def test_the_run_tells_of_chunks_that_do_not_mix_kinds_of_classes(done: Done) -> None:
    """On two devices a chunk has two members: eight with true and four with unique classes make six; the others two."""
    assert done.heard.started_with == [
        ("sensitivity-inequality", 6, 0, 4, "step"),
        ("class-sensitivity", 2, 0, 2, "step"),
    ]
    assert done.heard.finished_chunks == {"sensitivity-inequality": 6, "class-sensitivity": 2}
    for (label, _), told in done.heard.done.items():
        assert told == sorted(set(told))
        assert (told[0], told[-1]) == (0, 4 if label == "sensitivity-inequality" else 2)


def test_figures_claims_and_page_are_written(done: Done) -> None:
    directory = done.run.directory
    assert {path.stem for path in (directory / "curves").iterdir()} == {"sensitivity-inequality", "sensitivity-sorted"}
    claims = json.loads((directory / "claims.json").read_text())
    assert [one["claim"] for one in claims] == [
        *("F3a", "F3b", "F3c", "F3d"),
        *("F4a", "F4b", "F4a-direct", "F4b-direct"),
    ]
    for one in claims:
        assert (one["seeds"], one["seeds_without_value"], len(one["per_seed"])) == (2, 0, 2)
        low, high = one["interval"]
        assert low <= one["estimate"] <= high
    page = (directory / "report.html").read_text(encoding="utf-8")
    for one in claims:
        assert f"<b>{one['claim']}</b>" in page
    assert "mean and 95 % interval over n = 2 seeds" in page
    assert "Sensitivities that are not known" not in page


def test_what_is_stored_is_what_was_run(done: Done) -> None:
    directory = done.run.directory
    record, chapters = stored_chapters(directory)
    assert record == done.run.record == Record.read(directory / "experiment.json")
    for stored, chapter in zip(chapters, done.chapters, strict=True):
        assert (stored.missing_chunks, stored.missing_networks) == (0, 0)
        xr.testing.assert_identical(stored.results, chapter.results)


def test_the_same_run_again_trains_nothing(done: Done, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("byheart.execution.local_executor.computed", None)
    before = numbers(done.run.directory)
    assert len(before) == 8
    prepared(load("digits"), done.run.directory).execute()
    assert numbers(done.run.directory) == before
