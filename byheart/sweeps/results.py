"""Results of sweeps as data sets over (member, ...): joining chunks and padding missing members."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from byheart.sweeps.protocol import Sweep
from byheart.sweeps.variable import Variable

NEVER = -1
"""Value in results for a step or an epoch that never came, such as the epoch of divergence."""


def with_variable(
    dataset: xr.Dataset, name: str, variable: Variable, axes: tuple[str, ...], values: npt.NDArray[Any]
) -> xr.Dataset:
    """Return `dataset` with the variable `name`, whose axes are `axes` followed by the variable's own."""
    own_axes = dict(variable.axes)
    coordinates = {axis: list(at) for axis, at in own_axes.items() if at is not None}
    numbers = ((*axes, *own_axes), values, {"long_name": variable.long_name})
    return dataset.assign_coords(coordinates).assign({name: numbers})


def joined(parts: Sequence[xr.Dataset]) -> xr.Dataset:
    """Join results of one sweep along `member`; attributes are those of the first part.

    Names of examples are those of the last part: files may have been renamed between two sittings, since content alone
    tells data apart.
    """
    named = [part for part in parts if "id" in part.coords]
    return xr.concat(
        [part.assign_coords(id=named[-1].coords["id"]) for part in parts] if named else parts,
        "member",
        data_vars="minimal",
        coords="minimal",
        compat="equals",
        join="exact",
        combine_attrs="override",
    )


def with_gaps(results: xr.Dataset, sweep: Sweep) -> tuple[xr.Dataset, int]:
    """Pad `results` with the missing members of seeds that are partly done.

    Floats of missing members are NaN; integers are `NEVER`.

    Args:
        results: results of some members of the sweep.
        sweep: the whole sweep.

    Returns:
        (padded results, number of padded members)
    """
    coordinates = sweep.coordinates()
    present = set(rows_of([results[name].values for name in coordinates]))
    settings = rows_of([values for _, values in coordinates.values()])
    seeds = set(results.seed.values.tolist())
    seed_of = coordinates["seed"][1]
    is_missing = np.array(
        [setting not in present and seed in seeds for setting, seed in zip(settings, seed_of, strict=True)]
    )
    n_missing = int(is_missing.sum())
    if n_missing == 0:
        return results, 0
    settings_of_gaps = {name: (axis, values[is_missing]) for name, (axis, values) in coordinates.items()}
    gaps = as_missing(results.isel(member=[0] * n_missing)).assign_coords(settings_of_gaps)
    return joined([results, gaps]), n_missing


def as_missing(results: xr.Dataset) -> xr.Dataset:
    """Return results whose members have no numbers: floats are NaN, integers are `NEVER`."""
    return results.assign(
        {
            name: xr.full_like(numbers, NEVER if np.issubdtype(numbers.dtype, np.integer) else np.nan)
            for name, numbers in results.data_vars.items()
            if "member" in numbers.dims
        }
    )


def rows_of(columns: Sequence[npt.NDArray[Any]]) -> list[tuple[Any, ...]]:
    """Return the settings of each member; NaN, such as an unknown learning rate, is None, which equals itself."""
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [tuple(None if value != value else value for value in row) for row in rows]
