"""Scikit-learn's Bunch: a dictionary with `data`, `target` and names."""

from collections.abc import Mapping
from typing import Any

import numpy as np


def is_bunch(obj: Any) -> bool:
    """Return whether an object is a dictionary with the inputs as `data` and the labels as `target`."""
    return isinstance(obj, Mapping) and {"data", "target"} <= set(obj)


def inputs_of(bunch: Mapping[str, Any]) -> tuple[Any, tuple[str, ...], str]:
    """Return the inputs, the names of their features or (), and a note or "".

    Images are preferred to the same numbers as vectors, if they lie in [0, 1].
    """
    data = bunch["data"]
    images = bunch.get("images")
    if images is not None and np.ndim(images) in (3, 4) and len(images) == len(data):
        if images.dtype == np.uint8 or (np.min(images) >= 0 and np.max(images) <= 1):
            return images, (), ""
        return data, _feature_names(bunch), "`images` are not in [0, 1]; the vectors in `data` are used instead."
    return data, _feature_names(bunch), ""


def labels_of_bunch(bunch: Mapping[str, Any]) -> tuple[Any, tuple[str, ...]]:
    """Return the labels, as names if there are, and the names of the classes in order or ()."""
    target = bunch["target"]
    names = bunch.get("target_names")
    numbers = np.asarray(target)
    if names is None or len(names) < 2 or numbers.ndim != 1 or numbers.dtype.kind not in "iu" or not numbers.size:
        return target, ()
    if not 0 <= numbers.min() <= numbers.max() < len(names):
        return target, ()
    class_names = tuple(map(str, names))
    return np.array(class_names)[numbers], class_names


def _feature_names(bunch: Mapping[str, Any]) -> tuple[str, ...]:
    names = bunch.get("feature_names")
    return () if names is None else tuple(map(str, names))
