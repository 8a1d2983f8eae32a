"""Columns of Arrow, whoever made them: Parquet and Arrow files, polars, Hugging Face's data sets."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from byheart.data.loading.tables import hugging_face
from byheart.data.loading.tables.encoded_pictures import picture_column
from byheart.data.loading.tables.pyarrow_or_advice import pyarrow_for
from byheart.data.loading.tables.table import Column, Table, check_names, unusable
from byheart.data.loading.tables.vector_columns import vector_column

_INDEX = "__index_level_"
"""Begins the name of a column that pandas makes of an index without a name."""


def arrow_table(
    source: str, name: str, schema: Any, n_rows: int, read: Callable[[str], Any], folder: Path = Path()
) -> Table:
    """Return a table of Arrow columns.

    Args:
        source: the file or object, for messages.
        name: of the data in reports.
        schema: a `pyarrow.Schema`; Hugging Face's descriptions in its metadata are understood.
        n_rows: number of rows.
        read: returns the `pyarrow.ChunkedArray` of a column.
        folder: to which paths of pictures are relative.
    """
    features = hugging_face.features_of(schema.metadata)
    names = check_names(source, schema.names)
    indices = [one for one in names if one.startswith(_INDEX)]
    names = tuple(one for one in names if one not in indices)
    of = {one: features.get(one, {}) for one in names}
    return Table(
        source,
        name,
        names,
        n_rows,
        lambda one: from_arrow(read(one), of[one]),
        marked_labels=tuple(one for one in names if hugging_face.is_class_label(of[one])),
        perhaps_pictures=tuple(one for one in names if _may_be_picture(schema.field(one).type, of[one])),
        folder=folder,
        notes=("Not used: the index of a pandas frame, which has no name.",) if indices else (),
    )


def _may_be_picture(kind: Any, feature: Mapping[str, Any]) -> bool:
    return hugging_face.is_picture(feature) or str(kind).startswith(("struct", "binary", "large_binary", "extension"))


def from_arrow(cells: Any, feature: Mapping[str, Any]) -> Column:
    """Return a column of the cells of a `pyarrow.ChunkedArray`; `feature` is what Hugging Face says of it, or {}."""
    pyarrow = pyarrow_for("A column of Arrow")
    types = pyarrow.types
    if isinstance(cells.type, pyarrow.BaseExtensionType):
        storage = cells.type.storage_type
        cells = pyarrow.chunked_array([chunk.storage for chunk in cells.chunks], storage)
    kind = cells.type
    if types.is_dictionary(kind):
        return _of_dictionary(pyarrow, cells)
    if types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind):
        if hugging_face.is_picture(feature):
            return picture_column(cells.to_pylist())
        return _of_dictionary(pyarrow, cells.cast(pyarrow.large_string()).dictionary_encode())
    if types.is_struct(kind) and {"bytes", "path"} & {kind.field(i).name for i in range(kind.num_fields)}:
        return picture_column(cells.to_pylist())
    if types.is_binary(kind) or types.is_large_binary(kind) or types.is_binary_view(kind):
        return picture_column(cells.to_pylist())
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return _of_lists(pyarrow, cells)
    if types.is_null(kind):
        return Column("numbers", np.zeros(len(cells)), np.ones(len(cells), np.bool_))
    if types.is_boolean(kind):
        return Column("truth values", _filled(pyarrow, cells, False), _is_null(cells))
    if types.is_decimal(kind):
        cells, kind = cells.cast(pyarrow.float64()), pyarrow.float64()
    if types.is_integer(kind) or types.is_floating(kind):
        column = Column("numbers", _filled(pyarrow, cells, 0), _is_null(cells))
        if hugging_face.is_class_label(feature):
            return hugging_face.with_class_names(column, feature["names"])
        return with_nan_as_missing(column)
    if types.is_temporal(kind):
        return unusable("times", len(cells))
    return unusable(f"cells of the type {kind}", len(cells))


def with_nan_as_missing(column: Column) -> Column:
    """Return a column of numbers whose NaN are missing cells."""
    if column.values.dtype.kind != "f":
        return column
    return Column("numbers", column.values, column.is_missing | np.isnan(column.values))


def _is_null(cells: Any) -> np.ndarray:
    if not cells.null_count:
        return np.zeros(len(cells), np.bool_)
    return cells.is_null().to_numpy()


def _filled(pyarrow: Any, cells: Any, value: Any) -> np.ndarray:
    """Return the cells as an array of their type, with `value` in place of nulls."""
    return (cells.fill_null(pyarrow.scalar(value, cells.type)) if cells.null_count else cells).to_numpy()


def _of_dictionary(pyarrow: Any, cells: Any) -> Column:
    """Return texts as their codes and categories; a dictionary of anything else is unpacked."""
    value = cells.type.value_type
    if not (pyarrow.types.is_string(value) or pyarrow.types.is_large_string(value)):
        if pyarrow.types.is_string_view(value):
            return _of_dictionary(pyarrow, _with_plain_dictionary(pyarrow, cells))
        return from_arrow(cells.cast(value), {})
    whole = cells.unify_dictionaries().combine_chunks()
    whole = whole.chunk(0) if isinstance(whole, pyarrow.ChunkedArray) else whole
    codes = _filled(pyarrow, pyarrow.chunked_array([whole.indices]), 0).astype(np.int64)
    categories = np.array(whole.dictionary.to_pylist(), object)
    return Column("texts", codes, _is_null(cells), categories, has_order=bool(cells.type.ordered))


def _with_plain_dictionary(pyarrow: Any, cells: Any) -> Any:
    """Return a dictionary of views, which pyarrow cannot unify, as one of texts."""
    ordered = cells.type.ordered
    chunks = [
        pyarrow.DictionaryArray.from_arrays(one.indices, one.dictionary.cast(pyarrow.large_string()), ordered=ordered)
        for one in cells.chunks
    ]
    kind = pyarrow.dictionary(cells.type.index_type, pyarrow.large_string(), ordered)
    return pyarrow.chunked_array(chunks, kind)


def _of_lists(pyarrow: Any, cells: Any) -> Column:
    """Return lists of numbers, all of one length, as vectors."""
    value = cells.type.value_type
    if not (pyarrow.types.is_integer(value) or pyarrow.types.is_floating(value) or pyarrow.types.is_boolean(value)):
        return unusable(f"lists of the type {value}", len(cells))
    lengths = pyarrow.compute.list_value_length(cells).fill_null(-1).to_numpy()
    components = cells.drop_null().combine_chunks().flatten()
    nulls = components.is_null().to_numpy(zero_copy_only=False)
    numbers = components.cast(pyarrow.float32() if value != pyarrow.float64() else value).to_numpy(zero_copy_only=False)
    return vector_column(lengths, np.where(nulls, np.nan, numbers) if nulls.any() else numbers)
