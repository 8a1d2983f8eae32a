"""Members that are trained on a part of the examples, in results over all examples."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr
from jaxtyping import Shaped

from byheart.data.inclusion import AllExamples, Inclusion
from byheart.sweeps.results import with_variable
from byheart.sweeps.variable import Variable

IS_INCLUDED = Variable("whether the member was trained on the example")


def are_parts(inclusions: Sequence[Inclusion]) -> bool:
    """Return whether a member is trained on a part of the examples."""
    return any(not isinstance(one, AllExamples) for one in inclusions)


def inclusion_column(inclusions: Sequence[Inclusion]) -> dict[str, Shaped[np.ndarray, " member"]]:
    """Return the column `inclusion` of results, as text; none if all members are trained on all examples."""
    return {"inclusion": np.array([repr(one) for one in inclusions])} if are_parts(inclusions) else {}


def with_is_included(dataset: xr.Dataset, inclusions: Sequence[Inclusion]) -> xr.Dataset:
    """Return `dataset` with `is_included` over (member, example), if it has examples and members have parts of them."""
    if "example" not in dataset.dims or not are_parts(inclusions):
        return dataset
    flags = np.zeros((len(inclusions), dataset.sizes["example"]), np.int8)
    for of_member, inclusion in zip(flags, inclusions, strict=True):
        of_member[inclusion.indices(len(of_member))] = 1
    return with_variable(dataset, "is_included", IS_INCLUDED, ("member", "example"), flags)


def over_all_examples(
    values: Sequence[Any], variable: Variable, inclusions: Sequence[Inclusion], n_examples: int
) -> npt.NDArray[Any]:
    """Return the numbers of members stacked, with NaN for examples that a member is not trained on.

    Args:
        values: for each member, a number or an array over the axes of `variable`, whose axis `example` has the included
            examples alone.
        variable: the variable that the numbers are of.
        inclusions: inclusion of each member.
        n_examples: number of all training examples.
    """
    names = [name for name, _ in variable.axes]
    if "example" not in names or not are_parts(inclusions):
        return np.stack(values)
    axis = names.index("example")
    whole = []
    for found, inclusion in zip(values, inclusions, strict=True):
        filled = np.full((*found.shape[:axis], n_examples, *found.shape[axis + 1 :]), np.nan)
        filled[(slice(None),) * axis + (inclusion.indices(n_examples),)] = found
        whole.append(filled)
    return np.stack(whole)
