"""Arrays and nested lists of inputs, with labels beside them."""

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from byheart import array_checks
from byheart.checks import BadInput, shown
from byheart.data.loading.labelled import LabelledExamples, without_test
from byheart.data.loading.objects.given_columns import with_given
from byheart.data.loading.options import no_meaning
from byheart.data.loading.tables.from_table import labelled_rows, without_inputs
from byheart.data.loading.tables.roles import Roles
from byheart.data.loading.tables.table import Column, Table


def labelled_arrays(inputs: Any, name: str, given: dict[str, Any], options: dict[str, Any]) -> LabelledExamples:
    """Return arrays of inputs as labelled examples; they are not copied.

    Args:
        inputs: an array, a tensor or nested lists: images or vectors. Tensors of images (example, channel, height,
            width) become images.
        name: of the data in reports.
        given: for each role, such as "label", an array or list of one value for each example, or None.
        options: `features` and `missing` of vectors, as of tables, whose columns are then called "0", "1", ...

    Raises:
        BadInput: no labels, no array of numbers, or different lengths.
    """
    array = as_array(inputs)
    if given.get("label") is None:
        raise BadInput(
            f"Arrays must come with labels; got the shape {array.shape} alone. Pass `label` with an array of "
            "labels, or (inputs, labels)."
        )
    named = [role for role, value in given.items() if isinstance(value, str)]
    if named:
        raise BadInput(f"`{named[0]}` must be an array, as arrays have no named columns; got {given[named[0]]!r}.")
    of_columns = array.ndim == 2 and (options["features"] is not None or options["missing"] != "refuse")
    names = tuple(map(str, range(array.shape[1]))) if of_columns else ()
    for option, default in (("features", None), ("missing", "refuse")):
        if array.ndim != 2 and options[option] != default:
            raise no_meaning(option, "images, which have no columns")
    table, roles = with_given(Table("The array", name, names, len(array), lambda one: _column(array, int(one))), given)
    if of_columns:
        return labelled_rows(table, Roles(**roles, **options))
    known = without_inputs(table, Roles(**roles))
    return without_test(replace(known, inputs=array))


def as_array(inputs: Any) -> npt.NDArray[Any]:
    """Return inputs as an array of numbers, with channels last if they are a tensor of images.

    Raises:
        BadInput: no numbers, lists of different lengths, a sparse matrix.
    """
    if hasattr(inputs, "toarray") and hasattr(inputs, "nnz"):
        raise BadInput(f"Inputs must be a dense array; got a sparse {type(inputs).__name__}. Pass `inputs.toarray()`.")
    is_tensor = hasattr(inputs, "detach")
    values = inputs.detach().cpu().numpy() if is_tensor else inputs
    if getattr(getattr(values, "dtype", None), "kind", "") == "O":
        values = values.tolist()
    _check_numbers(values)
    array = array_checks.array("inputs", values, of="numbers of any kind")
    if array.ndim == 0:
        raise BadInput(f"Inputs must be an array of examples; got the single number {array}.")
    if is_tensor and array.ndim == 4 and array.shape[1] in (1, 3, 4):
        return np.moveaxis(array, 1, -1)
    return array


def _check_numbers(values: Any) -> None:
    """Raise `BadInput` for complex numbers and other objects, naming the first."""
    if getattr(getattr(values, "dtype", None), "kind", "") == "c":
        raise BadInput(
            "Inputs must be real numbers; got complex ones. Pass their real and imaginary parts as features."
        )
    if not isinstance(values, list | tuple):
        return
    for place, row in enumerate(values):
        cells = row if isinstance(row, list | tuple) else (row,)
        wrong = next((cell for cell in cells if cell is None or isinstance(cell, str | bytes | dict)), cells)
        if wrong is not cells:
            raise BadInput(f"Inputs must be numbers; got {shown(wrong)} in example {place}. Encode texts as numbers.")


def _column(array: npt.NDArray[Any], place: int) -> Column:
    values = array[:, place]
    if values.dtype == np.bool_:
        return Column("truth values", values, np.zeros(len(values), np.bool_))
    return Column("numbers", values, np.isnan(values) if values.dtype.kind == "f" else np.zeros(len(values), np.bool_))
