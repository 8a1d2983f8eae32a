"""Python objects of many kinds, each known by what it offers: taken as it is meant, or refused with what to do."""

import json
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from sklearn.datasets import load_diabetes, load_digits, load_wine

from byheart.checks import BadInput
from byheart.data.loading.labelled import LabelledExamples
from byheart.data.loading.objects.from_object import labelled_from_object

X = np.arange(12.0).reshape(6, 2)
Y = np.array([0, 1] * 3)
FRAME = pd.DataFrame({"a": [1.0, 5, 2], "b": ["u", "w", "u"], "label": ["x", "y", "y"]})


class Tensor:
    """Offers what a torch tensor does."""

    def __init__(self, values: Any) -> None:
        self.values = np.asarray(values)
        self.shape, self.ndim = self.values.shape, self.values.ndim

    def __len__(self) -> int:
        return len(self.values)

    def detach(self) -> "Tensor":
        return self

    def cpu(self) -> "Tensor":
        return self

    def numpy(self) -> np.ndarray:
        return self.values

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self.values

    def item(self) -> Any:
        return self.values.item()


class MapStyle:
    """Offers what a map-style data set of torch does."""

    def __init__(self, item: Callable[[int], Any], n: int = 4, **attributes: Any) -> None:
        self.item, self.n = item, n
        for name, value in attributes.items():
            setattr(self, name, value)

    def __len__(self) -> int:
        return self.n

    def __getitem__(self, place: int) -> Any:
        if place >= self.n:
            raise IndexError
        return self.item(place)


def tensor_item(place: int) -> tuple[Tensor, int]:
    return Tensor(np.full((3, 5, 6), place / 4, np.float32)), place % 2


TAKEN: dict[str, tuple[Any, dict[str, Any], tuple[int, ...], list[Any]]] = {
    "arrays in a pair": ((X, Y), {}, (6, 2), Y.tolist()),
    "an array and labels": (X, {"label": Y}, (6, 2), Y.tolist()),
    "nested lists and texts": (X.tolist(), {"label": list("ababab")}, (6, 2), list("ababab")),
    "images": (np.zeros((2, 4, 5), np.uint8), {"label": [3, 4]}, (2, 4, 5), [3, 4]),
    "tensors with channels first": (Tensor(np.zeros((2, 3, 4, 5))), {"label": Tensor([0, 1])}, (2, 4, 5, 3), [0, 1]),
    "numbers in an array of objects": (X.astype(object), {"label": Y}, (6, 2), Y.tolist()),
    "missing numbers of an array": (
        np.array([[1, np.nan], [3, 4]]),
        {"label": Y[:2], "missing": "median"},
        (2, 2),
        [0, 1],
    ),
    "features of an array": (X, {"label": Y, "features": "1"}, (6, 1), Y.tolist()),
    "labels that are bytes": (X, {"label": np.array([b"a", "caf\u00e9".encode()] * 3)}, (6, 2), ["a", "caf\u00e9"] * 3),
    "a frame": (FRAME, {}, (3, 3), ["x", "y", "y"]),
    "a frame and labels": (FRAME.drop(columns="label"), {"label": pd.Series([1, 2, 3])}, (3, 3), [1, 2, 3]),
    "a frame and a series in a pair": ((FRAME[["a"]], FRAME["label"]), {}, (3, 1), ["x", "y", "y"]),
    "a frame with nullable types": (FRAME.convert_dtypes(), {}, (3, 3), ["x", "y", "y"]),
    "a frame with vectors": (pd.DataFrame({"v": [[1, 2], (3, 4)], "y": [0, 1]}), {}, (2, 2), [0, 1]),
    "a frame with arrays in cells": (pd.DataFrame({"v": list(X), "y": Y}), {}, (6, 2), Y.tolist()),
    "numbers of Python in cells": (
        *(
            pd.DataFrame({"v": pd.Series([1, 2.5, None], dtype=object), "y": [0, 1, 1]}),
            {"missing": "median"},
            (3, 2),
            [0, 1, 1],
        ),
    ),
    "truth values of Python in cells": (
        *(
            pd.DataFrame({"v": pd.Series([True, None, False], dtype=object), "y": [0, 1, 1]}),
            {"missing": "median"},
            (3, 2),
            [0, 1, 1],
        ),
    ),
    "columns with numbers as names": (pd.DataFrame({0: [1, 2], "label": ["x", "y"]}), {}, (2, 1), ["x", "y"]),
    "a dictionary of columns": ({"a": [1, 2], "v": np.ones((2, 3)), "y": ["u", "w"]}, {}, (2, 4), ["u", "w"]),
    "a structured array": (
        np.array([(1, 2.5, "x"), (3, 4.5, "y")], [("a", int), ("b", float), ("label", "U1")]),
        {},
        (2, 2),
        ["x", "y"],
    ),
    "a Bunch": (load_wine(), {}, (178, 13), load_wine().target_names[load_wine().target].tolist()),
    "a Bunch of frames": (
        load_wine(as_frame=True),
        {},
        (178, 13),
        load_wine().target_names[load_wine().target].tolist(),
    ),
    "a Bunch of images beyond 1": (load_digits(), {}, (1797, 64), load_digits().target.astype(str).tolist()),
    "a map-style data set": (MapStyle(tensor_item), {}, (4, 5, 6, 3), [0, 1, 0, 1]),
    "a map-style data set with classes": (
        MapStyle(tensor_item, classes=["cat", "dog"]),
        {},
        (4, 5, 6, 3),
        ["cat", "dog"] * 2,
    ),
    "a subset of one": (
        MapStyle(tensor_item, 2, dataset=MapStyle(tensor_item, classes=["cat", "dog"])),
        {},
        (2, 5, 6, 3),
        ["cat", "dog"],
    ),
    "labels that are tensors": (MapStyle(lambda place: (np.ones(2), Tensor(place % 2))), {}, (4, 2), [0, 1, 0, 1]),
    "a list of pairs": ([(np.ones(3), "u"), (np.ones(3), "w")], {}, (2, 3), ["u", "w"]),
    "pairs of lists": ([([1, 2], "u"), ([3, 4.5], "w")], {}, (2, 2), ["u", "w"]),
    "arrays of both parts": (((X, Y), (X[:2], Y[:2])), {}, (8, 2), [*Y, 0, 1]),
    "a dictionary of both parts": ({"train": (X, Y), "val": (X[:2], Y[:2])}, {}, (8, 2), [*Y, 0, 1]),
    "frames of both parts": ({"train": FRAME, "test": FRAME[:1]}, {}, (4, 3), ["x", "y", "y", "x"]),
}


