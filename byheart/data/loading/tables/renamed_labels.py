"""Columns that are the labels by other names, such as the numbers of classes beside their names."""

import numpy as np
from jaxtyping import Shaped

from byheart.data.loading.tables.table import Column

FEWEST_ROWS = 20
"""In fewer rows, a column may fit the labels by chance."""
_FIRST = 1000


def is_renamed(column: Column, labels: Shaped[np.ndarray, " row"]) -> bool:
    """Return whether each value of a column occurs with one label only, and each label with one value.

    >>> labels = np.array(["cat", "dog"] * 10)
    >>> is_renamed(Column("numbers", np.array([3, 7] * 10), np.zeros(20, bool)), labels)
    True
    >>> is_renamed(Column("numbers", np.arange(20), np.zeros(20, bool)), labels)
    False
    """
    if not column.has_texts or column.has_missing or len(labels) < FEWEST_ROWS:
        return False
    return all(
        _are_one_to_one(column.values[rows], labels[rows])
        for rows in (slice(_FIRST), slice(None))[: 1 + (len(labels) > _FIRST)]
    )


def _are_one_to_one(values: Shaped[np.ndarray, " row"], labels: Shaped[np.ndarray, " row"]) -> bool:
    first, value_of = np.unique(values, return_inverse=True)
    second, label_of = np.unique(labels, return_inverse=True)
    if len(first) != len(second) or len(first) < 2:
        return False
    return len(np.unique(value_of * len(second) + label_of)) == len(first)
