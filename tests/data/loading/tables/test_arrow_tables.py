"""Tables of Parquet, Arrow and Feather, as libraries write them; all need pyarrow."""

import datetime
import decimal
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from byheart.checks import BadInput
from byheart.data.loading.options import LoadingOptions
from byheart.data.loading.tables.from_table import labelled_from_table

pa = pytest.importorskip("pyarrow")
feather = pytest.importorskip("pyarrow.feather")
parquet = pytest.importorskip("pyarrow.parquet")

LABEL = ["x", "y", "y"]


def saved(folder: Path, table: Any) -> Path:
    parquet.write_table(table, folder / "t.parquet")
    return folder / "t.parquet"


COLUMNS: dict[str, tuple[Any, list[list[float]]]] = {
    "small numbers": (pa.array([1, 2, 5], pa.int8()), [[1], [2], [5]]),
    "half precision": (pa.array(np.array([1, 2, 5], np.float16)), [[1], [2], [5]]),
    "decimals": (pa.array([decimal.Decimal("1.5"), decimal.Decimal("2"), decimal.Decimal("5")]), [[1.5], [2], [5]]),
    "truth values": (pa.array([True, False, True]), [[1], [0], [1]]),
    "missing numbers": (pa.array([1, None, 5]), [[1, 0], [3, 1], [5, 0]]),
    "NaN": (pa.array([1.0, np.nan, 5.0]), [[1, 0], [3, 1], [5, 0]]),
    "missing truth values": (pa.array([True, None, False]), [[1, 0], [0.5, 1], [0, 0]]),
    "texts": (pa.array(["v", None, "u"]), [[0, 1, 0], [0, 0, 1], [1, 0, 0]]),
    "categories": (pa.array(["v", "u", "u"]).dictionary_encode(), [[0, 1], [1, 0], [1, 0]]),
    "numbers as categories": (pa.array([3, 7, 7]).dictionary_encode(), [[3], [7], [7]]),
    "lists": (pa.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), [[1, 2], [3, 4], [5, 6]]),
    "lists of whole numbers": (pa.array([[1, 2], [3, 4], [5, 6]], pa.large_list(pa.int64())), [[1, 2], [3, 4], [5, 6]]),
    "lists of one length": (
        *(pa.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], pa.list_(pa.float32(), 2)), [[1, 2], [3, 4], [5, 6]]),
    ),
    "missing lists": (pa.array([[1.0, 2.0], None, [5.0, 6.0]]), [[1, 2, 0], [3, 4, 1], [5, 6, 0]]),
    "missing lists of one length": (
        pa.array([[1.0, 2.0], None, [5.0, 6.0]], pa.list_(pa.float32(), 2)),
        [[1, 2, 0], [3, 4, 1], [5, 6, 0]],
    ),
    "lists with a missing number": (
        pa.array([[1.0, 2.0], [9.0, None], [5.0, 6.0]]),
        [[1, 2, 0], [3, 4, 1], [5, 6, 0]],
    ),
    "two chunks": (pa.chunked_array([["u"], ["v", "u"]]).dictionary_encode(), [[1, 0], [0, 1], [1, 0]]),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_columns_of_any_type_become_features(name: str, tmp_path: Path) -> None:
    cells, inputs = COLUMNS[name]
    table = pa.table({"c": cells, "label": LABEL})
    feather.write_feather(table, tmp_path / "t.feather")
    with pa.OSFile(str(tmp_path / "t.arrow"), "wb") as file, pa.ipc.new_stream(file, table.schema) as stream:
        stream.write_table(table)
    for path in (saved(tmp_path, table), tmp_path / "t.feather", tmp_path / "t.arrow"):
        found = labelled_from_table(path, LoadingOptions(missing="median"))
        np.testing.assert_allclose(found.inputs, inputs)
        assert found.labels.tolist() == LABEL


