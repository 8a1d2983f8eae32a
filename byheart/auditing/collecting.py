"""Scores of examples over all pairs of networks, collected pair by pair in memory that does not grow with them."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr
from jaxtyping import Float, Int

from byheart import checks
from byheart.auditing.pair_sweep import SCORES, TRAINING_SCORES
from byheart.statistics.held_out import HeldOutAccumulator
from byheart.statistics.memorization import memorization_from_counts
from byheart.sweeps.results import NEVER

DESCRIPTIONS = {
    "label": "label of the example, from 0",
    "held_out_probability": "probability of each class, mean over networks that did not see the example",
    "held_out_probability_se": "standard error of held_out_probability over networks",
    "held_out_geometric_mean": "geometric mean of the probabilities over these networks, normalized",
    "votes": "number of these networks that predict each class",
    "n_seen": "number of networks that were trained on the example",
    "n_learned": "number of these that are right from the epoch on, up to the last",
    "n_right_seen": "number of these that predict its label",
    "memorization": "share of networks right on the example that saw it, minus that of those that did not",
    "memorization_se": "standard error of memorization over networks",
    "area_under_margin": "margin of the label, mean over epochs and networks that saw the example",
    "mean_loss": "cross-entropy of the label in nats, mean over epochs and networks that saw the example",
    "epochs_to_learn": "first epoch from which on a network that saw the example is right, mean over them; "
    "a network that ends wrong counts as one epoch after the last",
    "forgetting_events": "changes from right to wrong, mean over networks that saw the example",
    "confidence": "probability of the label, mean over epochs and networks that saw the example",
    "variability": "standard deviation over epochs of the label's probability, mean over networks that saw the example",
    "early_error": "share of networks that saw the example and are wrong on it after the first epoch",
}
"""The variables of collected scores."""
KEPT = ("byheart", "jax", "class_names")
"""Attributes of chunks that are kept: those that do not depend on when or where a chunk was computed."""


class Collected:
    """Sums over pairs of networks, from which the scores of examples follow.

    Pairs are added in order: the same pairs give the same bits, however they were cut into chunks.

    Args:
        labels: (example,), from 0.
        n_classes: number of classes.
        epochs: number of epochs of the networks.
    """

    def __init__(self, labels: Int[np.ndarray, " example"], n_classes: int, epochs: int) -> None:
        n = len(labels)
        self._labels, self._held_out = labels, HeldOutAccumulator(n, n_classes)
        self._logs, self._votes = np.zeros((n, n_classes)), np.zeros((n, n_classes), np.int64)
        self._sums, self._n_seen = {name: np.zeros(n) for name in SCORES}, np.zeros(n, np.int64)
        self._n_learned = np.zeros((n, epochs), np.int32)
        self._n_diverged, self._accuracies = 0, list[float]()
        self._attributes: dict[Any, Any] = {}

    def add(self, chunk: xr.Dataset) -> None:
        """Add the pairs of a chunk, as `PairProgram` returns them."""
        self._n_diverged += int((chunk.diverged_epoch.values != NEVER).sum())
        self._attributes = self._attributes or chunk.attrs
        for pair in range(chunk.sizes["pair"]):
            of_pair = chunk.isel(pair=pair)
            self._add_held_out(of_pair.log_probability.values.astype(np.float64))
            is_seen = np.isfinite(of_pair.is_right.values)
            self._n_seen += is_seen
            self._n_learned += of_pair.epochs_to_learn.values[:, None] <= np.arange(1, self._n_learned.shape[1] + 1)
            for name, total in self._sums.items():
                total[is_seen] += of_pair[name].values[is_seen]

    def result(self) -> xr.Dataset:
        """Return the scores of all examples.

        Raises:
            BadInput: networks diverged, so that an example has no network that saw it, or none that did not.
        """
        held_out = self._held_out.result()
        n_out = held_out.n_networks
        if n_out.min() == 0 or self._n_seen.min() == 0:
            raise checks.BadInput(
                f"{self._n_diverged} networks diverged, and too few are left to judge every example. Choose a smaller "
                "learning rate, or more networks."
            )
        mean_logs = self._logs / n_out[:, None]
        powers = np.exp(mean_logs - mean_logs.max(axis=1, keepdims=True))
        rows = np.arange(len(n_out))
        right_out = self._votes[rows, self._labels]
        right_in = np.rint(self._sums["is_right"]).astype(np.int64)
        memorized = memorization_from_counts(right_in, self._n_seen, right_out, n_out)
        means = {name: self._sums[name] / self._n_seen for name in TRAINING_SCORES}
        of_classes: dict[str, npt.NDArray[Any]] = {
            "held_out_probability": held_out.mean,
            "held_out_probability_se": held_out.standard_error,
            "held_out_geometric_mean": powers / powers.sum(axis=1, keepdims=True),
            "votes": self._votes,
        }
        of_examples = {
            "label": self._labels,
            "n_seen": self._n_seen,
            "n_right_seen": right_in,
            "memorization": memorized.estimate,
            "memorization_se": memorized.standard_error,
            **means,
        }
        return xr.Dataset(
            {
                **{name: (("example", "class"), one, _described(name)) for name, one in of_classes.items()},
                **{name: ("example", one, _described(name)) for name, one in of_examples.items()},
                "n_learned": (("example", "epoch"), self._n_learned, _described("n_learned")),
            },
            {"epoch": np.arange(1, self._n_learned.shape[1] + 1)},
            attrs={
                **{name: self._attributes[name] for name in KEPT if name in self._attributes},
                "n_diverged": self._n_diverged,
                "held_out_accuracy": np.array(self._accuracies),
            },
        )

    def _add_held_out(self, logs: Float[np.ndarray, "example class"]) -> None:
        is_known = np.isfinite(logs).all(axis=1)
        probabilities = np.exp(np.where(is_known[:, None], logs, 0.0))
        probabilities /= probabilities.sum(axis=1, keepdims=True)
        self._held_out.add(probabilities, ~is_known)
        self._logs[is_known] += logs[is_known]
        named = logs[is_known].argmax(axis=1)
        self._votes[np.flatnonzero(is_known), named] += 1
        self._accuracies.append(float((named == self._labels[is_known]).mean()) if is_known.any() else np.nan)


def collected(
    chunks: Iterable[xr.Dataset], labels: Int[np.ndarray, " example"], n_classes: int, epochs: int
) -> xr.Dataset:
    """Return the scores of examples over the pairs of all chunks, which are read one by one.

    Args:
        chunks: results of `PairProgram`, in order.
        labels: (example,), from 0.
        n_classes: number of classes.
        epochs: number of epochs of the networks.

    Raises:
        BadInput: as `Collected.result`.
    """
    whole = Collected(labels, n_classes, epochs)
    for chunk in chunks:
        whole.add(chunk)
    return whole.result()


def _described(name: str) -> dict[str, str]:
    return {"long_name": DESCRIPTIONS[name]}
