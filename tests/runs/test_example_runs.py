"""Whole runs of easy-examples and filters on 80 digits; pictures are stored, and reports redrawn without the data."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import sklearn.datasets
import xarray as xr
from tiny_runs import numbers

from byheart.data.dataset import Dataset
from byheart.data.loading.load import load
from byheart.data.split import Split
from byheart.execution import local_executor
from byheart.experiments.data_summary import DataSummary
from byheart.networks.mlp import MLP
from byheart.paper.easy_examples.experiment import EasyExamples
from byheart.paper.filters.experiment import Filters
from byheart.report.run_page import write_report
from byheart.runs.run import RESULTS, PreparedRun, prepare, stored_chapters

pytestmark = pytest.mark.slow

SHARED = {"seeds": 4, "n_training": 80, "batch_size": 16, "architecture": MLP((8,))}


def prepared(split: Split, directory: Path, seeds: int = 4, data: str = "digits") -> PreparedRun:
    facts = DataSummary.of(split)
    return prepare(
        [
            dataclasses.replace(EasyExamples.for_scale("tiny", facts), **SHARED | {"seeds": seeds}),
            dataclasses.replace(
                Filters.for_scale("tiny", facts), epochs=2, measured_epochs=(0, 1), n_validation=20, **SHARED
            ),
        ],
        split,
        data,
        "tiny",
        directory,
    )


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("done")
    run = prepared(load("digits"), directory)
    write_report(directory, run.record, run.execute())
    return directory


def test_errors_are_stored_as_a_byte_for_each_network_and_example(done: Path) -> None:
    (path,) = [one for one in (done / RESULTS).glob("easy-examples-*.nc") if "-pictures-" not in one.name]
    results = xr.load_dataset(path, engine="h5netcdf")
    assert results.is_misclassified.shape == (12, 80)
    assert results.is_misclassified.dtype == np.int8
    assert set(np.unique(results.is_misclassified)) == {0, 1}
    np.testing.assert_array_equal(results.label, sklearn.datasets.load_digits().target[results.index.values])
    assert json.loads(results.attrs["class_names"]) == [str(digit) for digit in range(10)]


def test_the_report_is_redrawn_from_what_is_stored_pictures_and_table_included(done: Path, tmp_path: Path) -> None:
    page = (done / "report.html").read_text(encoding="utf-8")
    assert "The easiest and the hardest images" in page
    assert 'id="easy-examples"' in page
    assert (done / "tables" / "easy-examples.csv").read_text().count("\n") == 1 + 3 * 80
    for kind in ("results", "experiment.json"):
        (tmp_path / kind).symlink_to(done / kind)
    record, chapters = stored_chapters(tmp_path)
    write_report(tmp_path, record, chapters)
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == page


def test_pictures_wait_until_all_is_there_and_follow_the_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    split = load("digits")
    first = prepared(split, tmp_path, seeds=2)
    (chapter, _) = first.execute()
    assert "picture" in chapter.results
    more = prepared(split, tmp_path, seeds=4)
    monkeypatch.setattr(local_executor, "computed", _interrupted)
    with pytest.raises(KeyboardInterrupt):
        more.execute()
    chapters = stored_chapters(tmp_path)[1]
    assert "picture" not in chapters[0].results
    assert chapters[0].missing_chunks > 0
    monkeypatch.undo()
    (whole, _) = more.execute()
    assert "picture" in whole.results
    assert len([name for name in numbers(tmp_path) if "-pictures-" in name]) == 2


def _interrupted(*arguments: object) -> xr.Dataset:
    raise KeyboardInterrupt


def test_names_of_classes_cannot_break_the_page(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    names = ("</script><script>alert(1)</script>", 'a "quoted" & <b>bold</b> class')
    images, labels = generator.random((100, 6, 6)), np.arange(100) % 2
    whole = Dataset(images, labels, names, "mine")
    split = Split(whole, Dataset(images[:20], labels[:20], names, "mine"))
    run = prepared(split, tmp_path, seeds=2)
    page = write_report(tmp_path, run.record, run.execute()).page.read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert "<b>bold" not in page
    script = '<script type="application/json">'
    start = page.index(script, page.rindex('class="sortable"')) + len(script)
    columns = json.loads(page[start : page.index("</script>", start)])
    assert set(columns["class"]) == set(names)
    assert list(columns) == [
        "data",
        "index",
        "label",
        "class",
        "misclassification_rate",
        "low",
        "high",
        "networks",
        "is_noisy",
    ]
