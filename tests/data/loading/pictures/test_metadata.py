"""Pictures listed in a file: Parquet, lists in each part, names of columns."""

import sys
from pathlib import Path

import numpy as np
import pytest

from byheart.checks import BadInput
from byheart.data.loading.load_data import load_data
from tests.data.loading.odd_sources import flat, picture

ROWS = "".join(f"{number}.png,{'cat' if number % 2 else 'dog'},id {number}\n" for number in range(6))


def test_a_list_in_parquet_is_read(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    for number in range(6):
        picture(tmp_path / f"{number}.png")
    names = [f"{number}.png" for number in range(6)]
    parquet.write_table(pyarrow.table({"file_name": names, "label": [3, 1, 3, 1, 3, 1]}), tmp_path / "metadata.parquet")
    split = load_data(tmp_path, validation=0.3)
    assert (len(split.training), len(split.validation), split.training.class_names) == (4, 2, ("1", "3"))
    (tmp_path / "metadata.parquet").write_bytes((tmp_path / "metadata.parquet").read_bytes()[:100])
    with pytest.raises(BadInput, match=r"metadata.parquet is damaged or cut short \("):
        load_data(tmp_path)


def test_without_pyarrow_a_list_in_parquet_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flat(tmp_path, "", "metadata.parquet")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(
        BadInput, match=r"metadata.parquet is read by pyarrow, which is not installed. Install `byheart\[tables\]`"
    ):
        load_data(tmp_path)


def test_each_part_may_have_its_own_list(tmp_path: Path) -> None:
    for part in ("train", "test"):
        (tmp_path / part).mkdir()
        flat(tmp_path / part, f"file_name,label,name\n{ROWS}")
    split = load_data(tmp_path, ids="name", size=4)
    assert (len(split.training), len(split.validation)) == (6, 6)
    np.testing.assert_array_equal(split.training.ids, [f"id {number}" for number in range(6)])
    assert load_data(tmp_path).training.ids is not None


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"label": "kind"}, "`label`: There is no column named 'kind'. Choose from: label, name."),
        ({"ids": "nam"}, "metadata.csv, `ids`: There is no column named 'nam'. Did you mean name"),
        ({"group": "patient"}, "`group`: There is no column named 'patient'."),
        ({"validation": "part"}, "`validation`: There is no column named 'part'."),
        ({"labels": __file__}, "`labels` (--labels) has no meaning for a folder of pictures"),
    ],
)
def test_a_column_that_is_not_there_is_refused_with_the_nearest_ones(
    options: dict[str, str], said: str, tmp_path: Path
) -> None:
    flat(tmp_path, f"file_name,label,name\n{ROWS}")
    with pytest.raises(BadInput) as problem:
        load_data(tmp_path, **options)
    assert said in str(problem.value)


def test_a_name_that_is_empty_is_refused_with_its_row(tmp_path: Path) -> None:
    flat(tmp_path, f"file_name,label,name\n{ROWS}".replace("id 3", ""))
    with pytest.raises(BadInput, match=r"metadata.csv: the column 'name' is empty in row 3 \(counted from 0\)."):
        load_data(tmp_path, ids="name")
