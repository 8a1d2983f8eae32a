"""Labelled examples from Python objects, each known by what it offers."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from byheart.checks import BadInput, count, shown
from byheart.data.loading.labelled import LabelledExamples
from byheart.data.loading.objects import bunches, pairs
from byheart.data.loading.objects.arrays import labelled_arrays
from byheart.data.loading.objects.given_columns import with_given
from byheart.data.loading.objects.parts import are_parts, joined_examples, joined_tables, pairs_of_arrays
from byheart.data.loading.objects.tabular import table_of
from byheart.data.loading.options import DEFAULT_SIZE, no_meaning
from byheart.data.loading.tables.from_table import labelled_rows
from byheart.data.loading.tables.roles import Roles

Given = dict[str, Any]
"""For each role, such as "label", the name of a column, an array, or None."""


def labelled_from_object(
    obj: Any,
    *,
    label: Any = None,
    id_column: Any = None,
    features: str | Sequence[str] | None = None,
    missing: str = "refuse",
    group: Any = None,
    part: Any = None,
    show: Any = None,
    size: int = DEFAULT_SIZE,
    name: str = "data",
    needs_inputs: bool = True,
) -> LabelledExamples:
    """Return the examples in a Python object.

    Known are, by what they offer and without importing their packages: arrays, tensors and nested lists (with `label`,
    or as `(inputs, labels)`); `pandas.DataFrame`; frames of polars, tables of pyarrow and all that has
    `__arrow_c_stream__` or `__dataframe__`; Hugging Face's `Dataset`; dictionaries of columns; scikit-learn's `Bunch`;
    and what has items `(input, label)`, such as torch's map-style data sets. A dictionary of parts, such as a
    `DatasetDict` or `{"train": ..., "test": ...}`, and `(x_train, y_train), (x_test, y_test)` keep their parts.

    Args:
        obj: the object.
        label: name of the column with the labels, or an array of one label for each example. None: as of tables, or
            those that come with the object.
        id_column: column, or array, with a name for each example; None: row numbers, or files of pictures.
        features: columns and patterns, as of tables.
        missing: "refuse" or "median", as of tables.
        group: column, or array, whose equal values stay in one part.
        part: column, or array, that says training or validation.
        show: column, or array, of texts to show in place of the numbers of a row.
        size: height and width to which pictures are brought, in pixels.
        name: of the data in reports.
        needs_inputs: as of tables.

    Raises:
        BadInput: an object of another kind, or what tables refuse.
    """
    count("size", size)
    given = {"label": label, "id_column": id_column, "group": group, "part": part, "show": show}
    options: dict[str, Any] = {"features": features, "missing": missing, "needs_inputs": needs_inputs}
    Roles(**options)
    if isinstance(obj, LabelledExamples):
        return obj
    pair = pairs_of_arrays(obj)
    parts = pair or (obj if isinstance(obj, Mapping) and are_parts(obj) else None)
    if parts is not None:
        return _of_parts(parts, given, options, size, name)
    return _whole(obj, given, options, size, name)


def _of_parts(
    parts: Mapping[str, Any], given: Given, options: dict[str, Any], size: int, name: str
) -> LabelledExamples:
    """Return the examples of several parts; tables are encoded together."""
    arrays = [role for role, value in given.items() if value is not None and not isinstance(value, str)]
    if arrays or given["part"] is not None:
        role = arrays[0] if arrays else "part"
        raise BadInput(f"`{role}` has no meaning for data in parts unless it names a column of each. Leave it out.")
    tables = {
        key: None if bunches.is_bunch(one) or isinstance(one, tuple) else table_of(one, name)
        for key, one in parts.items()
    }
    known = {key: table for key, table in tables.items() if table is not None}
    if len(known) == len(parts):
        table, extra = joined_tables(known, given["id_column"])
        return labelled_rows(table, Roles(**{**given, **options, **extra}), size)
    return joined_examples({key: _whole(one, given, options, size, name) for key, one in parts.items()})


def _whole(obj: Any, given: Given, options: dict[str, Any], size: int, name: str) -> LabelledExamples:
    """Return the examples of an object that is not divided into parts."""
    if bunches.is_bunch(obj):
        return _of_bunch(obj, given, options, size, name)
    if pairs.are_pairs(obj) and given["label"] is None:
        return _of_pairs(obj, given, options, size, name)
    if isinstance(obj, tuple) and len(obj) == 2 and given["label"] is None and _is_sized(obj[1]):
        return _whole(obj[0], {**given, "label": obj[1]}, options, size, name)
    table = table_of(obj, name)
    if table is not None:
        table, roles = with_given(table, given)
        return labelled_rows(table, Roles(**roles, **options), size)
    if hasattr(obj, "__array__") or hasattr(obj, "toarray") or isinstance(obj, list | tuple):
        if size != DEFAULT_SIZE:
            raise no_meaning("size", "arrays, which are not resized")
        return labelled_arrays(obj, name, given, options)
    raise BadInput(f"The data are of no known kind; got {shown(obj)}. {_advice(obj)}")


def _of_bunch(
    bunch: Mapping[str, Any], given: Given, options: dict[str, Any], size: int, name: str
) -> LabelledExamples:
    labels, class_names = (given["label"], ()) if given["label"] is not None else bunches.labels_of_bunch(bunch)
    inputs, feature_names, note = bunches.inputs_of(bunch)
    found = _whole(inputs, {**given, "label": labels}, options, size, name)
    named = feature_names if len(feature_names) == found.inputs.shape[-1] and not found.feature_names else ()
    return replace(
        found,
        class_names=class_names or found.class_names,
        feature_names=named or found.feature_names,
        notes=(*found.notes, note) if note else found.notes,
    )


def _of_pairs(obj: Any, given: Given, options: dict[str, Any], size: int, name: str) -> LabelledExamples:
    inputs, labels = pairs.inputs_and_labels(obj, size)
    files = pairs.ids_of(obj) if given["id_column"] is None else None
    column = np.array([*labels, None], object)[:-1]
    found = labelled_arrays(inputs, name, {**given, "label": column, "id_column": files or given["id_column"]}, options)
    names = pairs.class_names_of(obj, labels)
    return replace(found, labels=np.array(names)[found.labels], class_names=names) if names else found


def _is_sized(value: Any) -> bool:
    return hasattr(value, "__len__") and not isinstance(value, str | bytes | Mapping)


def _advice(obj: Any) -> str:
    if hasattr(obj, "batch_size") and hasattr(obj, "dataset"):
        return "It is a loader of batches: pass its `dataset`."
    if hasattr(obj, "__iter__") and not (hasattr(obj, "__getitem__") and hasattr(obj, "__len__")):
        return "It can only be read from its beginning: pass `list(...)` of (input, label), or arrays."
    if hasattr(obj, "__getitem__") and hasattr(obj, "__len__") and not isinstance(obj, str | bytes | Mapping):
        return "The items of a data set must be (input, label), with a single label."
    return "Pass (inputs, labels), a data frame, a data set with items (input, label), or the path of a file."
