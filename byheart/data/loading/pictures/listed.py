"""The examples in a folder: its pictures, with their labels and parts."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Self


@dataclasses.dataclass(frozen=True)
class Listed:
    """Pictures with what is known of them, before any is decoded; each sequence has one entry for each picture.

    Attributes:
        paths: of the files.
        labels: names of class folders, or cells of a column as text; None where one is missing.
        ids: names of the examples.
        parts: "training" or "validation"; None: one part.
        groups: names of groups; None: no groups.
        notes: sentences about what was skipped.
    """

    paths: Sequence[str]
    labels: Sequence[str | None]
    ids: Sequence[str]
    parts: Sequence[str] | None = None
    groups: Sequence[str] | None = None
    notes: tuple[str, ...] = ()

    def take(self, places: Sequence[int]) -> Self:
        """Return the pictures at `places`, with the same notes."""
        chosen: dict[str, Any] = {}
        for name in ("paths", "labels", "ids", "parts", "groups"):
            if (column := getattr(self, name)) is not None:
                chosen[name] = [column[place] for place in places]
        return dataclasses.replace(self, **chosen)


@dataclasses.dataclass(frozen=True)
class Columns:
    """Columns of a metadata file that the user names; None: not named.

    Attributes:
        label: labels; None guesses it.
        ids: names of examples; None takes file names.
        group: groups.
        part: train, validation or test.
    """

    label: str | None = None
    ids: str | None = None
    group: str | None = None
    part: str | None = None

    def named(self) -> Mapping[str, str]:
        """Return the columns that are named, by the option that names them."""
        options = {"label": self.label, "ids": self.ids, "group": self.group, "validation": self.part}
        return {option: column for option, column in options.items() if column is not None}
