"""The state of a log: sums, labels and counters; how it is stored, and how shards of a training run become one."""

import dataclasses
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from jaxtyping import Shaped

from byheart import checks
from byheart.dynamics import history
from byheart.dynamics.files import read_file, write_file
from byheart.dynamics.history import History
from byheart.dynamics.sums import Sums


@dataclasses.dataclass
class Log:
    """The state of a log.

    Attributes:
        sums: sums over all sightings of each example.
        columns: (example,), the label of each example as a column of the logits.
        class_names: names of the columns; empty: their numbers.
        ids: (example,), names of the examples; None: their positions.
        early_epochs: number of epochs over which error norms are added.
        n_classes: number of columns; None before the first batch, if labels are numbers.
        history: bits of each epoch, if this is a shard.
        epochs: number of finished epochs.
        is_open: a batch came since the last one ended.
    """

    sums: Sums
    columns: npt.NDArray[np.unsignedinteger[Any]]
    class_names: tuple[str, ...]
    ids: Shaped[np.ndarray, " example"] | None
    early_epochs: int
    n_classes: int | None
    history: History | None
    epochs: int = 0
    is_open: bool = False

    @property
    def nbytes(self) -> int:
        """Bytes in memory for all examples, without their ids."""
        bits = 0 if self.history is None else self.history.packed().nbytes
        return sum(one.nbytes for one in self.sums.arrays.values()) + self.columns.nbytes + bits

    def save(self, path: Path, keep: Path | None) -> None:
        """Write a file atomically; `keep` is the path of the file of logits."""
        arrays = {**self.sums.arrays, "columns": self.columns}
        if self.ids is not None:
            arrays["ids"] = self.ids
        if self.history is not None:
            arrays["history"] = self.history.packed()
        settings = {
            "n_classes": self.n_classes,
            "class_names": list(self.class_names),
            "early_epochs": self.early_epochs,
            "epochs": self.epochs,
            "is_open": self.is_open,
            "keep": None if keep is None else os.path.relpath(keep.resolve(), path.resolve().parent),
        }
        write_file(path, settings, arrays)

    @classmethod
    def loaded(cls, path: Path) -> "tuple[Log, Path | None]":
        """Return the log of a file, and the path of its file of logits.

        Raises:
            BadInput: no such file, a damaged one, another file, or one of another version.
        """
        settings, arrays = read_file(path)
        try:
            sums = Sums.loaded(arrays)
            columns, packed, ids = arrays["columns"], arrays.get("history"), arrays.get("ids")
            if len(columns) != sums.n_examples or (ids is not None and len(ids) != sums.n_examples):
                raise checks.BadInput("the arrays have different lengths")
            log = cls(
                sums,
                columns,
                tuple(settings["class_names"]),
                ids,
                checks.count("early_epochs", settings["early_epochs"]),
                checks.optional(checks.count)("n_classes", settings["n_classes"]),
                None if packed is None else History(sums.n_examples, packed),
                checks.count_from_0("epochs", settings["epochs"]),
                bool(settings["is_open"]),
            )
            return log, None if settings["keep"] is None else path.parent / settings["keep"]
        except (KeyError, TypeError, checks.BadInput) as problem:
            raise checks.BadInput(f"{path} is damaged: {problem}. Save it again.") from None

    @classmethod
    def merged(cls, parts: "Sequence[Log]") -> "Log":
        """Return the log of all shards together.

        Raises:
            BadInput: no shard, shards that do not fit, or an example in several that kept no bits of each epoch.
        """
        if not parts:
            raise checks.BadInput("`shards` must have at least one log; got none.")
        first = parts[0]
        for number, one in enumerate(parts, start=1):
            first._check_fits(one, number)
        sums, histories = [one.sums for one in parts], [one.history for one in parts if one.history is not None]
        if len(histories) == len(parts):
            whole, bits = history.merged(sums, histories)
            return dataclasses.replace(first, sums=whole, history=bits)
        joined = history.joined(sums)
        if joined is None:
            raise checks.BadInput(
                "An example is in several logs, and not all were made with `shard=True`: the order of what happened to "
                "it is not known. Log again with `shard=True`."
            )
        return dataclasses.replace(first, sums=joined, history=None)

    def _check_fits(self, other: "Log", number: int) -> None:
        """Raise `BadInput` if another shard is not of the same training run as this first one."""
        same_labels = np.array_equal(self.columns, other.columns) and self.class_names == other.class_names
        if not same_labels or self.n_classes != other.n_classes:
            raise checks.BadInput(f"All shards must be of the same data set and classes; number {number} is not.")
        if other.is_open:
            raise checks.BadInput("Every shard must have ended its epoch; call `end_epoch` in each process first.")
        if self.epochs != other.epochs or self.early_epochs != other.early_epochs:
            raise checks.BadInput(
                f"All shards must have logged the same epochs; the first has {self.epochs} "
                f"(early: {self.early_epochs}), number {number} has {other.epochs} (early: {other.early_epochs})."
            )
