"""Reads a table from a file of any kind."""

from collections.abc import Container
from pathlib import Path

from byheart.checks import BadInput
from byheart.data.loading.chosen import PICKLES, SPREADSHEETS
from byheart.data.loading.readable import readable
from byheart.data.loading.tables.arrow_files import read_arrow, read_parquet
from byheart.data.loading.tables.delimited import read_delimited
from byheart.data.loading.tables.json_lines import read_json_lines
from byheart.data.loading.tables.table import Table

_ARROW = (b"ARROW1", b"FEA1")


def read_table(
    path: Path,
    *,
    separator: str | None = None,
    thousands: str | None = None,
    decimal: str = ".",
    as_text: Container[str | None] = (),
) -> Table:
    """Return the table of a file: Parquet, Arrow, JSON lines, or text with separators.

    Parquet and Arrow files are known by their first bytes, whatever their names; JSON lines by their name or by a first
    line that is an object. The other arguments are those of `read_delimited`.

    Raises:
        BadInput: no such file, a spreadsheet or a pickle, or what the readers of each kind refuse.
    """
    ending = path.suffix.lower()
    if ending in SPREADSHEETS:
        raise BadInput(f"{path} is a spreadsheet, which is not read. Save its sheet as CSV (UTF-8).")
    if ending in PICKLES:
        raise BadInput(f"{path} is a pickle, which is never loaded, as it may run code. Save the table as Parquet.")
    start = _start(path)
    if start.startswith(b"PAR1") or ending in (".parquet", ".pq"):
        return read_parquet(path)
    if start.startswith(_ARROW) or ending in (".arrow", ".feather", ".ipc"):
        return read_arrow(path)
    if {".jsonl", ".ndjson"} & set(map(str.lower, path.suffixes)) or start.lstrip().startswith(b'{"'):
        return read_json_lines(path)
    return read_delimited(path, separator=separator, thousands=thousands, decimal=decimal, as_text=as_text)


def _start(path: Path) -> bytes:
    with readable(path), path.open("rb") as file:
        return file.read(64)
