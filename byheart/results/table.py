"""Tables of results: columns of equal length, for a report and a CSV file."""

import csv
import dataclasses
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy.typing as npt

from byheart.results import atomic_write


@dataclasses.dataclass(frozen=True)
class Table:
    """A table of results.

    Attributes:
        name: name of its file, without .csv.
        title: heading.
        caption: meaning of rows and columns, with units.
        columns: values of each column, one per row.
    """

    name: str
    title: str
    caption: str
    columns: Mapping[str, npt.NDArray[Any]]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def saying(self, sentences: Sequence[str]) -> "Table":
        """Return a copy with `sentences` added to the caption."""
        return dataclasses.replace(self, caption=" ".join([self.caption, *sentences]))

    def as_lists(self) -> dict[str, list[Any]]:
        """Return the columns as Python values; floats are rounded to three decimals, and None if not finite."""
        return {name: [_plain(value) for value in values.tolist()] for name, values in self.columns.items()}

    def save(self, directory: Path) -> None:
        """Write NAME.csv with a header line; numbers have full precision.

        Raises:
            WriteError: the file cannot be written.
        """

        def fill(path: Path) -> None:
            with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(self.columns)
                writer.writerows(zip(*(values.tolist() for values in self.columns.values()), strict=True))

        atomic_write.write(directory / f"{self.name}.csv", fill)


def _plain(value: Any) -> Any:
    if not isinstance(value, float):
        return value
    return round(value, 3) if math.isfinite(value) else None
