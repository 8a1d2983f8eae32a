"""Numbers for classes: labels of any kind become 0, 1, ..., and their values become the names of classes."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from jaxtyping import Bool, Int32, Shaped

from byheart.checks import BadInput
from byheart.data.label_checks import quoted_names

MANY_VALUES = 20
"""Numbers with more distinct values than this may be measurements."""
FEW_EACH = 3
"""They are, if there are fewer examples of a value than this, on average, or if they have decimals."""
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def numbered(
    labels: npt.NDArray[Any], ids: Shaped[np.ndarray, " example"], class_names: tuple[str, ...] = ()
) -> tuple[Int32[np.ndarray, " example"], tuple[str, ...]]:
    """Return a class number for each label, and the names of the classes, which are the labels as text.

    Classes are in the order of `class_names`. If that is empty, they are in order of value if they are numbers, also as
    text, and by code point after them. With `class_names`, integers that are not such a name are positions among them;
    names without an example are dropped.

    Args:
        labels: (example,) strings, integers or booleans; whole floats count as integers.
        ids: (example,) names of the examples, for messages.
        class_names: names of classes in order, or empty.

    Raises:
        BadInput: missing labels, other kinds of values, labels that look like measurements, labels that are not among
            `class_names`, or fewer than two classes.

    >>> numbered(np.array([10, -1, 10]), np.array(["a", "b", "c"]))
    (array([1, 0, 1], dtype=int32), ('-1', '10'))
    >>> numbered(np.array(["b", "10", "9", "a"]), np.array(["p", "q", "r", "s"]))
    (array([3, 1, 0, 2], dtype=int32), ('9', '10', 'a', 'b'))
    """
    known = _known(labels, ids)
    values, positions = np.unique(known, return_inverse=True)
    texts = [str(value) for value in values.tolist()]
    _check_not_measured(texts, len(known))
    names = _in_stated_order(texts, class_names, values) if class_names else tuple(sorted(texts, key=order))
    if len(texts) < 2:
        raise BadInput(f"There must be at least 2 classes; all {len(known)} labels are {texts[0]!r}.")
    if class_names and not set(texts) <= set(class_names):  # Integers that are positions.
        texts = [class_names[int(value)] for value in values]
    place = {name: number for number, name in enumerate(names)}
    return np.array([place[text] for text in texts], np.int32)[positions.reshape(-1)], names


def order(text: str) -> tuple[bool, float, str]:
    """Return a key that sorts texts that are numbers by value, and the others after them by code point.

    >>> sorted(["b", "10", "-1", "9", "a"], key=order)
    ['-1', '9', '10', 'a', 'b']
    """
    is_number = _NUMBER.fullmatch(text) is not None
    return (not is_number, float(text) if is_number else 0.0, text)


def some_ids(ids: Shaped[np.ndarray, " example"], is_one: Bool[np.ndarray, " example"]) -> str:
    """Return, for a message, how many examples are meant, and the ids of the first ones.

    >>> some_ids(np.array(["a.png", "b.png", "c.png"]), np.array([True, False, True]))
    '2 of 3 examples (a.png, c.png)'
    """
    chosen = ids[is_one]
    first = [*map(str, chosen[:5]), *["..."] * (len(chosen) > 5)]
    return f"{len(chosen)} of {len(ids)} examples ({', '.join(first)})"


def _known(labels: npt.NDArray[Any], ids: Shaped[np.ndarray, " example"]) -> npt.NDArray[Any]:
    """Return labels as strings, integers or booleans, after checking that none is missing."""
    if labels.ndim != 1:
        one_hot = " Are they one-hot? Pass `labels.argmax(axis=1)`." if labels.ndim == 2 else ""
        raise BadInput(f"`labels` must have one axis, (example); got the shape {labels.shape}.{one_hot}")
    if len(labels) != len(ids):
        raise BadInput(f"There must be a label for each example; got {len(ids)} examples and {len(labels)} labels.")
    if labels.size == 0:
        raise BadInput("There must be labelled examples; got none.")
    is_missing = _is_missing(labels)
    if is_missing.any():
        raise BadInput(
            f"Every example must have a label; it is missing in {some_ids(ids, is_missing)}. Label or drop those."
        )
    if labels.dtype.kind == "O":
        labels = _of_one_type(labels.tolist())
    if labels.dtype.kind == "S":
        return np.char.decode(labels, "utf-8", "backslashreplace")
    if labels.dtype.kind == "f" and not np.isfinite(labels).all():
        raise BadInput(f"`labels` must be finite; got infinity in {some_ids(ids, ~np.isfinite(labels))}.")
    if labels.dtype.kind == "f" and (labels == np.floor(labels)).all():
        return labels.astype(np.int64)
    if labels.dtype.kind not in "Ubiu":
        raise _measured(f"{labels.dtype}, such as {labels[0]}")
    return labels


def _is_missing(labels: npt.NDArray[Any]) -> Bool[np.ndarray, " example"]:
    if labels.dtype.kind == "f":
        return np.isnan(labels)
    if labels.dtype.kind == "U":
        return np.char.strip(labels) == ""
    if labels.dtype.kind == "O":
        return np.array([_is_nothing(label) for label in labels.tolist()], bool)
    return np.zeros(len(labels), bool)


def _is_nothing(label: Any) -> bool:
    """Return whether one label is None, NaN, a missing value of pandas, or blank."""
    is_nan = isinstance(label, float) and label != label
    is_blank = isinstance(label, str) and not label.strip()
    return label is None or is_nan or is_blank or type(label).__name__ in ("NAType", "NaTType")


def _of_one_type(labels: Sequence[Any]) -> npt.NDArray[Any]:
    """Return Python strings, integers or booleans as an array of that type; integers and strings together as text."""
    kinds = {type(label) for label in labels}
    if kinds <= {bool} or kinds <= {int, float} or kinds <= {str}:
        return np.array(labels)
    if kinds <= {str, int, bool}:
        return np.array([str(label) for label in labels])
    names = ", ".join(sorted(kind.__name__ for kind in kinds))
    raise BadInput(f"`labels` must be strings, integers or booleans; got {names}.")


def _check_not_measured(texts: Sequence[str], n_examples: int) -> None:
    """Check that labels are not measurements: many different numbers, with decimals or with few examples of each."""
    if len(texts) <= MANY_VALUES or not all(_NUMBER.fullmatch(text) for text in texts):
        return
    if any("." in text for text in texts) or n_examples < FEW_EACH * len(texts):
        raise _measured(f"{len(texts)} different numbers in {n_examples} examples")


def _measured(came: str) -> BadInput:
    return BadInput(
        f"`labels` must name classes; got {came}, which looks like a measurement. Name another column as label, or put "
        "the numbers into a few classes first."
    )


def _in_stated_order(texts: Sequence[str], class_names: tuple[str, ...], values: npt.NDArray[Any]) -> tuple[str, ...]:
    """Return the names that have an example, in the order of `class_names`."""
    if len(set(class_names)) < len(class_names):
        raise BadInput(f"`class_names` must be distinct; got {quoted_names(class_names)}.")
    used = set(texts)
    if not used <= set(class_names):
        if values.dtype.kind not in "iu" or not 0 <= int(values.min()) <= int(values.max()) < len(class_names):
            unknown = tuple(text for text in texts if text not in class_names)
            raise BadInput(
                f"`labels` must be among the classes {quoted_names(class_names)}; got {quoted_names(unknown)}."
            )
        used = {class_names[int(value)] for value in values}
    return tuple(name for name in class_names if name in used)
