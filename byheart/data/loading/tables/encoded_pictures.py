"""Columns whose cells are pictures: encoded bytes, paths, or Hugging Face's structs of both."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from byheart.data.loading.pictures.walking import begins_as_picture
from byheart.data.loading.tables.table import Column, unusable


def picture_column(cells: Sequence[Any]) -> Column:
    """Return a column of pictures.

    Args:
        cells: bytes, paths, {"bytes": ..., "path": ...} with either, or None where a picture is missing.

    Returns:
        a column whose values are (row,) bytes, or paths where there are no bytes; unusable if the first bytes are those
        of no picture.
    """
    contents = np.empty(len(cells), object)
    names = np.full(len(cells), "", object)
    for row, cell in enumerate(cells):
        data, path = (cell.get("bytes"), cell.get("path")) if isinstance(cell, dict) else (cell, None)
        contents[row] = data if data is not None else path
        names[row] = str(path or (data if isinstance(data, str) else ""))
    is_missing = np.array([one is None for one in contents], np.bool_)
    first = next((one for one in contents if one is not None), None)
    if isinstance(first, bytes) and not begins_as_picture(first):
        return unusable("bytes that are no picture", len(cells))
    return Column("pictures", contents, is_missing, file_names=names)
