"""The command `byheart audit`: its plan, its summary, its files, and bad input."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

Outcome = tuple[int, str, str]
QUICK = ("--networks", "12", "--architecture", "MLP((8,))", "--epochs", "2")


def test_an_audit_prints_a_plan_and_a_summary_and_writes_its_files(
    byheart: Callable[..., Outcome], my_data: Callable[..., str], tmp_path: Path
) -> None:
    out = tmp_path / "audit"
    status, printed, err = byheart("audit", my_data(), *QUICK, "--out", str(out))
    assert status == 0
    assert "12 networks, each trained on half of the examples" in err.splitlines()[0]
    assert "chosen: MLP((8,)), 2 epochs" in err
    assert "networks: 0 of 1 chunks are stored" in err
    assert "Verdicts: " in printed
    names = printed.splitlines()[-1].split(": ")[1].split(", ")
    assert {"report.html", "examples.csv", "held_out_probabilities.npy", "audit.json", "audit.nc"} <= set(names)
    assert all((out / name).exists() for name in names)
    assert json.loads((out / "audit.json").read_text())["examples"] == 120
    assert np.load(out / "held_out_probabilities.npy").shape == (120, 3)
    again = byheart("audit", my_data(), *QUICK, "--out", str(out))
    assert again[:2] == (status, printed)
    assert "networks: 1 of 1 chunks are stored" in again[2]


@pytest.fixture
def review(tmp_path: Path) -> str:
    """Return a file that marks the first 60 rows of the data: every tenth label is wrong, and one has no new label."""
    path = tmp_path / "review.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["row", "review", "new_label"])
        for row in range(60):
            is_wrong = row % 10 == 0
            writer.writerow([row, "wrong" if is_wrong else "right", (row + 1) % 3 if is_wrong and row else ""])
    return str(path)


def test_a_review_of_a_finished_audit_gives_estimates_and_trains_nothing(
    byheart: Callable[..., Outcome], my_data: Callable[..., str], tmp_path: Path, review: str, request: Any
) -> None:
    words = ("audit", my_data(), *QUICK, "--out", str(tmp_path / "audit"))
    assert byheart(*words)[0] == 0
    request.getfixturevalue("untrained")
    status, printed, _ = byheart(*words, "--reviewed", review)
    assert status == 0
    assert "Review: 60 labels, 54 right, 6 wrong, 0 unclear." in printed
    numbers = json.loads((tmp_path / "audit" / "audit.json").read_text())
    assert numbers["reviewed"]["marked"] == 60
    assert numbers["review"]["strata"][-1]["last_rank"] == 120
    assert sorted(numbers["review"]["sample"]) == list(range(120))
    assert "by this review" in (tmp_path / "audit" / "report.html").read_text()


@pytest.mark.usefixtures("untrained")
def test_a_review_is_applied_to_a_new_table_and_never_to_an_old_one(
    byheart: Callable[..., Outcome], my_data: Callable[..., str], tmp_path: Path, review: str
) -> None:
    data, out = my_data(), tmp_path / "corrected"
    before = Path(data).read_bytes()
    words = ("audit", data, "--apply", review, "--out", str(out))
    status, printed, _ = byheart(*words)
    assert status == 0
    assert "120 labels, 5 of them changed." in printed
    assert "1 labels are marked wrong without a new one, and are kept." in printed
    with (out / "labels.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["row"]) for row in rows] == list(range(120))
    assert [row["row"] for row in rows if row["changed"] == "True"] == ["10", "20", "30", "40", "50"]
    assert Path(data).read_bytes() == before
    written = (out / "labels.csv").read_bytes()
    status, _, err = byheart(*words)
    assert status == 2
    assert "labels.csv exists, and is not overwritten" in err
    assert (out / "labels.csv").read_bytes() == written


@pytest.mark.usefixtures("untrained")
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--networks", "7"), "`networks` must be a whole number of at least 12; got 7."),
        (("--plant", "5"), "`plant` must be between 0 and 1; got 5.0. Is that a percentage? Pass 0.05."),
        (("--architecture", "MLQ((8,))"), "There is no value named 'MLQ'. Did you mean MLP?"),
        (("--optimizer", "Adam("), "is not a value; write it like"),
        (("--address", "auto"), "--address needs `--executor ray`."),
        (("--reviewed", "none.csv"), "There is no file none.csv."),
        (("--apply", "none.csv"), "--apply needs a folder for the corrected labels"),
        (("--apply", "a.csv", "--reviewed", "a.csv", "--out", "b"), "give one of them"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(
    words: tuple[str, ...], message: str, byheart: Callable[..., Outcome], my_data: Callable[..., str]
) -> None:
    status, printed, err = byheart("audit", my_data(), *words)
    assert (status, printed) == (2, "")
    assert message in err
