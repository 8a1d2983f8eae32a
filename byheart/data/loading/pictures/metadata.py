"""Pictures listed in a file: metadata.csv, metadata.jsonl or metadata.parquet, with `file_name` and a label."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from byheart.checks import BadInput
from byheart.data.loading.columns import label_column, named_column
from byheart.data.loading.part_names import parts_of
from byheart.data.loading.pictures.listed import Columns, Listed
from byheart.data.loading.pictures.walking import Skipped, id_of, pictures_below, text_of
from byheart.data.loading.tables.reading import read_table
from byheart.data.loading.tables.table import Table

NAMES = ("metadata.csv", "metadata.jsonl", "metadata.parquet")
FILE_NAME = "file_name"


def metadata_in(folder: str) -> str | None:
    """Return the path of the metadata file in a folder; None if there is none.

    Raises:
        BadInput: there are several.
    """
    present = [path for name in NAMES if os.path.isfile(path := os.path.join(folder, name))]
    if len(present) > 1:
        names = " and ".join(os.path.basename(path) for path in present)
        raise BadInput(f"{text_of(folder)} must hold one metadata file; it holds {names}. Remove the others.")
    return present[0] if present else None


def listed_in(path: str, columns: Columns, root: str) -> Listed:
    """Return the pictures that a metadata file lists, in its order.

    Args:
        path: of the metadata file; file names are relative to its folder.
        columns: the columns that the user names.
        root: the folder that names of examples are relative to.

    Raises:
        BadInput: the file cannot be read; a column is missing; or a picture is missing, or lies outside the folder.
    """
    where, folder = text_of(path), os.path.dirname(path)
    table = read_table(Path(path), as_text=_EveryColumn())
    names = table.names
    if FILE_NAME not in names:
        raise BadInput(f"{where} must have the column {FILE_NAME!r}; got {', '.join(map(repr, names)) or 'none'}.")
    label = label_column([name for name in names if name != FILE_NAME], columns.label, where)
    for option, column in columns.named().items():
        named_column(names, column, option, where)
    cells = {name: _cells(table, name) for name in {FILE_NAME, label, *columns.named().values()}}
    paths = _paths(cells[FILE_NAME], folder, where)
    notes = _unlisted(folder, paths)
    parts: list[str] | None = None
    if columns.part is not None:
        part, note = parts_of([text or "" for text in cells[columns.part]], columns.part)
        parts = part.tolist()
        notes += [note] * bool(note)
    listed = Listed(
        paths,
        cells[label],
        [id_of(path, root) for path in paths] if columns.ids is None else _complete(cells, columns.ids, where),
        parts,
        None if columns.group is None else _complete(cells, columns.group, where),
        tuple(notes),
    )
    return listed if parts is None else listed.take([place for place, one in enumerate(parts) if one != "test"])


class _EveryColumn:
    """Contains the name of every column: each is read as it is written."""

    def __contains__(self, name: object) -> bool:
        return True


def _cells(table: Table, name: str) -> list[str | None]:
    """Return the cells of a column as text; None where a cell is missing."""
    column = table.column(name)
    if not column.has_texts:
        raise BadInput(
            f"{table.source}: the column {name!r} must hold texts or numbers; got {column.content}. Name another one."
        )
    gone = zip(column.texts().tolist(), column.is_missing.tolist(), strict=True)
    return [None if is_missing else str(text) for text, is_missing in gone]


def _paths(names: Sequence[str | None], folder: str, where: str) -> list[str]:
    """Return the path of each row's picture, after checking that it is there."""
    paths, missing = [], []
    for number, name in enumerate(names):
        if name is None or not name.strip():
            raise BadInput(f"{where}, row {number} (counted from 0), must name a file in {FILE_NAME!r}; got {name!r}.")
        relative = PurePosixPath(name.replace("\\", "/"))
        if relative.is_absolute() or ".." in relative.parts:
            raise BadInput(f"{where}, row {number} (counted from 0): {name!r} must lie in the folder of the file.")
        path = os.path.join(folder, *relative.parts)
        paths.append(path)
        if not os.path.isfile(path):
            missing.append(name)
    if missing:
        shown = ", ".join(map(repr, missing[:5])) + ", ..." * (len(missing) > 5)
        raise BadInput(f"{where} lists {len(missing)} of {len(names)} files that are not there: {shown}. Add them.")
    if not paths:
        raise BadInput(f"{where} must list pictures; it has no rows.")
    return paths


def _unlisted(folder: str, paths: Sequence[str]) -> list[str]:
    """Return a note about pictures in the folder that the file does not list."""
    listed = {str(Path(path)) for path in paths}
    n = sum(path not in listed for path in pictures_below(folder, Skipped()))
    return [f"{n:,} pictures are not in the metadata file, and are left out."] if n else []


def _complete(cells: Mapping[str, Sequence[str | None]], column: str, where: str) -> list[str]:
    """Return the cells of a column, after checking that none is missing or blank."""
    found = []
    for number, text in enumerate(cells[column]):
        if text is None or not text.strip():
            raise BadInput(
                f"{where}: the column {column!r} is empty in row {number} (counted from 0). Fill it in, or drop "
                "the row."
            )
        found.append(text)
    return found
