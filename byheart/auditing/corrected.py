"""Corrected labels: a new table with the labels of a review. Nothing in the source is changed."""

from pathlib import Path

import numpy as np
import pandas as pd

from byheart import checks
from byheart.auditing.reviews import NO_LABEL, Review
from byheart.results import atomic_write

LABELS = "labels.csv"


def corrected_labels(review: Review, identities: pd.DataFrame, class_names: tuple[str, ...]) -> pd.DataFrame:
    """Return all examples in the order of the source, with the columns id, part, row, label, old_label and changed.

    `label` is the new label of examples that are marked wrong and have one, and otherwise the old one.

    Args:
        review: the marks.
        identities: columns `id`, `part`, `row` and `label` of all examples, in the order of the source.
        class_names: names of the classes.
    """
    names, labels = np.array(class_names, object), identities.label.to_numpy(object).copy()
    has_new = review.new_labels != NO_LABEL
    labels[review.rows[has_new]] = names[review.new_labels[has_new]]
    old = identities.label.to_numpy(object)
    table = identities[["id", "part", "row"]].assign(label=labels, old_label=old, changed=labels != old)
    return table.reset_index(drop=True)


def check_is_new(directory: Path) -> Path:
    """Return the path of labels.csv in `directory`.

    Raises:
        BadInput: the file exists. It is never overwritten.
    """
    path = directory / LABELS
    if path.exists():
        raise checks.BadInput(f"{path} exists, and is not overwritten. Give another folder with --out.")
    return path


def write_corrected(table: pd.DataFrame, directory: Path) -> Path:
    """Write labels.csv into `directory`; return its path.

    Raises:
        BadInput: the file exists.
        WriteError: it cannot be written.
    """
    path = check_is_new(directory)
    atomic_write.write(path, lambda temporary: table.to_csv(temporary, index=False, lineterminator="\n"))
    return path
