"""Pictures in a column of a table, as images."""

import numpy as np
from jaxtyping import Shaped

from byheart.checks import BadInput
from byheart.data.loading.pictures.batch_decoding import decode_all, stacked
from byheart.data.loading.tables.table import Table, rows_where, some_names


def picture_column_of(table: Table, names: tuple[str, ...], are_chosen: bool) -> str | None:
    """Return the only column of pictures among `names`; None if there is none.

    Raises:
        BadInput: several columns of pictures, or other columns that the user named besides.
    """
    pictures = [name for name in names if name in table.perhaps_pictures and table.column(name).kind == "pictures"]
    if not pictures:
        return None
    if len(pictures) > 1:
        raise BadInput(
            f"{table.source} has several columns of pictures: {some_names(pictures)}. Pass `features` with one of them."
        )
    if are_chosen and len(names) > 1:
        others = [name for name in names if name != pictures[0]]
        raise BadInput(
            f"`features` must name the pictures {pictures[0]!r} or other columns of {table.source}, not both; it names "
            f"{some_names(others)} too."
        )
    return pictures[0]


def pictures_of(
    table: Table, name: str, ids: Shaped[np.ndarray, " row"], size: int
) -> Shaped[np.ndarray, "row height width channel"]:
    """Return the pictures in the column `name`, all of `size` x `size` pixels, as those of a folder.

    Raises:
        BadInput: missing or unreadable pictures; the message names the row.
    """
    column, where = table.column(name), f"{table.source}, column {name!r}"
    if column.has_missing:
        raise BadInput(
            f"{where} must have a picture in every row; none is in {rows_where(column.is_missing, ids)}. "
            "Remove these rows."
        )
    sources = [one if isinstance(one, bytes) else str(table.folder / str(one)) for one in column.values.tolist()]
    pixels, problems, _ = decode_all(sources, size, show_progress=True)
    if problems:
        is_broken = np.isin(np.arange(len(ids)), list(problems))
        raise BadInput(
            f"{where} must hold pictures that can be read; it does not in {rows_where(is_broken, ids)}: "
            f"{next(iter(problems.values()))}. Repair or remove these rows."
        )
    return stacked(pixels)
