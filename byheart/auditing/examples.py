"""The examples of an audit: all parts of the data as one data set, ordered by class for training."""

import dataclasses
import functools
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Int

from byheart import checks
from byheart.data.dataset import Dataset
from byheart.data.loading.load_data import load_data
from byheart.data.split import Split

FEWEST = 20
"""Smallest number of examples that can be audited: networks are trained on half of them."""


@dataclasses.dataclass(frozen=True)
class AuditedExamples:
    """Labelled examples of a whole data set, in the order of its source.

    Attributes:
        dataset: the examples. `Dataset.index` is the position of each in the file or array that it came from.
        part: (example,), name of the part that an example comes from.
        order: (example,), positions of the examples ordered by class, as `split` has them.
        notes: what was done when the data were loaded, one sentence each.
    """

    dataset: Dataset
    part: np.ndarray
    order: Int[np.ndarray, " example"]
    notes: tuple[str, ...] = ()

    @functools.cached_property
    def split(self) -> Split:
        """The examples ordered by class, all in the training part, as `BalancedHalf` needs them.

        The validation part has one example, since it cannot be empty; nothing uses it.

        Raises:
            BadInput: a class has no example.
        """
        ordered = self.dataset.take(self.order, may_lack_classes=True)
        return Split.of_parts(ordered, ordered.take([0], may_lack_classes=True))

    @property
    def class_counts(self) -> tuple[int, ...]:
        """Number of examples of each class."""
        return tuple(self.dataset.class_counts.tolist())

    @functools.cached_property
    def identities(self) -> pd.DataFrame:
        """Columns `id`, `part`, `row` and `label` (its name) of all examples, in the order of the source."""
        data = self.dataset
        return pd.DataFrame(
            {
                "id": data.index if data.ids is None else data.ids,
                "part": self.part,
                "row": np.arange(len(data)),
                "label": np.array(data.class_names)[data.labels],
            }
        )

    def relabelled(self, labels: Int[np.ndarray, " example"]) -> "AuditedExamples":
        """Return the same examples with other labels."""
        data = self.dataset
        return _audited(data.alike(data.inputs, labels, True, data.index, data.ids), self.part, self.notes)


def audited_examples(data: Any) -> AuditedExamples:
    """Return all labelled examples of `data`.

    The parts of a split that was drawn from one source, as `load_data` does for digits and for files without a
    validation part, are put back into the order of the source; otherwise validation follows training.

    Args:
        data: a `Split`, a `Dataset`, or any source that `load_data` reads without options.

    Raises:
        BadInput: data that cannot be loaded, fewer than `FEWEST` examples, or no class with two.
    """
    data = data if isinstance(data, Split | Dataset) else load_data(data)
    parts = {"training": data.training, "validation": data.validation} if isinstance(data, Split) else {"data": data}
    inputs, labels, index = (
        np.concatenate([getattr(part, name) for part in parts.values()]) for name in ("inputs", "labels", "index")
    )
    have_ids = all(one.ids is not None for one in parts.values())
    ids = np.concatenate([np.asarray(one.ids) for one in parts.values()]) if have_ids else None
    part = np.repeat(list(parts), [len(one) for one in parts.values()])
    first = next(iter(parts.values()))
    if len(parts) > 1 and np.array_equal(np.sort(index), np.arange(len(index))):
        place = np.argsort(index)
        inputs, labels, index, part = inputs[place], labels[place], index[place], part[place]
        ids = None if ids is None else ids[place]
    if len(labels) < FEWEST or np.bincount(labels).max() < 2:
        raise checks.BadInput(
            f"An audit needs at least {FEWEST} examples, at least two of one class; got {len(labels)} examples of "
            f"{first.n_classes} classes."
        )
    notes = (*data.notes, *data.concerns) if isinstance(data, Split) else ()
    return _audited(first.alike(inputs, labels, may_lack_classes=True, index=index, ids=ids), part, notes)


def _audited(dataset: Dataset, part: np.ndarray, notes: tuple[str, ...]) -> AuditedExamples:
    return AuditedExamples(dataset, part, np.argsort(dataset.labels, kind="stable"), notes)
