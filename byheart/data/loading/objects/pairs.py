"""Sequences of pairs (input, label), such as torch's map-style data sets; they are read item by item."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from byheart.checks import BadInput, shown
from byheart.data.loading.objects.arrays import as_array
from byheart.data.loading.options import DEFAULT_SIZE, no_meaning
from byheart.data.loading.pictures.batch_decoding import stacked


def are_pairs(obj: Any) -> bool:
    """Return whether an object has a length and items by position, and the first item is (input, label)."""
    if not hasattr(obj, "__getitem__") or not hasattr(obj, "__len__") or hasattr(obj, "__array__") or not len(obj):
        return False
    if isinstance(obj, dict | str | bytes):
        return False
    try:
        first = obj[0]
    except (KeyError, IndexError, TypeError):
        return False
    return isinstance(first, tuple | list) and len(first) == 2 and _is_label(first[1]) and not _is_label(first[0])


def inputs_and_labels(obj: Any, size: int) -> tuple[npt.NDArray[Any], list[Any]]:
    """Return the inputs and labels of all items.

    Args:
        obj: the sequence.
        size: height and width to which pictures of Pillow are brought, in pixels.

    Raises:
        BadInput: an item that is no pair, or whose input has another shape than the first; the message has its number.

    Memory: the inputs once.
    """
    if _is_picture(obj[0][0]):
        return _pictures_and_labels(obj, size)
    if size != DEFAULT_SIZE:
        raise no_meaning("size", "items without pictures of Pillow")
    inputs: npt.NDArray[Any] | None = None
    labels: list[Any] = []
    for place in range(len(obj)):
        item = _pair(obj, place)
        values = _input(item[0], place)
        if inputs is None:
            inputs = np.empty((len(obj), *values.shape), values.dtype)
        if values.shape != inputs.shape[1:]:
            raise BadInput(
                f"All inputs must have the shape of the first, {inputs.shape[1:]}; item {place} has {values.shape}. "
                "Resize or pad them in the data set."
            )
        if values.dtype != inputs.dtype:
            inputs = inputs.astype(np.promote_types(inputs.dtype, values.dtype))
        inputs[place] = values
        labels.append(_label(item[1]))
    assert inputs is not None  # `are_pairs` found an item.
    return inputs, labels


def _pictures_and_labels(obj: Any, size: int) -> tuple[npt.NDArray[Any], list[Any]]:
    """Return pictures of Pillow as images of one size, and the labels."""
    from byheart.data.loading.pictures.decoding import sized  # Pillow is imported for pictures alone.

    pictures, labels = [], []
    for place in range(len(obj)):
        picture, label = _pair(obj, place)
        if not _is_picture(picture):
            raise BadInput(f"Item {place} must hold a picture of Pillow, as the first does; got {shown(picture)}.")
        pictures.append(sized(picture, size).pixels)
        labels.append(_label(label))
    return stacked(pictures), labels


def _is_picture(value: Any) -> bool:
    """Return whether a value offers what a picture of Pillow does."""
    return hasattr(value, "convert") and hasattr(value, "getbands")


def _pair(obj: Any, place: int) -> Any:
    item = obj[place]
    if not isinstance(item, tuple | list) or len(item) != 2:
        raise BadInput(f"Item {place} must be (input, label), as the first is; got {shown(item)}.")
    return item


def class_names_of(obj: Any, labels: Sequence[Any]) -> tuple[str, ...]:
    """Return the class names that a data set, or the one that it is a part of, lists as `classes`; otherwise ()."""
    while obj is not None:
        names = getattr(obj, "classes", None)
        if isinstance(names, list | tuple) and all(isinstance(name, str) for name in names):
            are_places = all(isinstance(label, int) and 0 <= label < len(names) for label in labels)
            return tuple(names) if are_places else ()
        obj = getattr(obj, "dataset", None)
    return ()


def ids_of(obj: Any) -> list[str] | None:
    """Return the files of the examples, if a data set lists them as `samples` of (file, class); otherwise None."""
    samples = getattr(obj, "samples", None)
    if not isinstance(samples, list) or len(samples) != len(obj):
        return None
    if not all(isinstance(one, tuple) and isinstance(one[0], str) for one in samples):
        return None
    files = [one[0] for one in samples]
    return files if len(set(files)) == len(files) else None


def _is_label(value: Any) -> bool:
    return isinstance(value, str | int | float | np.generic) or getattr(value, "shape", None) == ()


def _label(value: Any) -> Any:
    return value.item() if hasattr(value, "item") and getattr(value, "shape", None) == () else value


def _input(value: Any, place: int) -> npt.NDArray[Any]:
    try:
        array = as_array(value)
    except BadInput as problem:
        raise BadInput(f"Item {place}: {problem}") from None
    is_tensor = hasattr(value, "detach")
    return np.moveaxis(array, 0, -1) if is_tensor and array.ndim == 3 and array.shape[0] in (1, 3, 4) else array
