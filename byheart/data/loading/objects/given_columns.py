"""Labels, ids and the like that are given as arrays, beside a table or in place of the names of its columns."""

from typing import Any

import numpy as np

from byheart.checks import BadInput, shown
from byheart.data.loading.tables.frames import from_series
from byheart.data.loading.tables.joined import with_columns
from byheart.data.loading.tables.table import Column, Table

_NAMES = {"id_column": "ids", "part": "validation"}
"""Options of roles that have another name than the role."""


def with_given(table: Table, given: dict[str, Any]) -> tuple[Table, dict[str, Any]]:
    """Return a table that has a column for each array in `given`, and the name of each role's column.

    Args:
        table: the table.
        given: for each role, such as "label", the name of a column, an array or list of one value for each row, or
            None.

    Raises:
        BadInput: an array that is no column, or has another length than the table.
    """
    columns: dict[str, Column] = {}
    names: dict[str, Any] = {}
    for role, value in given.items():
        if value is None or isinstance(value, str):
            names[role] = value
            continue
        named = _NAMES.get(role, role)
        column = column_of(named, value)
        if len(column.is_missing) != table.n_rows:
            raise BadInput(
                f"`{named}` must have one entry for each of {table.n_rows:,} rows; got {len(column.is_missing):,}."
            )
        names[role] = named if named not in table.names else f"({named})"
        columns[str(names[role])] = column
    return with_columns(table, columns), names


def column_of(name: str, values: Any) -> Column:
    """Return an array, a list or a series as a column.

    Raises:
        BadInput: anything else, or more than one axis.
    """
    from pandas import Series

    if isinstance(values, dict | set | bytes) or not hasattr(values, "__len__"):
        raise BadInput(
            f"`{name}` must be the name of a column, or an array of one value for each row; got {shown(values)}."
        )
    values = values.detach().cpu() if hasattr(values, "detach") else values
    is_series = hasattr(values, "cat") or hasattr(values, "iloc")
    found = values if is_series else np.asarray(values) if hasattr(values, "__array__") else values
    if isinstance(found, np.ndarray) and found.dtype.kind == "S":
        found = np.char.decode(found, "utf-8", "backslashreplace")
    shape: tuple[int, ...] = getattr(found, "shape", (len(found),))
    if len(shape) != 1:
        one_hot = f" Are they one-hot? Pass `{name}.argmax(axis=1)`." if len(shape) == 2 and shape[1] > 1 else ""
        column = f" Pass `{name}.ravel()`." if len(shape) == 2 and shape[1] == 1 else ""
        raise BadInput(f"`{name}` must have one axis, (example); got the shape {tuple(shape)}.{one_hot}{column}")
    return from_series(found if is_series else Series(found, dtype=None if hasattr(found, "dtype") else object))
