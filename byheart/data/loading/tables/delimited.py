"""Tables in text files whose cells are separated by commas or another character."""

import csv
import io
import itertools
import re
import warnings
from collections.abc import Container
from pathlib import Path
from typing import Any

from byheart.checks import BadInput, shown
from byheart.data.loading.tables.frames import from_series
from byheart.data.loading.tables.numbers_in_texts import from_texts
from byheart.data.loading.tables.table import Column, Table, check_names
from byheart.data.loading.tables.text_files import opened_text

_SAMPLE = 2**16
"""Number of characters in which the separator is looked for."""
_LINES = 10
"""Number of lines besides, as those of wide tables are long."""
_CHUNK = 50_000
"""Number of lines that are parsed at once."""
_SEPARATORS = (",", ";", "\t", "|", " ")


def read_delimited(
    path: Path,
    *,
    separator: str | None = None,
    thousands: str | None = None,
    decimal: str = ".",
    as_text: Container[str | None] = (),
) -> Table:
    """Return the table of a text file whose first line names the columns.

    Quoted cells may hold separators and line breaks. Empty cells are missing; in columns of numbers words such as NA
    are, too. A column without a name is left out.

    Args:
        path: of the file, in UTF-8 or UTF-16.
        separator: of cells; None: the one of comma, semicolon, tab, bar and blank that fits, or what
            `csv.Sniffer` finds.
        thousands: separator of thousands in numbers.
        decimal: the decimal point.
        as_text: names of columns whose cells are read as they are written, such as "007".

    Raises:
        BadInput: no text, no line of names, a name that comes twice, a line with too many cells, or equal `thousands`
            and `decimal`.
    """
    if thousands == decimal:
        raise BadInput(f"`thousands` and `decimal` must differ; both are {decimal!r}. Is the decimal point a comma?")
    with opened_text(path) as text:
        sample = text.read(_SAMPLE) + "".join(itertools.islice(text, _LINES))
    separator = separator or _separator(path, sample)
    header = [name.strip() for name in _header(path, sample, separator)]
    check_names(str(path), [name for name in header if name])
    places = {name: place for place, name in enumerate(header) if name}
    known: dict[str, Any] = {"sep": separator, "thousands": thousands, "decimal": decimal}
    texts = [place for name, place in places.items() if name in as_text]
    frame = _frame(path, header, dtype=dict.fromkeys(texts, "str"), **known)
    mixed = [place for place in places.values() if place not in texts and _is_mixed(frame[place])]
    if mixed:  # pandas reads in chunks, of which only some had texts.
        frame[mixed] = _frame(path, header, dtype=dict.fromkeys(mixed, "str"), usecols=mixed, **known)

    def column(name: str) -> Column:
        cells = from_series(frame[places[name]])
        return cells if name in as_text else from_texts(f"{path}, column {name!r}", cells)

    nameless = [str(place) for place, name in enumerate(header, start=1) if not name]
    note = f"Not used, as they have no name in the first line: columns {', '.join(nameless)}."
    notes = (note,) if nameless else ()
    return Table(str(path), path.stem, tuple(places), len(frame), column, folder=path.parent, notes=notes)


def _separator(path: Path, sample: str) -> str:
    """Return the separator with which the first records have as many cells as the line of names."""
    found = {}
    for separator in _SEPARATORS:
        lengths = [len(record) for record in _records(sample, separator) if record]
        complete = lengths[:-1] if len(sample) >= _SAMPLE else lengths
        if complete and complete[0] > 1:
            alike = sum(length == complete[0] for length in complete) / len(complete)
            if alike > 0.9:
                found[separator] = (alike, complete[0])
    if found:
        return max(found, key=lambda separator: found[separator])
    if path.suffix.lower() == ".tsv":
        return "\t"
    try:
        return csv.Sniffer().sniff(sample).delimiter if re.search(r"\W", sample.split("\n")[0].strip()) else ","
    except csv.Error:
        return ","


def _records(sample: str, separator: str) -> list[list[str]]:
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=separator, skipinitialspace=True)
    records = []
    while True:
        try:
            records.append(next(reader))
        except StopIteration:
            return records
        except csv.Error:  # Such as a cell of more than 131,072 characters, or one that the sample cuts.
            return records


def _header(path: Path, sample: str, separator: str) -> list[str]:
    """Return the names of the columns, if the first line has names."""
    if "\0" in sample:
        raise BadInput(f"{path} must be a text file of a table; it holds bytes that are no text. Check its kind.")
    header = next((record for record in _records(sample, separator) if record), [])
    if not any(name.strip() for name in header):
        raise BadInput(f"{path} must have a first line with the names of its columns; it is empty.")
    counts = [str(place) for place in range(len(header))]
    if len(header) > 1 and all(map(_is_number, header)) and header not in (counts, ["", *counts[:-1]]):
        raise BadInput(
            f"{path} must have a first line with the names of its columns; it holds only numbers: "
            f"{shown(', '.join(header[:5]))}. Add a line with names, such as label{separator}a{separator}b."
        )
    return header


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _frame(path: Path, header: list[str], **options: Any) -> Any:
    """Return a `pandas.DataFrame` whose columns are numbered; whole numbers have the smallest type that holds them."""
    from pandas import concat, read_csv
    from pandas.errors import EmptyDataError, ParserError, ParserWarning

    comments = " Remove the comments above the names of the columns." if header[0].startswith("#") else ""
    try:
        with opened_text(path) as text, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", ParserWarning)
            chunks = read_csv(
                text,
                names=list(range(len(header))),
                header=0,
                index_col=False,
                keep_default_na=False,
                na_values=[""],
                skipinitialspace=True,
                chunksize=_CHUNK,
                **options,
            )
            return concat([_small(chunk) for chunk in chunks], ignore_index=True)
    except ParserWarning:
        raise BadInput(
            f"{path} must have at most as many cells in each line as names in the first, which are {len(header)}; "
            f"lines have more. Name all columns, or quote cells with separators.{comments}"
        ) from None
    except (ParserError, EmptyDataError) as problem:
        raise BadInput(f"{path}: {_in_words(str(problem), len(header))}{comments}") from None


def _small(chunk: Any) -> Any:
    from pandas import to_numeric

    whole = [place for place in chunk.columns if chunk[place].dtype.kind in "iu"]
    return chunk.astype({place: to_numeric(chunk[place], downcast="integer").dtype for place in whole})


def _in_words(problem: str, n_columns: int) -> str:
    """Return what pandas found, for people."""
    if found := re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", problem):
        _, line, cells = found.groups()
        return (
            f"line {line} must have at most {n_columns} cells, as the first line names {n_columns} columns; it has "
            f"{cells}. Quote cells that hold the separator."
        )
    if "EOF inside string" in problem:
        row = re.search(r"row (\d+)", problem)
        return f"a quoted cell{f' of row {int(row[1])}' if row else ''} does not end. Is the file cut short?"
    return f"this cannot be read as a table ({problem.strip()}). Check the quotes and separators."


def _is_mixed(cells: Any) -> bool:
    """Return whether a column holds texts besides numbers."""
    from pandas.api.types import infer_dtype

    return cells.dtype == object and infer_dtype(cells, skipna=True) not in {"string", "boolean", "empty"}
