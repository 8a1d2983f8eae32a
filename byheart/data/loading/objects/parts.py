"""Objects that hold the training and the validation part: dictionaries of both, and pairs of arrays."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from byheart.checks import BadInput
from byheart.data.loading.labelled import LabelledExamples
from byheart.data.loading.objects.given_columns import column_of
from byheart.data.loading.part_names import part_named
from byheart.data.loading.tables.joined import joined, with_columns
from byheart.data.loading.tables.table import Table, some_names

_PART, _ID = "(part)", "(id)"
"""Names of columns that say for each row its part, and its place in it."""


def are_parts(obj: Mapping[Any, Any]) -> bool:
    """Return whether a dictionary holds parts by their names.

    Raises:
        BadInput: there are three parts, or none for training.
    """
    parts = [part_named(key) if isinstance(key, str) else "" for key in obj]
    if not parts or not all(parts):
        return False
    if len(parts) != 2 or parts.count("training") != 1:
        raise BadInput(
            f"Data in parts must have one for training and one for validation; got {some_names(obj)}. Pass both, as "
            'by `{"train": data["train"], "validation": data["test"]}`; a part alone without the dictionary.'
        )
    return True


def _side(key: str) -> str:
    return "training" if part_named(key) == "training" else "validation"


def pairs_of_arrays(obj: Any) -> dict[str, Any] | None:
    """Return both parts of `(x_train, y_train), (x_test, y_test)`; None if the object has another form."""
    if not isinstance(obj, tuple) or len(obj) != 2 or not all(isinstance(one, tuple) and len(one) == 2 for one in obj):
        return None
    if not all(len(getattr(values, "shape", ())) > 1 for values, _ in obj):
        return None
    return {"train": obj[0], "test": obj[1]}


def joined_tables(parts: Mapping[str, Table], id_column: str | None) -> tuple[Table, dict[str, str]]:
    """Return the tables of both parts as one, and the roles of the columns that it has for them.

    Raises:
        BadInput: the tables have different columns.
    """
    table = joined([replace(one, source=f"{one.source} of {key!r}") for key, one in parts.items()])
    table = replace(table, source="The data")
    columns = {_PART: column_of("part", np.repeat(list(parts), [one.n_rows for one in parts.values()]))}
    if id_column is None:
        columns[_ID] = column_of("ids", [f"{key}/{row}" for key, one in parts.items() for row in range(one.n_rows)])
    extra = {"part": _PART, "id_column": _ID} if id_column is None else {"part": _PART}
    return with_columns(table, columns), extra


def joined_examples(parts: Mapping[str, LabelledExamples]) -> LabelledExamples:
    """Return the examples of both parts as one.

    Raises:
        BadInput: the inputs have different shapes.
    """
    first, second = parts.values()
    if first.inputs.shape[1:] != second.inputs.shape[1:]:
        raise BadInput(
            f"The inputs of {some_names(parts)} must have one shape; got {first.inputs.shape[1:]} and "
            f"{second.inputs.shape[1:]}."
        )
    both = (first, second)
    return replace(
        first,
        inputs=np.concatenate([one.inputs for one in both]),
        labels=np.concatenate([one.labels for one in both]),
        ids=np.array([f"{key}/{one}" for key, part in parts.items() for one in part.ids.tolist()]),
        class_names=first.class_names or second.class_names,
        part=np.repeat([_side(key) for key in parts], [len(one.ids) for one in both]),
        group=None if first.group is None or second.group is None else np.concatenate([one.group for one in both]),
        shown=None if first.shown is None or second.shown is None else np.concatenate([one.shown for one in both]),
        notes=tuple(dict.fromkeys(note for one in both for note in one.notes)),
    )
