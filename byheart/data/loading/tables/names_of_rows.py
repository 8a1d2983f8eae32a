"""Ids, groups, parts and texts to show, from columns of a table."""

import numpy as np
from jaxtyping import Shaped

from byheart.checks import BadInput
from byheart.data.loading.part_names import parts_of
from byheart.data.loading.tables.table import Column, Table, rows_where

Texts = Shaped[np.ndarray, " row"]


def ids_in(table: Table, name: str | None) -> Texts:
    """Return the values of a column as distinct strings; without a column, the numbers of the rows.

    Raises:
        BadInput: missing or repeated values, or values that are no texts.
    """
    if name is None:
        return np.arange(table.n_rows).astype(np.str_)
    column = _of_texts(table, "id", name)
    _check_complete(table, "id", name, column)
    ids = column.texts().astype(np.str_)
    values, counts = np.unique(ids, return_counts=True)
    repeated = values[counts > 1]
    if repeated.size:
        raise BadInput(
            f"{table.source}, id column {name!r} must have another value in each row; {len(repeated):,} values are "
            f"repeated, such as {str(repeated[0])!r} in {rows_where(ids == repeated[0])}. Choose another column."
        )
    return ids


def groups_in(table: Table, name: str | None) -> Texts | None:
    """Return the values of a column as strings; None without a column.

    Raises:
        BadInput: missing values, or values that are no texts.
    """
    if name is None:
        return None
    column = _of_texts(table, "group", name)
    _check_complete(table, "group", name, column)
    return column.texts().astype(np.str_)


def parts_in(table: Table, name: str | None) -> tuple[Texts, str] | None:
    """Return the part of each row, and a note about test rows that are not used, as `parts_of`; None without a column.

    Raises:
        BadInput: a value that names no part, or missing values.
    """
    if name is None:
        return None
    column = _of_texts(table, "part", name)
    _check_complete(table, "part", name, column)
    try:
        return parts_of(column.texts().tolist(), name)
    except BadInput as problem:
        raise BadInput(f"{table.source}: {problem}") from None


def shown_in(table: Table, name: str | None) -> Texts | None:
    """Return the values of a column as Python strings, "" where they are missing; None without a column."""
    return None if name is None else _of_texts(table, "show", name).texts()


def _of_texts(table: Table, role: str, name: str) -> Column:
    column = table.column(name)
    if column.has_texts:
        return column
    raise BadInput(
        f"{table.source}, {role} column {name!r} must hold texts or numbers; got {column.content}. Choose another one."
    )


def _check_complete(table: Table, role: str, name: str, column: Column) -> None:
    if column.has_missing:
        raise BadInput(
            f"{table.source}, {role} column {name!r} must have a value in every row; none is in "
            f"{rows_where(column.is_missing)}. Fill in or remove these rows."
        )
