"""The labels in a column of a table."""

import numpy as np
from jaxtyping import Shaped

from byheart.checks import BadInput
from byheart.data.loading.tables.table import Table, rows_where

Labels = tuple[Shaped[np.ndarray, " row"], tuple[str, ...]]
"""Labels, and the names of their classes in a stated order or ()."""


def labels_of(table: Table, name: str, ids: Shaped[np.ndarray, " row"]) -> Labels:
    """Return the labels in the column `name`, as strings, integers or booleans.

    Raises:
        BadInput: missing labels, with their rows and ids; numbers that are not whole; or a column of anything else.
    """
    column, where = table.column(name), f"{table.source}, label column {name!r}"
    if not column.has_texts:
        raise BadInput(
            f"{where} must hold texts, whole numbers or truth values; got {column.content}. Choose another column."
        )
    if column.has_missing:
        raise BadInput(
            f"{where} must have a label in every row; none is in {rows_where(column.is_missing, ids)}. "
            "Fill in or remove these rows."
        )
    if column.kind == "texts":
        texts = np.array([str(one) for one in column.categories])
        return texts[column.values], tuple(map(str, texts)) if column.has_order else ()
    if column.values.dtype.kind != "f":
        return column.values, ()
    is_broken = ~np.isfinite(column.values) | (column.values != np.floor(column.values))
    if is_broken.any():
        raise BadInput(
            f"{where} must hold classes; got {len(np.unique(column.values)):,} different numbers, such as "
            f"{column.values[np.argmax(is_broken)]:g} in {rows_where(is_broken)}. Are they continuous? Bin them first, "
            "as by `pandas.qcut`."
        )
    return column.values.astype(np.int64), ()
