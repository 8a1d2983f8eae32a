"""Pictures in a column of a table, as images."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Shaped

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


@dataclass(frozen=True, eq=False)
class PicturesOfRows:
    """Pictures of a table's rows.

    Attributes:
        pixels: of the rows that have a picture.
        is_readable: whether a row has one.
        note: a sentence about the rows that have none; empty if all have one.
    """

    pixels: Shaped[np.ndarray, "readable height width channel"]
    is_readable: Bool[np.ndarray, " row"]
    note: str


def pictures_of(
    table: Table, name: str, ids: Shaped[np.ndarray, " row"], size: int, skip_unreadable: bool = False
) -> PicturesOfRows:
    """Return the pictures in the column `name`, all of `size` x `size` pixels, as those of a folder.

    Raises:
        BadInput: missing or unreadable pictures that are not to be skipped, or no other; the message names the row.
    """
    column, where = table.column(name), f"{table.source}, column {name!r}"
    is_there = ~column.is_missing
    if not is_there.all() and not (skip_unreadable and is_there.any()):
        raise BadInput(
            f"{where} must have a picture in every row; none is in {rows_where(column.is_missing, ids)}. "
            "Remove these rows, or leave them out with `skip_unreadable` (--skip-unreadable)."
        )
    values = column.values[is_there].tolist()
    sources = [one if isinstance(one, bytes) else str(table.folder / str(one)) for one in values]
    pixels, problems, _ = decode_all(sources, size, show_progress=True)
    is_broken = np.zeros(len(ids), bool)
    is_broken[np.flatnonzero(is_there)[list(problems)]] = True
    is_readable = is_there & ~is_broken
    if problems and not (skip_unreadable and is_readable.any()):
        raise BadInput(
            f"{where} must hold pictures that can be read; it does not in {rows_where(is_broken, ids)}: "
            f"{next(iter(problems.values()))}. Repair or remove these rows, or leave them out with `skip_unreadable` "
            "(--skip-unreadable)."
        )
    note = (
        ""
        if is_readable.all()
        else f"Rows without a picture that can be read, left out: {rows_where(~is_readable, ids)}."
    )
    return PicturesOfRows(stacked(pixels), is_readable, note)
