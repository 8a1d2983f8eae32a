"""A table as columns of a few kinds, whatever file or object it comes from."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from jaxtyping import Bool, Shaped

from byheart.checks import BadInput

Kind = Literal["numbers", "truth values", "texts", "vectors", "pictures", "unusable"]
"""Kinds of cells; all cells of a column are of one."""


@dataclass(frozen=True, eq=False)
class Column:
    """The cells of one column, all of one kind.

    Attributes:
        kind: of the cells.
        values: numbers and truth values (row,); codes of texts (row,), positions in `categories`; vectors (row,
            component); pictures (row,), encoded bytes or paths. Any value where a cell is missing.
        is_missing: (row,).
        categories: (category,) the distinct texts.
        has_order: whether the source states the order of the categories.
        file_names: (row,) of pictures; "" where a picture has none.
        what: what unusable cells are, such as "times".
    """

    kind: Kind
    values: Shaped[np.ndarray, "row ..."]
    is_missing: Bool[np.ndarray, " row"]
    categories: Shaped[np.ndarray, " category"] | tuple[()] = ()
    has_order: bool = False
    file_names: Shaped[np.ndarray, " row"] | tuple[()] = ()
    what: str = ""

    @cached_property
    def has_missing(self) -> bool:
        """Return whether a cell is missing."""
        return bool(self.is_missing.any())

    @property
    def has_texts(self) -> bool:
        """Return whether `texts` can write the cells: whether they are numbers, truth values or texts."""
        return self.kind in ("numbers", "truth values", "texts")

    @property
    def content(self) -> str:
        """Return a noun for the cells, for messages, such as "vectors" or "times"."""
        return self.what or self.kind

    def texts(self) -> np.ndarray:
        """Return the cells of numbers, truth values or texts as (row,) strings; "" where a cell is missing."""
        if self.kind == "texts":
            return np.append(np.asarray(self.categories, object), "")[np.where(self.is_missing, -1, self.values)]
        found = np.array(list(map(str, self.values.tolist())), object)
        found[self.is_missing] = ""
        return found


@dataclass(frozen=True, eq=False)
class Table:
    """Named columns, each of which is converted when it is asked for, so that few are in memory at once.

    Attributes:
        source: the file or object, for messages.
        name: of the data in reports.
        names: of the columns, all distinct.
        n_rows: number of rows.
        column: returns the column of a name.
        marked_labels: columns that the source itself marks as labels.
        perhaps_pictures: columns whose type allows pictures.
        folder: to which paths of pictures are relative.
        notes: sentences for the user about what was read.
    """

    source: str
    name: str
    names: tuple[str, ...]
    n_rows: int
    column: Callable[[str], Column]
    marked_labels: tuple[str, ...] = ()
    perhaps_pictures: tuple[str, ...] = ()
    folder: Path = Path()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.n_rows:
            raise BadInput(f"{self.source} must have at least one row below the names of its columns; it has none.")


def unusable(what: str, n_rows: int) -> Column:
    """Return a column whose cells cannot be used; `what` says what they are."""
    return Column("unusable", np.zeros(n_rows, np.int8), np.zeros(n_rows, np.bool_), what=what)


def check_names(source: str, names: Iterable[Any]) -> tuple[str, ...]:
    """Return the names of columns if all are distinct strings.

    Raises:
        BadInput: two columns of one name.
    """
    found = [str(name) for name in names]
    twice = sorted({name for name in found if found.count(name) > 1}) if len(set(found)) < len(found) else []
    if twice:
        places = [str(place) for place, name in enumerate(found, start=1) if name == twice[0]]
        raise BadInput(
            f"{source} must name each column once; {twice[0]!r} names columns {', '.join(places)} of {len(found)}"
            f"{f', and {len(twice) - 1} other names are repeated' if len(twice) > 1 else ''}. Rename or remove them."
        )
    return tuple(found)


def rows_where(marks: Bool[np.ndarray, " row"], ids: Shaped[np.ndarray, " row"] | None = None) -> str:
    """Return the first rows that are marked, for a message.

    Args:
        marks: (row,).
        ids: (row,) texts that follow the numbers of rows, unless these are the numbers; None: there are none.

    >>> rows_where(np.array([False, True, False, True]))
    'rows 1 and 3 (counted from 0)'
    >>> rows_where(np.array([False, True]), np.array(["ann", "bob"]))
    "row 1 ('bob') (counted from 0)"
    """
    places = np.flatnonzero(marks)
    names = None if ids is None or str(ids[places[0]]) == str(places[0]) else ids
    shown = [str(place) if names is None else f"{place} ({str(names[place])!r})" for place in places[:5]]
    if len(places) > 5:
        listed = f"rows {', '.join(shown)}, ... ({len(places):,} in total, counted from 0)"
    elif len(places) > 1:
        listed = f"rows {', '.join(shown[:-1])} and {shown[-1]} (counted from 0)"
    else:
        listed = f"row {shown[0]} (counted from 0)"
    return listed


def some_names(names: Iterable[str]) -> str:
    """Return the first ten names, quoted, for a message.

    >>> some_names(["age", "fare"])
    "'age', 'fare'"
    """
    found = list(names)
    shown = ", ".join(map(repr, found[:10]))
    return f"{shown}, ... ({len(found):,} in total)" if len(found) > 10 else shown
