"""Tables among Python objects, known by what they offer: data frames, Arrow tables, Hugging Face's data sets."""

import sys
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from byheart.checks import BadInput
from byheart.data.loading.tables.arrow import arrow_table
from byheart.data.loading.tables.frames import frame_table
from byheart.data.loading.tables.pyarrow_or_advice import pyarrow_for
from byheart.data.loading.tables.table import Table

_OF_A_HUGGING_FACE_DATASET = ("with_format", "column_names", "features", "num_rows")


def table_of(obj: Any, name: str) -> Table | None:
    """Return the table that an object holds; None if it holds none.

    It may be a `pandas.DataFrame`; a Hugging Face `Dataset`; anything with Arrow's interface `__arrow_c_stream__`, such
    as frames of polars and tables of pyarrow, or with the interchange protocol `__dataframe__`; a structured array;
    or a dictionary of columns.

    Args:
        obj: the object.
        name: of the data in reports.

    Raises:
        BadInput: pyarrow is needed and missing, two columns of one name, or columns of different lengths.
    """
    pandas = sys.modules.get("pandas")  # If it is not there yet, the object is no frame.
    source = f"The {type(obj).__name__}"
    if pandas is not None and isinstance(obj, pandas.DataFrame):
        return frame_table("The DataFrame", name, obj)
    if all(hasattr(obj, one) for one in _OF_A_HUGGING_FACE_DATASET) and hasattr(obj, "__len__"):
        return _of_arrow(source, name, obj.with_format("arrow")[:])
    if hasattr(obj, "__arrow_c_stream__"):
        pyarrow = pyarrow_for(source)
        return _of_arrow(source, name, pyarrow.table(obj))
    if hasattr(obj, "__dataframe__"):
        return frame_table(source, name, _interchanged(source, obj))
    fields = getattr(getattr(obj, "dtype", None), "names", None)
    if fields:
        return _of_columns(source, name, {field: obj[field] for field in fields})
    if isinstance(obj, Mapping) and obj and all(isinstance(key, str) for key in obj):
        return _of_columns(source, name, obj)
    return None


def _interchanged(source: str, obj: Any) -> Any:
    """Return a `pandas.DataFrame` by the interchange protocol, which later versions of pandas may not have."""
    try:
        from pandas.api.interchange import from_dataframe
    except ImportError:
        raise BadInput(f"{source} has no Arrow interface. Convert it, as by `data.to_pandas()`.") from None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # The protocol is deprecated; older libraries have no other.
        return from_dataframe(obj)


def _of_arrow(source: str, name: str, table: Any) -> Table:
    return arrow_table(source, name, table.schema, table.num_rows, table.column)


def _of_columns(source: str, name: str, columns: Mapping[str, Any]) -> Table | None:
    """Return a table of named columns; None if a value is no column."""
    from pandas import DataFrame, Series

    if any(isinstance(values, str | bytes | Mapping) or not hasattr(values, "__len__") for values in columns.values()):
        return None
    lengths = {key: len(values) for key, values in columns.items()}
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"{key!r} has {length:,}" for key, length in list(lengths.items())[:5])
        raise BadInput(f"{source} must have columns of one length; {listed}.")
    return frame_table(source, name, DataFrame({key: _series(Series, values) for key, values in columns.items()}))


def _series(series: Any, values: Any) -> Any:
    """Return a column as a `pandas.Series`; rows of an array with two axes become vectors."""
    if hasattr(values, "__array__") and not hasattr(values, "iloc"):
        array = np.asarray(values)
        return series(array if array.ndim == 1 else list(array))
    return series(values) if hasattr(values, "iloc") else series(list(values), dtype=object)
