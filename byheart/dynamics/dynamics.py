"""The log of a training loop: what training did to each example."""

import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Union

import numpy as np
import numpy.typing as npt
import pandas as pd

from byheart import checks
from byheart.data.label_checks import checked_ids
from byheart.dynamics.cautions import cautions_of, said
from byheart.dynamics.files import checked_path
from byheart.dynamics.history import History
from byheart.dynamics.labels import check_columns, columns_of_labels
from byheart.dynamics.log import Log
from byheart.dynamics.observing import checked_index, checked_logits, observed
from byheart.dynamics.scores import table_of
from byheart.dynamics.stored_logits import StoredLogits, check_is_new
from byheart.dynamics.sums import LAST_EPOCH, Sums

EARLY_EPOCHS = 10
"""Epochs over which error norms are averaged: EL2N is a score of early training."""
PathLike = Union[str, "os.PathLike[str]"]


class Dynamics:
    """Logs what training does to each example, from any training loop, and gives scores of the examples.

    Call `batch` with the positions of the examples of each minibatch and the logits that the network gave for them, and
    `end_epoch` after each epoch; `scores` gives the scores. Sums are kept, 55 bytes for each example and 1 to 4 for its
    label, whatever the number of epochs.

    Logits come while weights change, as in the sources: those of an epoch belong to different weights.

    **Seen twice or not at all.** Means are over all sightings of an example. It is right in an epoch if it is right at
    every sighting of that epoch. Epochs in which it is not seen are passed over. `scores` and `print` say when either
    happened.

    Args:
        n_examples: number of examples of the data set.
        labels: (example,), the labels as given, in the order of the data set. Whole numbers from 0 are columns of the
            logits; other values, such as strings, are columns in sorted order.
        class_names: what the columns of the logits mean, if labels are such names in another order.
        ids: (example,) strings that name the examples, such as file names; None: positions.
        keep: path of a new .npy file that gets all logits, (epoch, example, class) in float16, memory-mapped; None: no
            logits are kept.
        shard: the loop runs in several processes, and this object sees a part of the examples of each epoch. It then
            keeps also two bits for each example and epoch, so that `merge` can put the parts together.
        save_to: path of an .npz file that `end_epoch` saves to, for loops that another library runs; None: `save` alone
            does.
        early_epochs: number of first epochs over which `early_error_norm` is the mean.

    Raises:
        BadInput: arguments that do not fit, or no label for some example.

    >>> dynamics = Dynamics(3, labels=["cat", "dog", "cat"])
    >>> dynamics.batch([0, 1, 2], [[2.0, 0.0], [1.0, 3.0], [0.0, 4.0]])
    >>> dynamics.end_epoch()
    >>> dynamics.scores()[["row", "label", "area_under_margin"]].values.tolist()
    [[2, 'cat', -4.0], [0, 'cat', 2.0], [1, 'dog', 2.0]]
    >>> dynamics
    Dynamics(1 epoch, 3 examples of 2 classes: every example seen once in every epoch)
    """

    def __init__(
        self,
        n_examples: int,
        labels: Any = None,
        *,
        class_names: Sequence[str] | None = None,
        ids: npt.ArrayLike | None = None,
        keep: PathLike | None = None,
        shard: bool = False,
        save_to: PathLike | None = None,
        early_epochs: int = EARLY_EPOCHS,
    ) -> None:
        self.n_examples = checks.count("n_examples", n_examples)
        columns, names = columns_of_labels(labels, self.n_examples, class_names)
        self._log = Log(
            Sums(self.n_examples),
            columns,
            names,
            None if ids is None else checked_ids(ids, self.n_examples),
            checks.count("early_epochs", early_epochs),
            len(names) or None,
            History(self.n_examples) if checks.instance("shard", shard, bool, "True or False") else None,
        )
        self._keep = None if keep is None else path_of("keep", keep)
        self._save_to = None if save_to is None else checked_path(path_of("save_to", save_to))
        self._stored: StoredLogits | None = None
        if self._keep is not None:
            check_is_new(self._keep)
        if not shard and os.environ.get("WORLD_SIZE", "1") not in ("", "0", "1"):
            warnings.warn(
                f"This is one of {os.environ['WORLD_SIZE']} processes (WORLD_SIZE): pass `shard=True`, so that "
                "`Dynamics.merge` can put their logs together.",
                checks.Caution,
                stacklevel=2,
            )

    @property
    def epochs(self) -> int:
        """Number of finished epochs."""
        return self._log.epochs

    @property
    def is_open(self) -> bool:
        """True if a batch came since the last `end_epoch`."""
        return self._log.is_open

    @property
    def is_shard(self) -> bool:
        """True for the log of one of several processes, which `merge` puts together."""
        return self._log.history is not None

    @property
    def n_classes(self) -> int | None:
        """Number of classes; None before the first batch if labels are numbers."""
        return self._log.n_classes

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the columns of logits; empty if labels are numbers."""
        return self._log.class_names

    @property
    def labels(self) -> npt.NDArray[np.int64]:
        """(example,), the column of each label."""
        return self._log.columns.astype(np.int64)

    @property
    def nbytes(self) -> int:
        """Bytes in memory for all examples, without their ids."""
        return self._log.nbytes

    @property
    def has_no_ids(self) -> bool:
        """True if positions are the only names of examples."""
        return self._log.ids is None

    def kept_logits(self) -> npt.NDArray[np.float16] | None:
        """Return the logits of all epochs, (epoch, example, class), as a read-only memory map; None if none are kept.

        An example that was not seen in an epoch has NaN there.
        """
        if self._stored is None:
            return None
        self._stored.flush()
        return np.load(self._stored.path, mmap_mode="r")

    def batch(self, index: Any, logits: Any) -> None:
        """Add the examples of a minibatch. Nothing changes if an error is raised.

        Args:
            index: (batch,), the position of each example in the data set, not in the batch or the shuffled order.
            logits: (batch, class), what the network gave before the softmax. A tensor of PyTorch, JAX, TensorFlow or
                NumPy, on any device, also in bfloat16; no gradient flows, and no reference is kept.

        Raises:
            BadInput: positions that no example has, other shapes or types, another number of classes than before,
                logits that are not finite, or probabilities in place of logits.
        """
        log = self._log
        epoch = log.epochs + 1
        if epoch > LAST_EPOCH:
            raise checks.BadInput(f"At most {LAST_EPOCH} epochs can be logged.")
        at = checked_index(index, self.n_examples)
        values = checked_logits(logits, len(at), log.n_classes, not (log.epochs or log.is_open))
        if not len(at):
            return
        if log.n_classes is None:
            check_columns(log.columns, values.shape[1])
        seen = observed(at, values, log.columns[at])
        if self._keep is not None:
            self._stored = self._stored or StoredLogits(self._keep, self.n_examples, values.shape[1])
            self._stored.write(at, values, epoch)
        log.sums.add(seen, epoch, log.early_epochs)
        log.n_classes, log.is_open = values.shape[1], True

    def end_epoch(self) -> None:
        """End an epoch, and save if `save_to` was given.

        Raises:
            BadInput: no batch came since the last one.
            WriteError: the file cannot be written; an earlier one is kept.
        """
        log = self._log
        if not log.is_open:
            raise checks.BadInput("`end_epoch` must follow a batch; none came since the last epoch ended.")
        log.epochs, log.is_open = log.epochs + 1, False
        if log.history is not None:
            log.history.append(log.sums, log.epochs)
        if self._stored is not None:
            self._stored.flush()
        if self._save_to is not None:
            self.save(self._save_to)

    def scores(self, by: str = "area_under_margin") -> pd.DataFrame:
        """Return one row for each example, most suspect first.

        docs/training_loops.md explains the columns; `statistics/training_dynamics.py` defines them. An example that was
        never seen has NaN, and is last. `attrs["cautions"]` says what was odd, such as examples seen twice in an epoch.

        Args:
            by: the score to order by: one that has a suspect end.

        Raises:
            BadInput: another name, or no batch yet.
        """
        log = self._log
        if not (log.epochs or log.is_open):
            raise checks.BadInput("Scores need at least one batch; none was logged.")
        table = table_of(log.sums, log.columns, log.class_names, log.ids, by)
        table.attrs = {"cautions": list(self.cautions), "epochs": log.epochs, "by": by}
        return table

    @property
    def cautions(self) -> tuple[str, ...]:
        """Sentences about what was unusual, such as examples that were seen twice, or predictions at chance."""
        return cautions_of(self._log)

    def __repr__(self) -> str:
        return said(self._log)

    def save(self, path: PathLike) -> None:
        """Write everything to an .npz file, atomically, also in the middle of an epoch.

        Raises:
            BadInput: the name does not end in .npz.
            WriteError: the file cannot be written; an earlier one is kept.
        """
        if self._stored is not None:
            self._stored.flush()
        self._log.save(path_of("path", path), None if self._stored is None else self._stored.path)

    @classmethod
    def load(cls, path: PathLike, *, keep: PathLike | None = None, save_to: PathLike | None = None) -> "Dynamics":
        """Return what `save` wrote, to go on with it.

        It goes on where it was saved, also in the middle of an epoch: give it the batches that follow. If your loop
        starts that epoch again, its first batches are seen twice, which `cautions` says; so save after `end_epoch` if
        your loop resumes at the start of an epoch.

        Args:
            path: the file.
            keep: where the file of logits now lies; None: where it was, as seen from `path`. If it is not there, the
                log goes on without logits, and a `Caution` says so.
            save_to: as in `Dynamics`.

        Raises:
            BadInput: no such file, a damaged one or another file or version, or a file of logits that does not fit.
        """
        log, stored = Log.loaded(path_of("path", path))
        if keep is None and stored is not None and not stored.exists():
            warnings.warn(
                f"There is no file {stored}, which holds the logits of this log: no logits are kept from here on. Pass "
                "`keep=` if it was moved.",
                checks.Caution,
                stacklevel=2,
            )
            stored = None
        found = stored if keep is None else path_of("keep", keep)
        file = None
        if found is not None:
            file = StoredLogits(found, log.sums.n_examples, log.n_classes or 0, log.epochs + log.is_open)
        made = cls._of(log, file)
        made._save_to = None if save_to is None else checked_path(path_of("save_to", save_to))
        return made

    @classmethod
    def merge(cls, shards: "Sequence[Dynamics | PathLike]") -> "Dynamics":
        """Return the log of a training run whose processes logged a part each, in objects with `shard=True`.

        An example may come to another process in each epoch. Counts equal those of a single process bit by bit; means
        do within rounding, since float64 numbers are added in another order. Logs without `shard=True` can be merged if
        no example is in two of them. Files that `keep` logits are not merged.

        Args:
            shards: the logs, or paths of saved ones.

        Raises:
            BadInput: no log, logs of other data or other numbers of epochs, an epoch that has not ended, or an example
                in several logs that are no shards.
        """
        logs = [(one if isinstance(one, Dynamics) else cls.load(one))._log for one in shards]
        return cls._of(Log.merged(logs))

    @classmethod
    def _of(cls, log: Log, stored: StoredLogits | None = None) -> "Dynamics":
        made = object.__new__(cls)
        made.n_examples, made._log = log.sums.n_examples, log
        made._stored, made._keep = stored, None if stored is None else stored.path
        made._save_to = None
        return made


def path_of(name: str, value: Any) -> Path:
    """Return `value` as a path.

    Raises:
        BadInput: another type.
    """
    return Path(checks.instance(name, value, (str, os.PathLike), "a path"))
