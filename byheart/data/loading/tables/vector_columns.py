"""Columns whose cells are vectors: lists of numbers, all of one length."""

import numpy as np
from jaxtyping import Float, Int

from byheart.data.loading.tables.table import Column, unusable


def vector_column(lengths: Int[np.ndarray, " row"], components: Float[np.ndarray, " component"]) -> Column:
    """Return a column of vectors.

    Args:
        lengths: (row,) number of components; -1 where the cell is missing.
        components: of all cells that are not missing, one after the other. A vector with NaN counts as missing.

    >>> vector_column(np.array([2, -1, 2]), np.array([1.0, 2.0, 3.0, 4.0])).values.tolist()
    [[1.0, 2.0], [0.0, 0.0], [3.0, 4.0]]
    >>> vector_column(np.array([2, 1]), np.array([1.0, 2.0, 3.0])).what
    'vectors of different lengths (2 in row 0, 1 in row 1)'
    """
    is_missing = lengths < 0
    present = np.flatnonzero(~is_missing)
    if not present.size:
        return Column("numbers", np.zeros(len(lengths)), is_missing)
    length = int(lengths[present[0]])
    others = present[lengths[present] != length]
    if others.size:
        first, other = present[0], others[0]
        return unusable(
            f"vectors of different lengths ({length} in row {first}, {lengths[other]} in row {other})", len(lengths)
        )
    if not length:
        return unusable("empty vectors", len(lengths))
    vectors = components.reshape(-1, length)
    if is_missing.any():
        spread = np.zeros((len(lengths), length), vectors.dtype)
        spread[present] = vectors
        vectors = spread
    return Column("vectors", vectors, is_missing | np.isnan(vectors).any(axis=1))
