"""Checks of the labels, class names and ids of a `Dataset`."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from jaxtyping import Int32, Shaped

from byheart import array_checks, checks
from byheart.checks import BadInput


def checked_class_names(class_names: Sequence[str]) -> tuple[str, ...]:
    """Return `class_names` as a tuple of distinct strings; it may be empty."""
    names = checks.several("class_names", class_names, str, "strings, one per class")
    if len(set(names)) < len(names):
        raise BadInput(f"`class_names` must be distinct; got {quoted_names(names)}.")
    return tuple(str(name) for name in names)


def checked_labels(
    labels: npt.ArrayLike, class_names: tuple[str, ...], may_lack_classes: bool
) -> tuple[Int32[np.ndarray, " example"], tuple[str, ...]]:
    """Return `labels` as read-only int32, and the class names: `class_names`, or "0", "1", ... if it is empty.

    Raises:
        BadInput: labels that are not (example,) integers from 0, or a class without an example.

    >>> checked_labels(np.array([1, 0, 1]), (), may_lack_classes=False)
    (array([1, 0, 1], dtype=int32), ('0', '1'))
    """
    labels = array_checks.array("labels", labels, of="values of any kind")
    _check_whole_numbers(labels)
    if may_lack_classes and not class_names:
        raise BadInput("`class_names` must be given if classes may have no example; got none.")
    n_classes = len(class_names) or len(np.unique(labels))
    _check_numbering(labels, n_classes, named=bool(class_names))
    names = class_names or tuple(map(str, range(n_classes)))
    if n_classes < 2:
        raise BadInput(f"There must be at least 2 classes; got only {quoted_names(names)}.")
    if not may_lack_classes:
        check_every_class_has_an_example(labels, names)
    frozen = labels.astype(np.int32)
    frozen.flags.writeable = False
    return frozen, names


def checked_ids(ids: npt.ArrayLike, n_examples: int) -> Shaped[np.ndarray, " example"]:
    """Return `ids` as a read-only array of strings, one for each example.

    Raises:
        BadInput: another kind of values, or another number of them.

    >>> checked_ids(["a.png", "b.png"], 2)
    array(['a.png', 'b.png'], dtype='<U5')
    """
    names = array_checks.array("ids", ids, "example", "values of any kind")
    if names.dtype.kind != "U":
        raise BadInput(f"`ids` must be strings; got {names.dtype}. Pass `[str(one) for one in ids]`.")
    if len(names) != n_examples:
        raise BadInput(f"`ids` must have one entry for each of {n_examples} examples; got {len(names)}.")
    frozen = names.copy()
    frozen.flags.writeable = False
    return frozen


def check_every_class_has_an_example(labels: npt.NDArray[Any], class_names: tuple[str, ...]) -> None:
    """Raise `BadInput` if a class has no label."""
    counts = np.bincount(labels, minlength=len(class_names))
    if not counts.all():
        missing = tuple(name for name, count in zip(class_names, counts, strict=True) if not count)
        raise BadInput(
            f"Every class must have a training example; got none of {quoted_names(missing)}. "
            "Add examples, or remove the class and renumber the labels."
        )


def quoted_names(names: tuple[str, ...]) -> str:
    """Return the first ten names, quoted, for a message.

    >>> quoted_names(("cat", "dog"))
    "'cat', 'dog'"
    """
    shown = ", ".join(repr(name) for name in names[:10])
    return f"{shown}, ... ({len(names)} in total)" if len(names) > 10 else shown


def _check_whole_numbers(labels: npt.NDArray[Any]) -> None:
    if labels.ndim != 1:
        one_hot = " Are they one-hot? Pass `labels.argmax(axis=1)`." if labels.ndim == 2 and labels.shape[1] > 1 else ""
        column = " Pass `labels.ravel()`." if labels.ndim == 2 and labels.shape[1] == 1 else ""
        raise BadInput(f"`labels` must have one axis, (example); got the shape {labels.shape}.{one_hot}{column}")
    if labels.size == 0:
        raise BadInput("`labels` must hold at least one example; got none.")
    if not np.issubdtype(labels.dtype, np.integer):
        what_to_do = "`np.unique(labels, return_inverse=True)` gives names and numbers."
        if np.issubdtype(labels.dtype, np.floating) and not np.isfinite(labels).all():
            what_to_do = f"{int((~np.isfinite(labels)).sum())} of them are not finite: repair or drop those."
        elif np.issubdtype(labels.dtype, np.floating) and (labels != np.floor(labels)).any():
            what_to_do = "Are they scores? Labels are class numbers."
        elif np.issubdtype(labels.dtype, np.floating):
            what_to_do = "If they are class numbers, pass `labels.astype(int)`."
        raise BadInput(
            f"`labels` must be integers from 0 to the number of classes - 1; got {labels.dtype}. {what_to_do}"
        )


def _check_numbering(labels: npt.NDArray[Any], n_classes: int, named: bool) -> None:
    low, high = int(labels.min()), int(labels.max())
    from_one = low == 1 and high == n_classes
    if low < 0 or from_one or (named and high >= n_classes):
        what_to_do = "Pass `labels - 1`." if from_one else "Renumber them, or name every class."
        raise BadInput(f"`labels` must run from 0 to {n_classes - 1}; got {low} to {high}. {what_to_do}")
    if high >= n_classes:
        missing = int(np.setdiff1d(np.arange(n_classes), labels)[0])
        raise BadInput(
            f"Every class must have an example; got `labels` from {low} to {high} and none of class {missing}. "
            "Renumber them: `np.unique(labels, return_inverse=True)[1]`."
        )
