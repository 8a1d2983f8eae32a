"""Several tables as one, and columns that are given beside a table."""

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from byheart.checks import BadInput
from byheart.data.loading.tables.table import Column, Table, some_names, unusable


def joined(tables: Sequence[Table]) -> Table:
    """Return the rows of several tables, one table after the other.

    Raises:
        BadInput: the tables have different columns.
    """
    first = tables[0]
    for other in tables[1:]:
        different = sorted(set(first.names) ^ set(other.names))
        if different:
            raise BadInput(
                f"{first.source} and {other.source} must have the same columns; only one has {some_names(different)}."
            )
    return dataclasses.replace(
        first,
        n_rows=sum(table.n_rows for table in tables),
        column=lambda name: _one_after_the_other([table.column(name) for table in tables]),
        perhaps_pictures=tuple(dict.fromkeys(name for table in tables for name in table.perhaps_pictures)),
        notes=tuple(dict.fromkeys(note for table in tables for note in table.notes)),
    )


def with_columns(table: Table, columns: Mapping[str, Column]) -> Table:
    """Return a table with further columns."""
    return dataclasses.replace(
        table,
        names=(*table.names, *columns),
        column=lambda name: columns[name] if name in columns else table.column(name),
    )


def _one_after_the_other(columns: Sequence[Column]) -> Column:
    is_missing = np.concatenate([column.is_missing for column in columns])
    kinds = {column.kind for column in columns if not column.is_missing.all()} or {columns[0].kind}
    if len(kinds) > 1:
        return unusable(f"{' and '.join(sorted(kinds))} in different parts", len(is_missing))
    kind = kinds.pop()
    used = [column if column.kind == kind else _empty_like(kind, column, columns) for column in columns]
    if kind == "texts":
        return _texts(used, is_missing)
    widths = {column.values.shape[1:] for column in used}
    if len(widths) > 1:
        return unusable("vectors of different lengths in different parts", len(is_missing))
    values = np.concatenate([one.values for one in used])
    if kind == "pictures":
        file_names = np.concatenate([np.asarray(column.file_names, object) for column in used])
        return Column(kind, values, is_missing, file_names=file_names)
    return Column(kind, values, is_missing, what=used[0].what)


def _empty_like(kind: str, column: Column, columns: Sequence[Column]) -> Column:
    """Return a column without any cell as one of another kind."""
    example = next(one for one in columns if one.kind == kind)
    values = np.zeros((len(column.values), *example.values.shape[1:]), example.values.dtype)
    return dataclasses.replace(example, values=values, is_missing=column.is_missing)


def _texts(columns: Sequence[Column], is_missing: np.ndarray) -> Column:
    categories = list(dict.fromkeys(str(text) for column in columns for text in column.categories))
    place = {text: code for code, text in enumerate(categories)}
    codes = [
        np.array([*(place[str(text)] for text in column.categories), -1])[
            np.where(column.is_missing, len(column.categories), column.values)
        ]
        for column in columns
    ]
    has_order = all(column.has_order for column in columns)
    return Column("texts", np.concatenate(codes), is_missing, np.array(categories, object), has_order)