@pytest.mark.parametrize("name", TAKEN)
def test_objects_are_taken_as_they_are_meant(name: str) -> None:
    obj, options, shape, labels = TAKEN[name]
    found = labelled_from_object(obj, **options)
    assert found.inputs.shape == shape
    assert found.labels.tolist() == labels
    assert len(found.ids) == len(set(found.ids.tolist())) == shape[0]


REFUSED: dict[str, tuple[Any, dict[str, Any], str]] = {
    "an array alone": (X, {}, "Arrays must come with labels"),
    "labels of another length": (X, {"label": Y[:4]}, "`label` must have one entry for each of 6 rows; got 4."),
    "one-hot labels": (X, {"label": np.eye(2)[Y]}, "Are they one-hot? Pass `label.argmax(axis=1)`."),
    "labels in a column": (X, {"label": Y[:, None]}, "Pass `label.ravel()`."),
    "a name of a column for an array": (X, {"label": "y"}, "arrays have no named columns; got 'y'"),
    "a label that is a number": (X, {"label": 3}, "`label` must be the name of a column, or an array"),
    "labels that are missing": (
        X,
        {"label": [0, 1, None, 0, 1, 1], "id_column": list("pqrstu")},
        "none is in row 2 ('r')",
    ),
    "labels that are dates": (
        X,
        {"label": np.array(["2020", "2021"] * 3, "M8[D]")},
        "got times. Choose another column",
    ),
    "labels that are times of a zone": (
        *(X, {"label": pd.to_datetime(["2020-01-01", "2021-01-01"] * 3, utc=True)}, "got times. Choose another column"),
    ),
    "labels of two types": (X, {"label": pd.Series([1, "1"] * 3, dtype=object)}, "got numbers and texts mixed"),
    "masked numbers": (np.ma.masked_array(X, X > 3), {"label": Y}, "`inputs` must have no masked values"),
    "a set": ({1, 2}, {}, "of no known kind; got {1, 2}"),
    "a text of labels": (X, {"label": "ababab"}, "arrays have no named columns; got 'ababab'"),
    "labels that are continuous": (X, {"label": X[:, 0] / 5}, "Are they continuous?"),
    "complex numbers": (X * 1j, {"label": Y}, "Inputs must be real numbers; got complex ones"),
    "texts in an array of objects": (
        np.array([[1, "a"], [2, None]], object),
        {"label": [0, 1]},
        "got 'a' in example 0",
    ),
    "lists of different lengths": ([[1, 2], [3]], {"label": [0, 1]}, "got lists of different lengths"),
    "a sparse matrix": (scipy.sparse.eye(3), {"label": [0, 1, 1]}, "Pass `inputs.toarray()`."),
    "a single number": (3, {}, "of no known kind; got 3"),
    "nothing": (None, {}, "of no known kind; got None"),
    "an iterator": ((one for one in [1]), {}, "It can only be read from its beginning"),
    "a loader of batches": (
        type("Loader", (), {"batch_size": 4, "dataset": 3})(),
        {},
        "It is a loader of batches: pass its `dataset`",
    ),
    "items of different shapes": ([(np.ones(3), 0), (np.ones(4), 1)], {}, "item 1 has (4,). Resize or pad them"),
    "an item that is no pair": (
        MapStyle(lambda place: (X, 0) if place < 2 else 3),
        {},
        "Item 2 must be (input, label), as the first is; got 3",
    ),
    "an item with texts": (
        MapStyle(lambda place: ([1, 2] if place < 1 else ["a", 2], 0)),
        {},
        "Item 1: Inputs must be numbers; got 'a'",
    ),
    "items of three": (MapStyle(lambda place: (X, 0, 1)), {}, "must be (input, label), with a single label"),
    "items with several labels": (MapStyle(lambda place: (X, [0, 1])), {}, "with a single label"),
    "columns of different lengths": (
        {"a": [1, 2], "y": [0]},
        {},
        "must have columns of one length; 'a' has 2, 'y' has 1",
    ),
    "a frame with two columns of one name": (
        pd.concat([FRAME, FRAME], axis=1),
        {},
        "The DataFrame must name each column once",
    ),
    "a frame with dates": (FRAME.assign(when=pd.Timestamp("2020-01-01")), {}, "'when' holds times"),
    "a frame with dates of Python": (
        FRAME.assign(when=pd.Series([pd.Timestamp("2020-01-01")] * 3, dtype=object)),
        {},
        "'when' holds times",
    ),
    "a frame with complex numbers": (FRAME.assign(c=[1j, 2, 3]), {}, "'c' holds complex numbers"),
    "a frame with objects": (FRAME.assign(o=[{"k": 1}, {1}, X]), {}, "'o' holds Python objects (dict, ndarray, set)"),
    "a frame with numbers and texts in one column": (
        FRAME.assign(m=pd.Series([1, "a", 2], dtype=object)),
        {},
        "'m' holds numbers and texts mixed",
    ),
    "a frame with periods": (FRAME.assign(p=pd.period_range("2020", periods=3)), {}, "'p' holds period["),
    "a frame without rows": (FRAME[:0], {}, "The DataFrame must have at least one row"),
    "three parts": (
        {"train": FRAME, "validation": FRAME, "test": FRAME},
        {},
        '`{"train": data["train"], "validation": data["test"]}`',
    ),
    "one part": ({"train": FRAME}, {}, "must have one for training and one for validation; got 'train'"),
    "parts with other columns": (
        {"train": FRAME, "test": FRAME[["a", "label"]]},
        {},
        "must have the same columns; only one has 'b'",
    ),
    "parts of other shapes": ({"train": (X, Y), "test": (X[:, :1], Y)}, {}, "must have one shape; got (2,) and (1,)"),
    "an array beside parts": (
        {"train": FRAME, "test": FRAME},
        {"label": Y},
        "`label` has no meaning for data in parts",
    ),
    "a size that is none": (FRAME, {"size": 0}, "`size` must be a whole number of at least 1"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_odd_objects_are_refused_with_what_to_do(name: str) -> None:
    obj, options, message = REFUSED[name]
    with pytest.raises(BadInput) as problem:
        labelled_from_object(obj, **options)
    assert message in str(problem.value)


def test_arrays_are_not_copied(tmp_path: Any) -> None:
    np.save(tmp_path / "x.npy", X)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    assert np.shares_memory(labelled_from_object(mapped, label=Y).inputs, mapped)


def test_classes_of_categories_keep_their_order_and_names_of_features_are_kept() -> None:
    frame = FRAME.assign(label=pd.Categorical(["low", "high", "low"], ["low", "high", "never"]))
    assert labelled_from_object(frame).class_names == ("low", "high", "never")
    assert labelled_from_object(load_wine()).feature_names[0] == "alcohol"
    assert labelled_from_object(load_digits()).notes == (
        "`images` are not in [0, 1]; the vectors in `data` are used instead.",
    )


def test_a_bunch_of_measured_targets_has_them_as_labels_for_the_check_of_classes() -> None:
    assert labelled_from_object(load_diabetes()).labels.dtype.kind == "i"


def test_parts_and_ids_say_where_examples_come_from() -> None:
    found = labelled_from_object({"train": FRAME, "test": FRAME[:1]})
    assert found.part is not None
    assert found.part.tolist() == ["training"] * 3 + ["validation"]
    assert found.ids.tolist() == ["train/0", "train/1", "train/2", "test/0"]
    samples = [(f"cats/{place}.png", 0) for place in range(4)]
    assert labelled_from_object(MapStyle(tensor_item, samples=samples)).ids.tolist() == [name for name, _ in samples]
    given = labelled_from_object(X, label=Y, id_column=list("pqrstu"), group=[1, 1, 2, 2, 3, 3], show=list("ABCDEF"))
    assert given.ids.tolist() == list("pqrstu")
    assert given.group is not None
    assert given.group.tolist() == ["1", "1", "2", "2", "3", "3"]
    assert given.shown is not None
    assert given.shown.tolist() == list("ABCDEF")


def test_labelled_examples_pass_unchanged() -> None:
    made = LabelledExamples(inputs=X, labels=Y, ids=Y.astype(str), name="mine")
    assert labelled_from_object(made) is made


def test_categories_of_both_parts_are_encoded_together() -> None:
    other = pd.DataFrame({"a": [7.0], "b": ["a new one"], "label": ["x"]})
    found = labelled_from_object({"train": FRAME, "test": other})
    assert found.feature_names == ("a", "b=a new one", "b=u", "b=w")
    assert found.inputs[3].tolist() == [7, 1, 0, 0]


class Interchange:
    """Offers the interchange protocol of data frames and nothing else."""

    def __dataframe__(self, nan_as_null: bool = False, allow_copy: bool = True) -> Any:
        return FRAME.__dataframe__(nan_as_null, allow_copy)


def test_whatever_offers_the_interchange_protocol_is_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    np.testing.assert_array_equal(labelled_from_object(Interchange()).inputs, labelled_from_object(FRAME).inputs)
    monkeypatch.setitem(sys.modules, "pandas.api.interchange", None)
    with pytest.raises(
        BadInput, match=r"The Interchange has no Arrow interface. Convert it, as by `data.to_pandas\(\)`"
    ):
        labelled_from_object(Interchange())


class Stream:
    """Offers Arrow's interface and nothing else."""

    def __init__(self, table: Any) -> None:
        self.table = table

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self.table.__arrow_c_stream__(requested_schema)


def test_whatever_offers_arrow_is_a_table() -> None:
    pa = pytest.importorskip("pyarrow")
    table = pa.table({"a": [1.0, 5, 2], "b": ["u", "w", "u"], "label": ["x", "y", "y"]})
    for obj in (table, Stream(table)):
        found = labelled_from_object(obj)
        np.testing.assert_array_equal(found.inputs, labelled_from_object(FRAME).inputs)


def test_frames_of_polars_are_tables() -> None:
    pytest.importorskip("pyarrow")
    pl = pytest.importorskip("polars")
    frame = pl.DataFrame({"a": [1.0, 5, 2], "b": ["u", "w", "u"], "label": ["x", "y", "y"]})
    np.testing.assert_array_equal(labelled_from_object(frame).inputs, labelled_from_object(FRAME).inputs)
    kinds = frame.with_columns(
        pl.col("b").cast(pl.Enum(["w", "u"])), pl.col("a").cast(pl.Float32), k=pl.col("label").cast(pl.Categorical)
    ).with_columns(v=pl.Series([[1.0, 2.0]] * 3, dtype=pl.Array(pl.Float32, 2)))
    found = labelled_from_object(kinds)
    assert found.feature_names == ("a", "b=w", "b=u", "k=x", "k=y", "v[0]", "v[1]")


class HuggingFace:
    """Offers what a `datasets.Dataset` does."""

    def __init__(self, table: Any) -> None:
        self.table = table
        self.column_names, self.features, self.num_rows = table.column_names, {}, table.num_rows

    def __len__(self) -> int:
        return self.num_rows

    def __getitem__(self, key: Any) -> Any:
        return self.table

    def with_format(self, kind: str) -> "HuggingFace":
        assert kind == "arrow"
        return self


def test_a_data_set_of_hugging_face_keeps_its_class_names() -> None:
    pa = pytest.importorskip("pyarrow")
    features = {"kind": {"names": ["no", "yes"], "_type": "ClassLabel"}}
    table = pa.table({"a": [1, 2, 4], "kind": [1, 0, 1]})
    table = table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
    found = labelled_from_object(HuggingFace(table))
    assert found.labels.tolist() == ["yes", "no", "yes"]
    both = labelled_from_object({"train": HuggingFace(table), "test": HuggingFace(table)})
    assert both.class_names == ("no", "yes")


def test_the_data_sets_of_that_library_are_taken() -> None:
    pa = pytest.importorskip("pyarrow")
    datasets = pytest.importorskip("datasets")
    kinds = datasets.Features({"a": datasets.Value("int64"), "kind": datasets.ClassLabel(names=["no", "yes"])})
    table = pa.table({"a": [1, 2, 4], "kind": [1, 0, 1]}, schema=kinds.arrow_schema)
    assert labelled_from_object(datasets.Dataset(table, fingerprint="made")).labels.tolist() == ["yes", "no", "yes"]
