"""Cells of a sweep: members that differ in nothing but their seed.

A member may be trained on a part of the examples that its own seed draws. Such parts belong to one cell.
"""

import dataclasses
import re
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr
from jaxtyping import Int, Shaped

from byheart.sweeps.protocol import Coordinate, Sweep
from byheart.sweeps.results import as_missing, rows_of


@dataclasses.dataclass(frozen=True)
class Cells:
    """The cells of a sweep, numbered in the order of their first members.

    Attributes:
        settings: of each cell, without the seed.
        names: names of the settings.
    """

    settings: tuple[Hashable, ...]
    names: tuple[str, ...]

    @classmethod
    def of(cls, sweep: Sweep) -> "Cells":
        """Return the cells of a sweep."""
        coordinates = sweep.coordinates()
        names = tuple(name for name in coordinates if name != "seed")
        return cls(tuple(dict.fromkeys(_settings(coordinates, names))), names)

    def numbers_of(self, coordinates: Mapping[str, Coordinate]) -> list[int]:
        """Return the number of the cell of each member, given the members' coordinates.

        Raises:
            KeyError: a member belongs to no cell.
        """
        number = {cell: place for place, cell in enumerate(self.settings)}
        return [number[cell] for cell in _settings(coordinates, self.names)]

    def numbers_in(self, results: xr.Dataset) -> np.ndarray:
        """Return the number of the cell of each member of results, (member,)."""
        columns: dict[str, Coordinate] = {name: ("member", results[name].values) for name in ("seed", *self.names)}
        return np.array(self.numbers_of(columns), int)


def restricted(sweep: Sweep, cells: Cells, chosen: Sequence[int]) -> Sweep:
    """Return the sweep with the members of the chosen cells alone."""
    wanted = set(chosen)
    numbers = cells.numbers_of(sweep.coordinates())
    return sweep.only([place for place, number in enumerate(numbers) if number in wanted])


def without_cell(results: xr.Dataset, numbers: np.ndarray, cell: int) -> xr.Dataset:
    """Return results in which the members of a cell have no numbers, as if they were not trained yet."""
    is_missing = numbers == cell
    blank = as_missing(results)
    found = results.copy()
    for name, variable in results.data_vars.items():
        if "member" in variable.dims:
            keep = xr.DataArray(~is_missing, dims="member")
            found[name] = variable.where(keep, blank[name]).astype(blank[name].dtype)
    return found


def _settings(coordinates: Mapping[str, Coordinate], names: Sequence[str]) -> list[tuple[Any, ...]]:
    columns = {name: coordinates[name][1] for name in names}
    if "inclusion" in columns:
        columns["inclusion"] = _without_own_seed(columns["inclusion"], coordinates["seed"][1])
    return rows_of(list(columns.values()))


def _without_own_seed(
    inclusions: Shaped[np.ndarray, " member"], seeds: Int[np.ndarray, " member"]
) -> Shaped[np.ndarray, " member"]:
    """Return the texts of inclusions, with the word "own" for the seed of the member itself."""
    pairs = zip(inclusions.tolist(), seeds.tolist(), strict=True)
    return np.array([re.sub(rf"\bseed={seed}\b", "seed=own", text) for text, seed in pairs])
