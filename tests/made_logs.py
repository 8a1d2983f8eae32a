"""Made-up logs of training: a few examples are wrong for long."""

from pathlib import Path

import numpy as np

import byheart as bh

N_WRONG = 5


def made_log(labels: np.ndarray, n_classes: int, keep: Path | None = None, n_epochs: int = 6) -> bh.Dynamics:
    """Return a log in which the first examples of `labels` are predicted as another class, the others soon learned."""
    generator, n = np.random.default_rng(0), len(labels)
    dynamics = bh.Dynamics(n, labels=labels, keep=keep)
    target = labels.copy()
    target[:N_WRONG] = (labels[:N_WRONG] + 1) % n_classes
    for epoch in range(n_epochs):
        logits = generator.normal(size=(n, n_classes))
        logits[np.arange(n), target] += 2 * epoch
        for index in np.array_split(generator.permutation(n), 4):
            dynamics.batch(index, logits[index])
        dynamics.end_epoch()
    return dynamics
