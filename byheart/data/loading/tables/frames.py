"""Columns of a pandas.DataFrame."""

from pathlib import Path
from typing import Any

import numpy as np

from byheart.data.loading.tables.arrow import with_nan_as_missing
from byheart.data.loading.tables.encoded_pictures import picture_column
from byheart.data.loading.tables.table import Column, Table, check_names, unusable
from byheart.data.loading.tables.vector_columns import vector_column

_NUMBERS = {"integer", "floating", "mixed-integer-float", "decimal"}
_TIMES = {"datetime64", "datetime", "date", "timedelta64", "timedelta", "time", "period", "interval"}


def frame_table(source: str, name: str, frame: Any, folder: Path = Path()) -> Table:
    """Return the table of a `pandas.DataFrame`; its index is not a column. Paths of pictures are below `folder`."""
    names = check_names(source, frame.columns)
    places = {one: place for place, one in enumerate(names)}
    return Table(
        source,
        name,
        names,
        len(frame),
        lambda one: from_series(frame.iloc[:, places[one]]),
        perhaps_pictures=tuple(one for one in names if frame.dtypes.iloc[places[one]].kind == "O"),
        folder=folder,
    )


def from_series(cells: Any) -> Column:
    """Return a column of the cells of a `pandas.Series`, of any type."""
    from pandas import CategoricalDtype
    from pandas.api import types

    kind = cells.dtype
    if isinstance(kind, CategoricalDtype):
        codes = cells.cat.codes.to_numpy().astype(np.int64)
        categories = np.array(list(map(str, cells.cat.categories)), object)
        return Column("texts", codes, codes < 0, categories, has_order=True)
    if types.is_bool_dtype(kind):
        return _filled("truth values", cells, False, np.bool_)
    if types.is_complex_dtype(kind):
        return unusable("complex numbers", len(cells))
    if types.is_numeric_dtype(kind):
        return _numbers(cells)
    if types.is_string_dtype(kind) and not types.is_object_dtype(kind):
        return _texts(cells)
    if types.is_object_dtype(kind):
        return _of_objects(cells)
    return unusable("times" if types.is_datetime64_any_dtype(kind) or kind.kind in "mM" else str(kind), len(cells))


def _numbers(cells: Any) -> Column:
    if isinstance(cells.dtype, np.dtype):
        values = cells.to_numpy()
        return with_nan_as_missing(Column("numbers", values, np.zeros(len(values), np.bool_)))
    return with_nan_as_missing(_filled("numbers", cells, 0, None))


def _filled(kind: Any, cells: Any, value: Any, dtype: Any) -> Column:
    """Return a column with `value` where cells are missing."""
    is_missing = cells.isna().to_numpy(dtype=np.bool_)
    filled = cells.fillna(value) if is_missing.any() else cells
    return Column(kind, filled.to_numpy(dtype=dtype or getattr(cells.dtype, "numpy_dtype", np.float64)), is_missing)


def _texts(cells: Any) -> Column:
    from pandas import factorize

    codes, categories = factorize(cells)
    return Column("texts", codes.astype(np.int64), codes < 0, np.array([str(one) for one in categories], object))


def _of_objects(cells: Any) -> Column:
    """Return a column of Python objects that are all numbers, truth values, texts, lists of numbers, or pictures."""
    from pandas.api.types import infer_dtype

    inferred = infer_dtype(cells, skipna=True)
    if inferred == "empty":
        return Column("numbers", np.zeros(len(cells)), np.ones(len(cells), np.bool_))
    if inferred == "string":
        return _texts(cells)
    if inferred == "boolean":
        return _filled("truth values", cells.astype("boolean"), False, np.bool_)
    if inferred in _NUMBERS:
        return _of_python_numbers(cells)
    if inferred in _TIMES:
        return unusable("times", len(cells))
    if inferred == "complex":
        return unusable("complex numbers", len(cells))
    if inferred == "mixed-integer":
        return unusable("numbers and texts mixed", len(cells))
    return _of_any_objects(cells.tolist())


def _of_python_numbers(cells: Any) -> Column:
    is_missing = cells.isna().to_numpy(dtype=np.bool_)
    values = cells.where(~is_missing, 0).tolist()
    whole = all(isinstance(one, int | np.integer) for one in values)
    if whole and all(-(2**63) <= one < 2**63 for one in values):
        return Column("numbers", np.array(values, np.int64), is_missing)
    return Column("numbers", np.array(values, np.float64), is_missing)


def _of_any_objects(cells: list[Any]) -> Column:
    """Return a column of lists of numbers, or of pictures; anything else is not usable."""
    present = [one for one in cells if not _is_missing(one)]
    if all(isinstance(one, bytes) or (isinstance(one, dict) and {"bytes", "path"} & set(one)) for one in present):
        return picture_column([None if _is_missing(one) else one for one in cells])
    if not all(isinstance(one, list | tuple | np.ndarray) for one in present):
        kinds = sorted({type(one).__name__ for one in present})
        return unusable(f"Python objects ({', '.join(kinds[:3])})", len(cells))
    try:
        arrays = [np.asarray(one) for one in present]
    except ValueError:
        return unusable("lists of lists of different lengths", len(cells))
    if any(one.ndim != 1 or one.dtype.kind not in "biuf" for one in arrays):
        return unusable("lists of other things than numbers", len(cells))
    lengths = np.full(len(cells), -1)
    lengths[[not _is_missing(one) for one in cells]] = [len(one) for one in arrays]
    return vector_column(lengths, np.concatenate(arrays).astype(np.float64))


def _is_missing(cell: Any) -> bool:
    return cell is None or (isinstance(cell, float) and cell != cell) or type(cell).__name__ == "NAType"
