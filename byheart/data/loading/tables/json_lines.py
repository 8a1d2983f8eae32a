"""Tables in JSON lines: one object of JSON in each line."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from byheart.checks import BadInput, shown
from byheart.data.loading.tables.frames import frame_table
from byheart.data.loading.tables.table import Table
from byheart.data.loading.tables.text_files import opened_text

_CHUNK = 50_000
"""Number of lines that are kept as Python objects at once."""


def read_json_lines(path: Path) -> Table:
    """Return the table of a file with one JSON object in each line; a key that a line lacks is a missing cell.

    Raises:
        BadInput: a line that is no JSON object, or that names a key twice; the message has its number, from 1.
    """
    from pandas import concat

    chunks: list[Any] = []
    columns: dict[str, list[Any]] = {}
    n_rows = 0
    with opened_text(path) as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            for key, value in _object(path, number, line).items():
                cells = columns.setdefault(key, [])
                cells.extend([None] * (n_rows - len(cells)))
                cells.append(value)
            n_rows += 1
            if n_rows == _CHUNK:
                chunks.append(_frame(columns, n_rows))
                columns, n_rows = {}, 0
    if n_rows or not chunks:
        chunks.append(_frame(columns, n_rows))
    return frame_table(str(path), path.stem, concat(chunks, ignore_index=True), path.parent)


def _frame(columns: dict[str, list[Any]], n_rows: int) -> Any:
    """Return a `pandas.DataFrame`; columns of numbers have their type, others hold Python objects."""
    from pandas import DataFrame, Series

    for cells in columns.values():
        cells.extend([None] * (n_rows - len(cells)))
    return DataFrame({key: Series(cells, dtype=object).infer_objects() for key, cells in columns.items()})


def _object(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        found = json.loads(line, object_pairs_hook=_without_repeats)
    except ValueError as problem:
        whole = " The file seems to be one JSON document." if number == 1 and line.lstrip().startswith("[") else ""
        raise BadInput(
            f"{path}, line {number}: every line must be one JSON object, such as "
            f'{{"label": "cat", "size": 3.5}}; got {shown(line.strip())} ({problem}).{whole}'
        ) from None
    if isinstance(found, dict):
        return found
    raise BadInput(
        f"{path}, line {number}: every line must be one JSON object; got {shown(found)}. "
        "From pandas, save with `frame.to_json(path, orient='records', lines=True)`."
    )


def _without_repeats(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {key!r} twice")
        found[key] = value
    return found
