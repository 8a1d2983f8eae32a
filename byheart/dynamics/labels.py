"""Labels of any kind as numbers of columns of logits."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from byheart import array_checks, checks
from byheart.data.label_checks import checked_class_names, quoted_names
from byheart.data.loading.numbering import numbered
from byheart.dynamics.tensors import as_numpy


def columns_of_labels(
    labels: Any, n_examples: int, class_names: Sequence[str] | None
) -> tuple[npt.NDArray[np.unsignedinteger[Any]], tuple[str, ...]]:
    """Return the column of logits that each label means, in the smallest unsigned type, and the names of the classes.

    Whole numbers from 0 are columns themselves; the names are then empty, since the logits tell how many classes there
    are. Other labels, such as strings, are numbered in order of value (numbers) and by code point. With `class_names`,
    labels are such names, and columns have their order; whole numbers are positions among them.

    Raises:
        BadInput: no label for some example, or labels that do not name classes.

    >>> columns_of_labels(["dog", "cat", "dog"], 3, None)
    (array([1, 0, 1], dtype=uint8), ('cat', 'dog'))
    >>> columns_of_labels([3, 0], 2, None)
    (array([3, 0], dtype=uint8), ())
    """
    if labels is None:
        raise checks.BadInput("`labels` must be given: scores compare each prediction with the label of the example.")
    values = array_checks.array("labels", as_numpy("labels", labels), of="values of any kind")
    if values.ndim != 1 or len(values) != n_examples:
        one_hot = " Are they one-hot? Pass `labels.argmax(axis=1)`." if values.ndim == 2 else ""
        raise checks.BadInput(
            f"`labels` must be (example,), one for each of {n_examples} examples; got the shape {values.shape}."
            f"{one_hot}"
        )
    is_whole = values.dtype.kind in "iu" and (values.size == 0 or int(values.min()) >= 0)
    if class_names is not None:
        return _among(values, checked_class_names(class_names))
    if is_whole:
        return _smallest(values), ()
    numbers, names = numbered(values, np.arange(n_examples).astype(str))
    return _smallest(numbers), names


def check_columns(columns: npt.NDArray[np.unsignedinteger[Any]], n_classes: int) -> None:
    """Raise `BadInput` if a label is no column of logits of `n_classes` classes."""
    low, high = int(columns.min()), int(columns.max())
    if high >= n_classes:
        hint = " Labels from 1? Pass `labels - 1`." if low == 1 else ""
        raise checks.BadInput(
            f"`labels` must lie in 0 to {n_classes - 1}, since `logits` have {n_classes} columns; "
            f"got {low} to {high}.{hint}"
        )


def _among(
    values: npt.NDArray[Any], names: tuple[str, ...]
) -> tuple[npt.NDArray[np.unsignedinteger[Any]], tuple[str, ...]]:
    place = {name: number for number, name in enumerate(names)}
    texts = [str(value) for value in values.tolist()]
    unknown = tuple(dict.fromkeys(text for text in texts if text not in place))
    if not unknown:
        return _smallest(np.array([place[text] for text in texts])), names
    if values.dtype.kind in "iu" and values.min() >= 0 and values.max() < len(names):
        return _smallest(values), names
    raise checks.BadInput(f"`labels` must be among `class_names`, {quoted_names(names)}; got {quoted_names(unknown)}.")


def _smallest(numbers: npt.NDArray[Any]) -> npt.NDArray[np.unsignedinteger[Any]]:
    largest = int(numbers.max(initial=0))
    if largest >= 2**32:
        raise checks.BadInput(f"`labels` must be numbers of classes; got {largest}.")
    return np.ascontiguousarray(numbers).astype(np.min_scalar_type(largest))
