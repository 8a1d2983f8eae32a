"""A table of results: columns of equal length, for a page and for a CSV file."""

import csv
import dataclasses
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy.typing as npt

from byheart.results import atomic


@dataclasses.dataclass(frozen=True)
class Table:
    """A table.

    Attributes:
        name: of its file.
        title: above it.
        caption: what its rows and columns are, with units.
        columns: names and values, one a row.
    """

    name: str
    title: str
    caption: str
    columns: Mapping[str, npt.NDArray[Any]]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def saying(self, sentences: Sequence[str]) -> "Table":
        """The same with `sentences` at the end of its caption."""
        return dataclasses.replace(self, caption=" ".join([self.caption, *sentences]))

    def as_lists(self) -> dict[str, list[Any]]:
        """The columns as plain numbers, with three decimals, and texts; None where a number is not finite."""
        return {name: [_plain(value) for value in values.tolist()] for name, values in self.columns.items()}

    def save(self, directory: Path) -> None:
        """Writes NAME.csv: a line of column names, then one a row; numbers in full."""

        def fill(path: Path) -> None:
            with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(self.columns)
                writer.writerows(zip(*(values.tolist() for values in self.columns.values()), strict=True))

        atomic.write(directory / f"{self.name}.csv", fill)


def _plain(value: Any) -> Any:
    if not isinstance(value, float):
        return value
    return round(value, 3) if math.isfinite(value) else None