REFUSED: dict[str, tuple[Any, str]] = {
    "times": (pa.array([datetime.datetime(2020, 1, day) for day in (1, 2, 3)]), "'c' holds times"),
    "structs": (pa.array([{"k": 1}] * 3), "'c' holds cells of the type struct<k: int64>"),
    "lists of texts": (pa.array([["a"], ["b"], ["c"]]), "'c' holds lists of the type string"),
    "lists of lists": (pa.array([[[1]], [[2]], [[3]]]), "'c' holds lists of the type list"),
    "lists of different lengths": (pa.array([[1], [2, 3], [4]]), "different lengths (1 in row 0, 2 in row 1)"),
    "empty lists": (pa.array([[], [], []], pa.list_(pa.float32())), "'c' holds empty vectors"),
    "bytes": (pa.array([b"one", b"two", b"three"]), "'c' holds bytes that are no picture"),
    "infinite components": (pa.array([[1.0], [np.inf], [2.0]]), "'c' holds infinite numbers in row 1"),
    "nothing at all": (pa.nulls(3), "must have a column of features that differ between rows"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_columns_that_cannot_be_features_are_refused(name: str, tmp_path: Path) -> None:
    cells, message = REFUSED[name]
    with pytest.raises(BadInput) as problem:
        labelled_from_table(saved(tmp_path, pa.table({"c": cells, "label": LABEL})))
    assert message in str(problem.value)


@pytest.mark.parametrize("ending", ["parquet", "feather", "arrow"])
def test_a_file_that_is_cut_short_or_no_such_file_is_refused(ending: str, tmp_path: Path) -> None:
    feather.write_feather(pa.table({"a": list(range(1000)), "label": ["x", "y"] * 500}), tmp_path / "t.feather")
    whole = saved(tmp_path, pa.table({"a": list(range(1000)), "label": ["x", "y"] * 500}))
    content = (whole if ending == "parquet" else tmp_path / "t.feather").read_bytes()
    for part in (content[:700], b"no such format at all", b""):
        (tmp_path / f"cut.{ending}").write_bytes(part)
        with pytest.raises(BadInput, match=r"is damaged or cut short \(.*\). Download or save it again."):
            labelled_from_table(tmp_path / f"cut.{ending}")


def test_damage_in_the_middle_is_found_when_the_column_is_read(tmp_path: Path) -> None:
    path = saved(tmp_path, pa.table({"a": list(range(1000)), "label": ["x", "y"] * 500}))
    content = bytearray(path.read_bytes())
    content[4:60] = b"\xff" * 56
    path.write_bytes(bytes(content))
    with pytest.raises(BadInput, match="is damaged or cut short"):
        labelled_from_table(path)


def test_a_parquet_file_is_known_by_its_content(tmp_path: Path) -> None:
    path = saved(tmp_path, pa.table({"a": [1, 2, 3], "label": LABEL}))
    assert len(labelled_from_table(path.rename(tmp_path / "t.csv")).labels) == 3


def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2]), pa.array(["x"])], names=["a", "a", "label"])
    feather.write_feather(table.rename_columns(["a", "b", "label"]), tmp_path / "t.feather")
    with pa.OSFile(str(tmp_path / "t.arrow"), "wb") as file, pa.ipc.new_file(file, table.schema) as stream:
        stream.write_table(table)
    with pytest.raises(BadInput, match="'a' names columns 1, 2 of 3"):
        labelled_from_table(tmp_path / "t.arrow")


def described(table: Any, **features: Any) -> Any:
    """Return a table with the descriptions that Hugging Face's `datasets` writes."""
    metadata = {"huggingface": json.dumps({"info": {"features": features}})}
    return table.replace_schema_metadata(metadata)


def test_class_names_of_hugging_face_are_understood_and_mark_the_label(tmp_path: Path) -> None:
    names = {"names": ["b", "a", "unused"], "_type": "ClassLabel"}
    table = described(pa.table({"a": [1, 2, 4], "kind": [1, 0, 0]}), kind=names, a={"dtype": "int64", "_type": "Value"})
    found = labelled_from_table(saved(tmp_path, table))
    assert found.labels.tolist() == ["a", "b", "b"]
    assert found.class_names == ("b", "a", "unused")
    table = described(pa.table({"a": [1, 2, 4], "kind": [1, 0, -1]}), kind=names)
    with pytest.raises(BadInput, match=r"label column 'kind' must have a label in every row; none is in row 2"):
        labelled_from_table(saved(tmp_path, table))


def test_metadata_that_cannot_be_read_say_nothing(tmp_path: Path) -> None:
    for metadata in ("no json", "[]", '{"info": 3}', '{"info": {"features": {"label": 3}}}'):
        table = pa.table({"a": [1, 2, 4], "label": LABEL}).replace_schema_metadata({"huggingface": metadata})
        assert labelled_from_table(saved(tmp_path, table)).labels.tolist() == LABEL


def test_without_pyarrow_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(tmp_path, pa.table({"a": [1, 2, 4], "label": LABEL}))
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(
        BadInput, match=r"t.parquet is read by pyarrow, which is not installed. Install `byheart\[tables\]`"
    ):
        labelled_from_table(path)
