"""Reads a table from a file of any kind."""

from collections.abc import Container
from pathlib import Path

from byheart.checks import BadInput
from byheart.data.loading.chosen import PICKLES, SPREADSHEETS
from byheart.data.loading.options import LoadingOptions, no_meaning
from byheart.data.loading.readable import readable
from byheart.data.loading.tables.arrow_files import read_arrow, read_parquet
from byheart.data.loading.tables.delimited import read_delimited
from byheart.data.loading.tables.json_lines import read_json_lines
from byheart.data.loading.tables.table import Table

_ARROW = (b"ARROW1", b"FEA1")


OF_TEXT = ("separator", "thousands", "decimal")
"""Options of text with separators alone."""


def read_table(path: Path, options: LoadingOptions = LoadingOptions(), *, as_text: Container[str | None] = ()) -> Table:
    """Return the table of a file: Parquet, Arrow, JSON lines, or text with separators.

    Parquet and Arrow files are known by their first bytes, whatever their names; JSON lines by their name or by a first
    line that is an object.

    Args:
        path: of the file.
        options: those in `OF_TEXT` are used, as of `read_delimited`.
        as_text: names of columns whose cells are read as they are written, if the file is text with separators.

    Raises:
        BadInput: no such file, a spreadsheet or a pickle, options of text for another kind of file, or what the readers
            of each kind refuse.
    """
    ending = path.suffix.lower()
    if ending in SPREADSHEETS:
        raise BadInput(f"{path} is a spreadsheet, which is not read. Save its sheet as CSV (UTF-8).")
    if ending in PICKLES:
        raise BadInput(f"{path} is a pickle, which is never loaded, as it may run code. Save the table as Parquet.")
    start = _start(path)
    if start.startswith(b"PAR1") or ending in (".parquet", ".pq"):
        return read_parquet(_without_options(path, options, "a Parquet file"))
    if start.startswith(_ARROW) or ending in (".arrow", ".feather", ".ipc"):
        return read_arrow(_without_options(path, options, "an Arrow file"))
    if {".jsonl", ".ndjson"} & set(map(str.lower, path.suffixes)) or start.lstrip().startswith(b'{"'):
        return read_json_lines(_without_options(path, options, "JSON lines"))
    given = {name: getattr(options, name) for name in OF_TEXT}
    return read_delimited(path, as_text=as_text, **given)


def _without_options(path: Path, options: LoadingOptions, kind: str) -> Path:
    """Return the path, after checking that no option is given that is for text with separators."""
    for name in options.given():
        if name in OF_TEXT:
            raise no_meaning(name, f"{kind}, {path}, which has no text with separators")
    return path


def _start(path: Path) -> bytes:
    with readable(path), path.open("rb") as file:
        return file.read(64)
