"""The features of a table's rows, from its columns."""

import re
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32, Shaped

from byheart.checks import BadInput
from byheart.data.loading.tables.encoding import CannotEncode, Encoding, encoding_of
from byheart.data.loading.tables.renamed_labels import is_renamed
from byheart.data.loading.tables.table import Column, Table, rows_where, some_names

_FEWEST_COUNTED = 10
"""A column that counts fewer rows than this may be meant as a feature."""
_ID = re.compile(r"(^|[_\W])(id|uuid|guid|index|key)$", re.IGNORECASE)
"""Names of columns that name rows."""


@dataclass(frozen=True, eq=False)
class Features:
    """Vectors of a table's rows.

    Attributes:
        vectors: (row, feature), read-only.
        names: of the features.
        notes: sentences about what was left out, filled in or encoded.
    """

    vectors: Float32[np.ndarray, "row feature"]
    names: tuple[str, ...]
    notes: tuple[str, ...]


def features_of(
    table: Table,
    names: tuple[str, ...],
    *,
    ids: Shaped[np.ndarray, " row"],
    labels: Shaped[np.ndarray, " row"],
    missing: str = "refuse",
    fitted_on: Bool[np.ndarray, " row"] | None = None,
    are_chosen: bool = False,
) -> Features:
    """Return the columns `names` as vectors; each is read twice, so that only one is in memory beside the result.

    Args:
        table: the table.
        names: of the columns.
        ids: (row,), for messages.
        labels: (row,).
        missing: "refuse" or "median".
        fitted_on: the rows whose medians are taken; None: all.
        are_chosen: whether the user named the columns; otherwise those are left out that count or name the
            rows, or that are the labels by other names.

    Raises:
        BadInput: columns that cannot be features, or missing values that are to be refused; one message has all.
    """
    plans: dict[str, Encoding] = {}
    refused, gaps, counting, copies, encoded, filled = {}, {}, [], [], [], []
    for name in names:
        column = table.column(name)
        if not are_chosen and _names_rows(name, column):
            counting.append(name)
            continue
        if not are_chosen and is_renamed(column, labels):
            copies.append(name)
            continue
        try:
            plans[name] = plan = encoding_of(name, column, slice(None) if fitted_on is None else fitted_on)
        except CannotEncode as problem:
            refused[name] = str(problem)
            continue
        if column.has_missing and plan.names:
            if missing == "refuse":
                gaps[name] = rows_where(column.is_missing, ids)
            filled.append(f"{name!r} ({int(column.is_missing.sum()):,})")
        if column.kind == "texts" and plan.names:
            encoded.append(name)
    _refuse(table, refused, gaps)
    silent = [name for name, plan in plans.items() if not plan.names]
    feature_names = tuple(feature for plan in plans.values() for feature in plan.names)
    if not feature_names:
        raise BadInput(
            f"{table.source} must have a column of features that differ between rows; {some_names(names)} do not. "
            "Choose other `features`."
        )
    vectors = np.empty((table.n_rows, len(feature_names)), np.float32)
    start = 0
    for name, plan in plans.items():
        if plan.names:
            plan.fill(table.column(name), vectors[:, start : start + len(plan.names)])
            start += len(plan.names)
    vectors.flags.writeable = False
    return Features(vectors, feature_names, _notes(counting, copies, silent, encoded, filled))


def _refuse(table: Table, refused: dict[str, str], gaps: dict[str, str]) -> None:
    if refused:
        listed = "; ".join(f"{name!r} holds {what}" for name, what in list(refused.items())[:10])
        more = f"; and {len(refused) - 10} more" if len(refused) > 10 else ""
        leave_out = ",".join(["*", *(f"-{name}" for name in list(refused)[:10])])
        texts = " Texts can be shown by `show`." if "texts" in str(refused) else ""
        raise BadInput(
            f"{table.source} has columns that cannot be features: {listed}{more}. Leave them out, as by "
            f'`features="{leave_out}"` (--features), or turn them into numbers.{texts}'
        )
    if gaps:
        listed = "; ".join(f"{name!r} in {rows}" for name, rows in list(gaps.items())[:10])
        more = f"; and in {len(gaps) - 10} more columns" if len(gaps) > 10 else ""
        raise BadInput(
            f"{table.source} must have no missing values in features; there are in {listed}{more}. Fill them in, "
            'remove the rows, or pass `missing="median"` (--missing median).'
        )


def _names_rows(name: str, column: Column) -> bool:
    """Return whether a column counts the rows, or is called an id and has another value in each row."""
    return _counts_rows(column) or (_ID.search(name) is not None and _is_distinct(column))


def _is_distinct(column: Column) -> bool:
    """Return whether whole numbers or texts are all different and none is missing."""
    is_countable = column.kind == "texts" or (column.kind == "numbers" and column.values.dtype.kind in "iu")
    return is_countable and not column.has_missing and len(np.unique(column.values)) == len(column.values)


def _counts_rows(column: Column) -> bool:
    """Return whether a column is 0, 1, 2, ... or 1, 2, 3, ..."""
    values = column.values
    if column.kind != "numbers" or values.dtype.kind not in "iu" or column.has_missing or len(values) < _FEWEST_COUNTED:
        return False
    return bool(values[0] in (0, 1) and (np.diff(values) == 1).all())


def _notes(
    counting: list[str], copies: list[str], silent: list[str], encoded: list[str], filled: list[str]
) -> tuple[str, ...]:
    notes = {
        f"Not used, as they count or name the rows: {some_names(counting)}.": counting,
        f"Not used, as each of their values is that of one class, and of all its examples: {some_names(copies)}. "
        "Name them in `features` to use them.": copies,
        f"Not used, as they are constant: {some_names(silent)}.": silent,
        f"Texts are one-hot encoded: {some_names(encoded)}.": encoded,
        f"Missing values have the median of their column, or no text, and a feature says where: "
        f"{', '.join(filled[:10])}{f', ... ({len(filled)} columns)' if len(filled) > 10 else ''}.": filled,
    }
    return tuple(note for note, names in notes.items() if names)
