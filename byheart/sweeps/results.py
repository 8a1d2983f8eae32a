"""Results of sweeps as data sets over (member, ...): chunks joined, and gaps where members are missing."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from byheart.sweeps.protocol import Sweep
from byheart.sweeps.variable import Variable

NEVER = -1
"""Stands in results for a step or an epoch that never came, such as that of a divergence."""


def with_variable(
    dataset: xr.Dataset, name: str, variable: Variable, axes: tuple[str, ...], values: npt.NDArray[Any]
) -> xr.Dataset:
    """Return `dataset` with `values` as `name`, over `axes` and then the variable's own axes."""
    own_axes = dict(variable.axes)
    coordinates = {axis: list(at) for axis, at in own_axes.items() if at is not None}
    numbers = ((*axes, *own_axes), values, {"long_name": variable.long_name})
    return dataset.assign_coords(coordinates).assign({name: numbers})


def joined(parts: Sequence[xr.Dataset]) -> xr.Dataset:
    """Results of one sweep, joined along `member`; attributes are those of the first."""
    return xr.concat(
        parts,
        "member",
        data_vars="minimal",
        coords="minimal",
        compat="equals",
        join="exact",
        combine_attrs="override",
    )


def with_gaps(results: xr.Dataset, work: Sweep) -> tuple[xr.Dataset, int]:
    """`results`, and, of the seeds they hold, the members of `work` they lack: NaN for all their numbers, `NEVER` for counts.

    Also the number of these.
    """
    coordinates = work.coordinates()
    there = set(zip(*(results[name].values.tolist() for name in coordinates), strict=True))
    settings = list(zip(*(values.tolist() for _, values in coordinates.values()), strict=True))
    seeds = set(results.seed.values.tolist())
    lacking = np.array(
        [setting not in there and seed in seeds for setting, seed in zip(settings, coordinates["seed"][1], strict=True)]
    )
    n_lacking = int(lacking.sum())
    if n_lacking == 0:
        return results, 0
    settings_of_gaps = {name: (axis, values[lacking]) for name, (axis, values) in coordinates.items()}
    gaps = results.isel(member=[0] * n_lacking).assign_coords(settings_of_gaps)
    for name, numbers in gaps.data_vars.items():
        gaps[name] = xr.full_like(numbers, NEVER if np.issubdtype(numbers.dtype, np.integer) else np.nan)
    return joined([results, gaps]), n_lacking
