"""Columns whose cells are pictures: encoded bytes, paths, or Hugging Face's structs of both."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from byheart.data.loading.tables.table import Column, unusable

_BEGINNINGS = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*")
"""Of PNG, JPEG, GIF, BMP and TIFF. WebP begins with RIFF, a length and WEBP."""


def looks_like_picture(data: bytes) -> bool:
    """Return whether encoded bytes begin as those of a common kind of picture do."""
    return data.startswith(_BEGINNINGS) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP")


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
    if isinstance(first, bytes) and not looks_like_picture(first):
        return unusable("bytes that are no picture", len(cells))
    return Column("pictures", contents, is_missing, file_names=names)
