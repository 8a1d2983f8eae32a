"""Audits of tiny data from end to end: tables, files, resuming, and bad input."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.stats
import xarray as xr
from tiny_runs import file_hashes
from worlds import blobs

import byheart as bh
from byheart.auditing.audit import RESULTS
from byheart.auditing.planting import plant
from byheart.auditing.verdicts import VERDICTS
from byheart.checks import BadInput
from byheart.execution import local_executor

COLUMNS = [
    "id",
    "part",
    "row",
    "label",
    "suggested_label",
    "verdict",
    "rank",
    "suspicion",
    "wrong_probability",
    "held_out_probability",
    "held_out_probability_se",
    "memorization",
    "memorization_se",
    "area_under_margin",
    "mean_loss",
    "epochs_to_learn",
    "forgetting_events",
    "confidence",
    "variability",
    "early_error",
    "networks_to_decide",
]
SETTINGS: dict[str, Any] = {
    "networks": 12,
    "architecture": bh.MLP((16,)),
    "optimizer": bh.Adam(0.01),
    "epochs": 6,
    "show_progress": False,
}


def with_wrong_labels(n: int = 150, share: float = 0.06) -> tuple[bh.Dataset, np.ndarray]:
    clean = blobs(n, 10, n_classes=3).training
    planted = plant(clean.labels, 3, share, seed=1)
    return bh.Dataset(clean.inputs, planted.labels, ("a", "b", "c"), "blobs"), planted.is_planted


DATA, IS_WRONG = with_wrong_labels()


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("audit")


@pytest.fixture(scope="module")
def audit(directory: Path) -> bh.Audit:
    return bh.audit(DATA, **SETTINGS, plant=0.1, out=directory)


def test_the_table_has_every_example_once_most_suspect_first(audit: bh.Audit) -> None:
    table = audit.examples
    assert list(table) == COLUMNS
    assert sorted(table.row) == list(range(len(DATA)))
    assert table["rank"].tolist() == list(range(1, len(DATA) + 1))
    assert table.suspicion.is_monotonic_decreasing
    assert set(table.verdict) <= set(VERDICTS)
    assert not table.isna().any().any()
    assert audit.suspects(7).equals(table.head(7))


def test_wrong_labels_come_first_and_get_their_class_suggested(audit: bh.Audit) -> None:
    first = audit.suspects(int(IS_WRONG.sum()))
    assert IS_WRONG[first.row].mean() >= 0.8
    clean = np.array(list("abc"))[np.arange(len(DATA)) % 3]
    found = first[IS_WRONG[first.row]]
    assert (found.suggested_label == clean[found.row]).mean() >= 0.8
    assert (audit.examples.verdict[~IS_WRONG[audit.examples.row]] == "suspect label").mean() <= 0.01


def test_probabilities_are_in_the_order_of_the_source(audit: bh.Audit) -> None:
    probabilities = audit.held_out_probabilities
    assert probabilities.shape == (len(DATA), 3)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    own = probabilities[audit.examples.row, DATA.labels[audit.examples.row]]
    np.testing.assert_allclose(own, audit.examples.held_out_probability, rtol=1e-5)


@pytest.mark.filterwarnings("ignore")  # cleanlab 2.9.0 uses what other packages deprecate.
def test_cleanlab_takes_the_probabilities_as_they_are(audit: bh.Audit) -> None:
    datalab = pytest.importorskip("cleanlab").Datalab
    given = np.array(audit.summary["class_names"])[DATA.labels]
    lab = datalab({"label": given.tolist()}, label_name="label", verbosity=0)
    lab.find_issues(pred_probs=audit.held_out_probabilities, issue_types={"label": {}})
    found = lab.get_issues("label")
    assert IS_WRONG[found.is_label_issue].mean() > 0.5
    agreement = scipy.stats.spearmanr(found.label_score, audit.examples.sort_values("row").held_out_probability)
    assert agreement.statistic > 0.99


def test_planted_labels_check_the_stated_power(audit: bh.Audit) -> None:
    planted = audit.summary["planted"]
    assert planted["number"] == 15
    assert planted["found"] == pytest.approx(planted["stated"], abs=0.25)


def test_the_summary_opens_with_its_numbers(audit: bh.Audit) -> None:
    text = repr(audit)
    assert text.startswith("blobs: 150 examples, 3 classes; 12 networks, MLP(widths=(16,)), 6 epochs.")
    assert "Most suspect:" in text
    assert "planted wrong labels" in text
    assert not audit.summary["cautions"]


def test_the_files_hold_what_the_result_holds(audit: bh.Audit, directory: Path) -> None:
    table = pd.read_csv(directory / "examples.csv", dtype={"label": str})
    pd.testing.assert_frame_equal(table, audit.examples, check_dtype=False, check_exact=False)
    np.testing.assert_array_equal(np.load(directory / "held_out_probabilities.npy"), audit.held_out_probabilities)
    stored = json.loads((directory / "audit.json").read_text())
    assert stored["verdicts"] == audit.summary["verdicts"]
    assert [row["k"] for row in stored["power"]["lists"]] == audit.power.k.tolist()
    scores = xr.load_dataset(directory / "audit.nc")
    assert scores.votes.dims == ("example", "class")
    by_row = audit.examples.sort_values("row")
    np.testing.assert_array_equal(scores.suspicion.values, by_row.suspicion)
    np.testing.assert_array_equal(scores.verdict.values, by_row.verdict)


def test_an_audit_that_lost_work_ends_with_the_same_bytes(
    audit: bh.Audit, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = file_hashes(directory)
    for lost in (directory / "audit.json", directory / "examples.csv", *(directory / RESULTS).glob("networks-*.nc")):
        lost.unlink()
    again = bh.audit(DATA, **SETTINGS, plant=0.1, out=directory)
    assert file_hashes(directory) == before
    pd.testing.assert_frame_equal(again.examples, audit.examples)
    monkeypatch.setattr(local_executor, "computed", None)
    bh.audit(DATA, **SETTINGS, plant=0.1, out=directory)
    assert file_hashes(directory) == before


def test_another_audit_in_the_same_directory_is_refused(audit: bh.Audit, directory: Path) -> None:
    other, _ = with_wrong_labels(share=0.1)
    with pytest.raises(BadInput, match="holds the audit of other data"):
        bh.audit(other, **SETTINGS, out=directory)
    with pytest.raises(BadInput, match="`epochs` is 6 there, and now 5"):
        bh.audit(DATA, **SETTINGS | {"epochs": 5}, out=directory)


def test_labels_that_nothing_predicts_are_said_to_be_beyond_the_networks() -> None:
    rng = np.random.default_rng(0)
    data = bh.Dataset(rng.random((120, 3, 3)), rng.integers(0, 2, 120))
    found = bh.audit(data, **SETTINGS | {"epochs": 2})
    assert "too weak to judge" in repr(found).splitlines()[0]


def test_size_and_epochs_are_chosen_by_held_out_accuracy() -> None:
    split = blobs(60, 20)
    found = bh.audit(split, networks=12, show_progress=False)
    choice = found.summary["choice"]
    assert len(choice) == 9
    best = max(one["held_out_accuracy"] for one in choice)
    recipe = found.summary["recipe"]
    (chosen,) = [
        one for one in choice if (one["architecture"], one["epochs"]) == (recipe["architecture"], recipe["epochs"])
    ]
    assert chosen["held_out_accuracy"] > best - 0.1
    assert found.examples.part.value_counts().to_dict() == {"training": 60, "validation": 20}


def test_vectors_of_any_scale_are_audited() -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(90) % 3
    vectors = rng.normal(0, 1, (90, 4))
    vectors[np.arange(90), labels] += 4
    planted = plant(labels, 3, 0.05, seed=0)
    data = bh.Dataset(vectors * [1, 100, 1e-3, 1] + [0, 500, 0, -3], planted.labels)
    found = bh.audit(data, **SETTINGS)
    assert planted.is_planted[found.suspects(4).row].sum() >= 3


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"networks": 13}, "`networks` must be even"),
        ({"networks": 10}, "`networks` must be a whole number of at least 12; got 10"),
        ({"plant": 5}, "Is that a percentage"),
        ({"plant": 0.8}, "`plant` must be above 0 and at most 0.5; got 0.8"),
        ({"epochs": 0}, "`epochs` must be a whole number of at least 1; got 0"),
        ({"epochs": 0, "networks": 2}, "The audit cannot start"),
        ({"seed_base": -1}, "`seed_base` must be a whole number of at least 0; got -1"),
    ],
)
def test_settings_out_of_range_are_refused_before_training(
    changes: dict[str, Any], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_executor, "computed", None)
    with pytest.raises((BadInput, TypeError), match=message):
        bh.audit(DATA, **SETTINGS | changes)


def test_data_that_cannot_be_audited_are_refused() -> None:
    few = bh.Dataset(np.zeros((4, 2, 2)), np.array([0, 1, 0, 1]))
    with pytest.raises(BadInput, match="at least 20 examples"):
        bh.audit(few, **SETTINGS)
