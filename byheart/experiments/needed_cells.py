"""The cells of a sweep that a claim's numbers come from."""

import numpy as np
import xarray as xr

from byheart.experiments.claims import Claim, Numbers, first_seeds
from byheart.sweeps.cells import Cells, without_cell


def needed_cells(claim: Claim, results: xr.Dataset, cells: Cells) -> tuple[int, ...]:
    """Return the numbers of the cells whose members change the claim's numbers if they are missing.

    Each cell is left out in turn: claims need not say what they use. Two seeds are enough for most claims, and all are
    used for those that have no number by two, such as claims about groups of networks.
    """
    return _needed(claim, first_seeds(results, 2), cells) or _needed(claim, results, cells)


def _needed(claim: Claim, results: xr.Dataset, cells: Cells) -> tuple[int, ...]:
    number_of, whole = cells.numbers_in(results), claim.numbers(results)
    return tuple(
        cell
        for cell in range(len(cells.settings))
        if not _are_equal(whole, claim.numbers(without_cell(results, number_of, cell)))
    )


def _are_equal(one: Numbers, other: Numbers) -> bool:
    return one.keys() == other.keys() and all(
        np.array_equal(one[part], other[part], equal_nan=True) for part in one.keys() & other.keys()
    )
