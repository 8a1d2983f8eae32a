"""Experiments on a user's vectors, from the file to the page."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from byheart.data.loading.npz import load_npz, save_npz
from tests.tiny_runs import words

Outcome = tuple[int, str, str]


@pytest.fixture
def table(tmp_path: Path) -> str:
    """Return the path of a table with features in different units, and a constant one."""
    labels = np.arange(300) % 3
    vectors = np.random.default_rng(0).normal(size=(300, 4)) + 2 * np.eye(3, 4)[labels]
    vectors = np.concatenate([vectors * [1e-3, 1, 100, 1e5] + [5, 0, 0, 1e6], np.ones((300, 1))], axis=1)
    path = tmp_path / "table.npz"
    np.savez(path, vectors=vectors, labels=labels, class_names=["low", "middle", "high"])
    return str(path)


@pytest.mark.parametrize("name", [pytest.param("patterns-first", marks=pytest.mark.slow), "critical-samples"])
def test_a_table_is_searched_and_reported_in_standard_deviations(
    name: str, table: str, byheart: Callable[..., Outcome], tmp_path: Path
) -> None:
    out = tmp_path / "run"
    radii = {"radii": (0.1, 0.3)} if name == "patterns-first" else {}
    status, _, err = byheart(*words(name, **radii), "--data", table, "--out", str(out))
    assert status == 0, err
    page = (out / "report.html").read_text()
    assert "table (5 features)" in page
    assert "0.1 standard deviations" in page
    assert not re.search(r"\d pixels", page)
    record = json.loads((out / "experiment.json").read_text())
    assert record["facts"]["input_shape"] == [5]
    status, _, err = byheart("report", str(out))
    assert status == 0, err


def test_examples_of_a_table_are_ranked_without_pictures(
    table: str, byheart: Callable[..., Outcome], tmp_path: Path
) -> None:
    out = tmp_path / "run"
    given = ["--n-training", "all", "--seeds", "4", "--architecture", "MLP((8,))"]
    status, _, err = byheart("run", "easy-examples", *given, "--data", table, "--out", str(out))
    assert status == 0, err
    rows = (out / "tables" / "easy-examples.csv").read_text().splitlines()
    assert sum(row.startswith("real,") for row in rows) == 240
    assert not list(out.rglob("*easiest-and-hardest*"))


def test_filters_of_a_table_are_refused_before_anything_is_written(
    table: str, byheart: Callable[..., Outcome], tmp_path: Path
) -> None:
    status, _, err = byheart("run", "filters", "--data", table, "--out", str(tmp_path / "run"))
    assert status == 2
    assert "The experiment filters needs images; got vectors of 5 features." in err
    assert not (tmp_path / "run").exists()


def test_vectors_are_saved_and_loaded_bit_by_bit(table: str, tmp_path: Path) -> None:
    split = load_npz(table)
    save_npz(split, tmp_path / "again.npz")
    again = load_npz(tmp_path / "again.npz")
    for part, same in ((split.training, again.training), (split.validation, again.validation)):
        np.testing.assert_array_equal(part.inputs, same.inputs)
        np.testing.assert_array_equal(part.index, same.index)
    assert again.fingerprint == split.fingerprint


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        (
            {"images": np.zeros((6, 4))},
            "`images` must have the axes (example, height, width) or",
        ),
        ({"images": np.zeros((6, 4))}, "or name them `vectors` to use them as vectors."),
        ({"vectors": np.zeros((6, 2, 2))}, "`vectors` must have the axes (example, feature); got the shape (6, 2, 2)."),
        ({"vectors": np.zeros((6, 4)), "images": np.zeros((6, 2, 2))}, "must hold either `images` or `vectors`"),
        ({"vectors": np.full((6, 4), np.nan)}, "`vectors` must be finite, also as float32"),
        (
            {"vectors": np.eye(6, 4), "validation_images": np.zeros((6, 2, 2)), "validation_labels": np.arange(6) % 2},
            "it lacks `validation_vectors`",
        ),
    ],
)
def test_a_file_whose_inputs_cannot_be_right_is_refused_by_their_name(
    arrays: dict[str, np.ndarray], message: str, byheart: Callable[..., Outcome], tmp_path: Path
) -> None:
    np.savez(tmp_path / "a.npz", labels=np.arange(6) % 2, **arrays)
    status, _, err = byheart("run", "easy-examples", "--data", str(tmp_path / "a.npz"), "--out", str(tmp_path / "run"))
    assert status == 2
    assert message in err
