"""Reviews of an audit: marks of a person on examples, read from a file written by the page or by a spreadsheet."""

import dataclasses
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Int, Shaped

from byheart import checks
from byheart.data.loading.tables.reading import read_table
from byheart.data.loading.tables.table import Table

COLUMNS = ("id", "part", "row", "label", "review", "new_label", "stratum")
"""Columns of a file of reviews. Of the first three, `row` is enough, or `id`, with `part` if an id comes twice."""
MARKS = ("right", "wrong", "unclear")
"""What a person can say of a label."""
NO_LABEL = -1
"""The new label of an example that has none."""


@dataclasses.dataclass(frozen=True)
class Review:
    """Marks on examples.

    Attributes:
        rows: (marked,) rows of the examples in the order of the source.
        marks: (marked,) one of `MARKS`.
        new_labels: (marked,) numbers of the classes that wrong labels should be; `NO_LABEL` where none is given.
    """

    rows: Int[np.ndarray, " marked"]
    marks: Shaped[np.ndarray, " marked"]
    new_labels: Int[np.ndarray, " marked"]


def read_review(path: str | Path, identities: pd.DataFrame, class_names: Sequence[str]) -> Review:
    """Read a file of reviews, of any kind of table that `load_data` reads. Lines with an empty `review` are left out.

    The file must have the column `review`, and `row` or `id`. Capital letters do not matter in names of columns and in
    marks.

    Args:
        path: of the file.
        identities: columns `id`, `part`, `row` and `label` of all examples, in the order of the source.
        class_names: names of the classes.

    Raises:
        BadInput: no such file, a column is missing, or a line names no example, another label than that of its
            example, an unknown mark or class, or an example that another line marks; the message names the first.
    """
    table = read_table(Path(path), as_text=_Everything())
    texts = {name.strip().lower(): _cells(table, name) for name in table.names if name.strip().lower() in COLUMNS}
    if "review" not in texts or not {"row", "id"} & set(texts):
        raise checks.BadInput(
            f"{path} must have the columns `review` and `row` (or `id`); it has {', '.join(table.names)}. The page of "
            "an audit exports such a file."
        )
    lines = _Lines(identities, class_names)
    found: dict[int, tuple[str, int]] = {}
    problems: list[str] = []
    for number in range(table.n_rows):
        cells = {name: column[number] for name, column in texts.items()}
        if not cells["review"]:
            continue
        try:
            row, mark, new_label = lines.read(cells)
            if row in found:
                raise checks.BadInput(f"the example of row {row} is marked in an earlier line, too")
            found[row] = (mark, new_label)
        except checks.BadInput as problem:
            problems.append(f"{path}, line {number + 2}: {_ended(str(problem))}")
    if problems:
        rest = f" {len(problems) - 1} more lines have problems." if len(problems) > 1 else ""
        raise checks.BadInput(problems[0] + rest)
    if not found:
        raise checks.BadInput(f"{path} has no marks: every cell of its column `review` is empty.")
    return Review(
        np.array(list(found), np.int64),
        np.array([mark for mark, _ in found.values()]),
        np.array([label for _, label in found.values()], np.int64),
    )


class _Everything:
    """Contains every name: all columns are read as they are written."""

    def __contains__(self, name: object) -> bool:
        return True


def _cells(table: Table, name: str) -> list[str]:
    column = table.column(name)
    if not column.has_texts:
        return [""] * table.n_rows  # A column without any value.
    return [str(text).strip() for text in column.texts()]


class _Lines:
    """Reads lines about the examples of a data set.

    Args:
        identities: as for `read_review`.
        class_names: names of the classes.
    """

    def __init__(self, identities: pd.DataFrame, class_names: Sequence[str]) -> None:
        self._labels = identities.label.to_numpy()
        self._ids = identities.id.astype(str).to_numpy()
        self._classes = {name: place for place, name in enumerate(class_names)}
        self._rows = _rows_of(self._ids)
        self._rows_of_parts = _rows_of(zip(identities.part, self._ids, strict=True))

    def read(self, cells: dict[str, str]) -> tuple[int, str, int]:
        """Return the row of the example, the mark, and the new label of a line."""
        row = self._row(cells)
        label = str(self._labels[row])
        if cells.get("label") and _as_named(cells["label"], self._classes) != label:
            raise checks.BadInput(
                f"the label of row {row} is {label}, and here {cells['label']}; is it a review of other data?"
            )
        mark = checks.known("review", cells["review"].lower(), MARKS)
        new = cells.get("new_label", "")
        if not new:
            return row, mark, NO_LABEL
        name = checks.known("new label", _as_named(new, self._classes), self._classes)
        if mark == "wrong" and name == label:
            raise checks.BadInput(f"the new label {name} is the one that row {row} has; is it right?")
        if mark != "wrong" and name != label:
            raise checks.BadInput(f"row {row} has the new label {name}, and its label is marked {mark}, not wrong")
        return row, mark, self._classes[name] if mark == "wrong" else NO_LABEL

    def _row(self, cells: dict[str, str]) -> int:
        if text := cells.get("row"):
            number = _whole(text)
            if number is None or not 0 <= number < len(self._labels):
                raise checks.BadInput(f"`row` must be a whole number from 0 to {len(self._labels) - 1}; got {text}")
            if (name := cells.get("id")) and name != self._ids[number] and _whole(name) != _whole(self._ids[number]):
                raise checks.BadInput(f"the id of row {number} is {self._ids[number]}, and here {name}")
            return number
        name, part = cells.get("id", ""), cells.get("part", "")
        rows = self._rows_of_parts.get((part, name), []) if part else self._rows.get(name, [])
        if len(rows) != 1:
            which = f"{name!r} of part {part!r}" if part else repr(name)
            much = "no example has" if not rows else f"{len(rows)} examples have"
            raise checks.BadInput(f"{much} the id {which}; give `row`")
        return rows[0]


def _rows_of(keys: Iterable[Any]) -> dict[Any, list[int]]:
    found: dict[Any, list[int]] = {}
    for row, key in enumerate(keys):
        found.setdefault(key, []).append(row)
    return found


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith((".", "?")) else f"{sentence}."


def _whole(text: str) -> int | None:
    """Return a whole number, which spreadsheets may write as 12.0; None if it is something else."""
    try:
        number = float(text)
    except ValueError:
        return None
    return int(number) if number.is_integer() else None


def _as_named(text: str, names: dict[str, int]) -> str:
    """Return the name that a text means: spreadsheets write a class named 7 as 7.0."""
    number = _whole(text)
    return text if text in names or number is None else str(number)
