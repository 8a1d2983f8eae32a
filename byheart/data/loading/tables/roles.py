"""Roles of the columns of a table: label, id, group, part, text to show, or feature."""

import dataclasses
import difflib
import fnmatch
from collections.abc import Sequence
from typing import Any, Self

from byheart.checks import BadInput, known, optional, shown
from byheart.data.loading.columns import LABEL_NAMES, label_column
from byheart.data.loading.options import MISSING, LoadingOptions, feature_patterns
from byheart.data.loading.tables.table import Table, some_names

_OPTIONS = {
    "label": "`label` (--label)",
    "id_column": "`ids` (--id)",
    "group": "`group` (--group)",
    "part": "`validation` (--validation)",
    "show": "`show` (--show)",
}
"""The options that name the column of each role."""


@dataclasses.dataclass(frozen=True)
class Roles:
    """The roles of the columns of a table.

    Attributes:
        label: name of the column with the labels; None: the only column with one of `LABEL_NAMES`, or that the source
            marks as a label.
        id_column: name of the column with an id for each example; None: row numbers, or the files of pictures.
        features: names of columns, and patterns such as "pixel*"; one that begins with "-" removes what it names. A
            text is split at commas. None: all columns without another role.
        missing: "refuse", or "median": missing numbers get the median of their column, and a further feature says
            where.
        group: name of the column whose values stay in one part.
        part: name of the column that says "training" or "validation".
        show: name of the column to show in place of an example.
        needs_inputs: False reads no features if `show` names texts, and `features` and pictures do not say more.
    """

    label: str | None = None
    id_column: str | None = None
    features: str | Sequence[str] | None = None
    missing: str = "refuse"
    group: str | None = None
    part: str | None = None
    show: str | None = None
    needs_inputs: bool = True

    def __post_init__(self) -> None:
        for role in ("label", "id_column", "group", "part", "show"):
            optional(_name)(role, getattr(self, role))
        known("treatment of missing values", self.missing, MISSING)
        if self.features is not None:
            feature_patterns(self.features)

    @classmethod
    def of(cls, options: LoadingOptions, needs_inputs: bool = True) -> Self:
        """Return the roles that options name."""
        return cls(
            label=options.label,
            id_column=options.ids,
            features=options.features,
            missing=options.missing,
            group=options.group,
            part=options.part_column,
            show=options.show,
            needs_inputs=needs_inputs,
        )

    @property
    def as_text(self) -> tuple[str | None, ...]:
        """Columns whose cells are read as they are written."""
        return self.id_column, self.group, self.part, self.show

    def in_table(self, table: Table) -> "Roles":
        """Return the roles with the label's name, and the names of the features as a tuple.

        Raises:
            BadInput: a column that does not exist, a pattern that fits none, no label or several that could be meant.
        """
        label = self.label_in(table)
        taken = {label, self.id_column, self.group, self.part}
        if self.features is None:
            features = tuple(name for name in table.names if name not in taken and name != self.show)
        else:
            features = _chosen(feature_patterns(self.features), table, taken)
        if not features:
            raise BadInput(
                f"{table.source} must have a column besides {sorted(map(str, taken - {None}))}; it has none."
            )
        return dataclasses.replace(self, label=label, features=features)

    def label_in(self, table: Table) -> str:
        """Return the column of labels, after checking that all columns exist that have a role.

        Raises:
            BadInput: a column that does not exist, or none or several that could be the label.
        """
        for role in ("label", "id_column", "group", "part", "show"):
            name = getattr(self, role)
            if name is not None and name not in table.names:
                raise BadInput(
                    f"{table.source} has no column {name!r}, which {_OPTIONS[role]} names. {_advice(name, table)}"
                )
        return self.label or _guessed_label(table)


def _name(role: str, value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise BadInput(f"{_OPTIONS[role]} must be the name of a column; got {shown(value)}.")
    return value


def _guessed_label(table: Table) -> str:
    named = [name for name in table.names if name.lower() in LABEL_NAMES]
    if not named and len(table.marked_labels) == 1:
        return table.marked_labels[0]
    return label_column(table.names, None, table.source)


def _chosen(patterns: Sequence[str], table: Table, taken: set[str | None]) -> tuple[str, ...]:
    """Return the columns that the patterns name, in the order of the table."""
    chosen: set[str] = set()
    if patterns[0].startswith("-") and patterns[0] not in table.names:
        chosen = set(table.names) - taken
    for pattern in patterns:
        removes = pattern.startswith("-") and pattern not in table.names
        wanted = pattern[1:] if removes else pattern
        if wanted in table.names:
            found = {wanted}
            if wanted in taken and not removes:
                raise BadInput(
                    f"`features` must not name {wanted!r}, which has another role. Remove it from `features`."
                )
        else:
            found = {name for name in table.names if fnmatch.fnmatchcase(name, wanted)} - taken
        if not found:
            raise BadInput(
                f"{table.source} has no column that {pattern!r} in `features` fits. {_advice(wanted, table)}"
            )
        chosen = chosen - found if removes else chosen | found
    return tuple(name for name in table.names if name in chosen)


def _advice(name: str, table: Table) -> str:
    near = difflib.get_close_matches(name, table.names, n=3, cutoff=0.6)
    return f"Did you mean {' or '.join(map(repr, near))}?" if near else f"Its columns are {some_names(table.names)}."
