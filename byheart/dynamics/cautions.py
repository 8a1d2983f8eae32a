"""Cautions about a log: wrong positions, missed examples, repeats, an epoch that has not ended."""

import numpy as np

from byheart.dynamics.log import Log
from byheart.dynamics.sums import Sums
from byheart.statistics.chance import guessing_accuracy, is_near_chance

FEWEST, EPOCHS = 100, 2
"""Numbers of examples and finished epochs from which on a log is compared with guessing."""


def cautions_of(log: Log) -> tuple[str, ...]:
    """Return the cautions of a log."""
    sums, epochs = log.sums, log.epochs
    n_missing, never, n_repeats = _odd(sums, epochs)
    found = _at_chance(log)
    if never:
        found.append(f"{_examples(never)} never seen: their scores are NaN. Is `index` the position in the data set?")
    if n_missing:
        found.append(
            f"{_examples(n_missing)} not seen in some epoch: their scores are of the epochs in which they were seen."
        )
    if n_repeats:
        found.append(
            f"{_examples(n_repeats)} seen more than once in an epoch: means are over all sightings, and such an epoch "
            "is right if all of them are."
        )
    if log.is_open:
        found.append(f"Epoch {epochs + 1} has not ended: scores hold the batches that came so far.")
    return tuple(found)


def said(log: Log) -> str:
    """Return the log in a line, and a line for each caution."""
    sums, cautions = log.sums, cautions_of(log)
    of_classes = "" if log.n_classes is None else f" of {log.n_classes} classes"
    n_seen = int((sums.arrays["n_sightings"] > 0).sum())
    if not n_seen:
        seen = "no batch yet"
    elif cautions:
        seen = f"{n_seen:,} seen, {sums.n_examples - n_seen:,} missing"
    else:
        seen = "every example seen once in every epoch"
    plural = "" if log.epochs == 1 else "s"
    lines = [f"Dynamics({log.epochs} epoch{plural}, {sums.n_examples:,} examples{of_classes}: {seen})"]
    return "\n".join([*lines, *(f"  {caution}" for caution in cautions if n_seen)])


def _at_chance(log: Log) -> list[str]:
    """Return a sentence if predictions fit the labels no better than guessing, as they do if positions are mixed up."""
    seen = log.sums.arrays["n_sightings"] > 0
    n_seen = int(seen.sum())
    if log.epochs < EPOCHS or n_seen < FEWEST:
        return []
    right, guessing = float(log.sums.arrays["is_right"][seen].mean()), guessing_accuracy(np.bincount(log.columns[seen]))
    if not is_near_chance(right, n_seen, guessing):
        return []
    return [
        f"{right:.0%} were right when seen last; naming the most frequent label would be right for {guessing:.0%}. If "
        "training went better, `index` is not the position in the data set, or labels are in another order than the "
        "examples or the classes."
    ]


def _odd(sums: Sums, epochs: int) -> tuple[int, int, int]:
    """Return the numbers of examples missed in a finished epoch, never seen, and seen twice in an epoch."""
    n_epochs = sums.counts()["n_epochs"]
    n_sightings = sums.arrays["n_sightings"]
    never = n_sightings == 0
    finished = n_epochs - (sums.arrays["last_epoch"] > epochs)
    return int(((finished < epochs) & ~never).sum()), int(never.sum()), int((n_sightings > n_epochs).sum())


def _examples(n: int) -> str:
    return f"{n:,} example was" if n == 1 else f"{n:,} examples were"
