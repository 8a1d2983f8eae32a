"""Runs on tables: options, what is said, the record, and the texts of examples in the report."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

Outcome = tuple[int, str, str]
SETTINGS = ("--n-training", "all", "--seeds", "4", "--architecture", "MLP((8,))", "--epochs", "5")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    generator = np.random.default_rng(0)
    rows = ["name,size,color,sky,words,kind,number"]
    for place in range(60):
        kind = place % 2
        size = "" if place == 7 else f"{generator.normal(kind):.3f}"
        color = generator.choice(["red", "blue"])
        rows.append(f"n{place:02},{size},{color},{generator.normal():.3f},words of {place},{'ab'[kind]},{place}")
    (tmp_path / "t.csv").write_text("\n".join(rows))
    return tmp_path / "t.csv"


OPTIONS = ("--label", "kind", "--id", "name", "--features", "*,-words", "--missing", "median")


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open() as file:
        return list(csv.DictReader(file))


def test_examples_of_a_table_are_shown_as_their_texts_or_numbers(
    table: Path, byheart: Callable[..., Outcome], tmp_path: Path
) -> None:
    for name, options in (("texts", ("--show", "words")), ("numbers", ())):
        given = ("run", "easy-examples", *SETTINGS, "--data", str(table), *OPTIONS, *options)
        status, _, err = byheart(*given, "--out", str(tmp_path / name))
        assert status == 0, err
        assert "t: Texts are one-hot encoded: 'color'." in err
        assert "'size' (1)" in err
    file = Path("tables", "easy-examples-extremes.csv")
    texts, numbers = (rows_of(tmp_path / name / file) for name in ("texts", "numbers"))
    assert len(texts) == 20
    assert all(row["example"] == f"words of {row['index']}" for row in texts)
    assert all(row["id"] == f"n{int(row['index']):02}" for row in texts)
    assert all(" sd), " in row["example"] for row in numbers)
    rates = [float(row["misclassification_rate"]) for row in texts]
    assert rates == sorted(rates, reverse=True)
    page = (tmp_path / "texts" / "report.html").read_text()
    assert "The easiest and the hardest examples" in page
    assert texts[0]["example"] in page
    reading = json.loads((tmp_path / "texts" / "experiment.json").read_text())["reading"]
    assert reading == {
        "label": "kind",
        "ids": "name",
        "features": "*,-words",
        "missing": "median",
        "show": "words",
    }
    assert byheart("report", str(tmp_path / "texts"))[0] == 0
    assert rows_of(tmp_path / "texts" / file) == texts


@pytest.mark.usefixtures("untrained")
def test_a_run_on_a_table_is_repeated_with_its_options(
    table: Path, byheart: Callable[..., Outcome], tmp_path: Path
) -> None:
    with pytest.raises(AssertionError, match="something is trained"):
        byheart("run", "easy-examples", *SETTINGS, "--data", str(table), *OPTIONS, "--out", str(tmp_path / "run"))
    record = tmp_path / "run" / "experiment.json"
    with pytest.raises(AssertionError, match="something is trained"):
        byheart("run", str(record), "--out", str(tmp_path / "again"))
    table.write_text(table.read_text().replace("words of 3,b", "words of 3,a"))
    status, _, err = byheart("run", str(record), "--out", str(tmp_path / "third"))
    assert (status, "the data of easy-examples are not the same" in err) == (2, True)


BAD = {
    "missing values": (("--features", "*,-words"), "there are in 'size' in row 7 ('n07') (counted from 0)"),
    "a column that is not there": (("--features", "siz"), "has no column that 'siz' in `features` fits"),
    "texts": ((), "'words' holds 60 different texts"),
    "another treatment": (("--missing", "mean"), "mean"),
    "pictures": (("--skip-unreadable",), "`skip_unreadable` (--skip-unreadable) has no meaning for a table"),
    "a separator": (("--separator", "::"), "`separator` must be a single character"),
}


@pytest.mark.usefixtures("untrained")
@pytest.mark.parametrize("name", BAD)
def test_what_a_table_cannot_be_is_told_before_any_work(
    name: str, table: Path, byheart: Callable[..., Outcome], tmp_path: Path
) -> None:
    options, message = BAD[name]
    given = ("run", "easy-examples", *SETTINGS, "--data", str(table), "--label", "kind", "--id", "name", *options)
    status, _, err = byheart(*given, "--out", str(tmp_path / "run"))
    assert status == 2
    assert message in err
    assert not (tmp_path / "run").exists()
