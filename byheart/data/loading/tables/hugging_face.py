"""Descriptions of columns that Hugging Face's `datasets` writes into the metadata of an Arrow schema."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from byheart.data.loading.tables.table import Column

_KEY = b"huggingface"


def features_of(metadata: Mapping[bytes, bytes] | None) -> dict[str, dict[str, Any]]:
    """Return the description of each column in a schema's metadata; {} if there is none that can be read.

    >>> features_of({b"huggingface": b'{"info": {"features": {"label": {"_type": "ClassLabel"}}}}'})
    {'label': {'_type': 'ClassLabel'}}
    """
    try:
        features = json.loads((metadata or {}).get(_KEY, b"{}"))["info"]["features"]
        return {str(name): feature for name, feature in features.items() if isinstance(feature, dict)}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}


def is_class_label(feature: Mapping[str, Any]) -> bool:
    """Return whether a description is that of a `ClassLabel` with names."""
    return feature.get("_type") == "ClassLabel" and bool(feature.get("names"))


def is_picture(feature: Mapping[str, Any]) -> bool:
    """Return whether a description is that of an `Image`."""
    return feature.get("_type") == "Image"


def with_class_names(column: Column, names: list[str]) -> Column:
    """Return a column of class numbers as texts; numbers outside of the names, such as -1, are missing labels."""
    numbers = column.values.astype(np.int64)
    is_missing = column.is_missing | (numbers < 0) | (numbers >= len(names))
    categories = np.array([str(name) for name in names], object)
    return replace(column, kind="texts", values=numbers, is_missing=is_missing, categories=categories, has_order=True)
