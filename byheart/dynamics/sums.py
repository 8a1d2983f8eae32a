"""Sums over all sightings of each example: all that the scores need, in memory that does not grow with epochs."""

from typing import Any

import numpy as np
import numpy.typing as npt
from jaxtyping import Bool, Float, Int

from byheart import checks
from byheart.dynamics.observing import Observed

LAST_EPOCH = 2**16 - 1
"""Epochs are counted in uint16."""
TYPES: dict[str, npt.DTypeLike] = {
    "margin": np.float64,
    "loss": np.float64,
    "probability": np.float64,
    "probability_squared": np.float64,
    "early_error_norm": np.float32,
    "n_sightings": np.uint32,
    "n_early": np.uint16,
    "n_epochs": np.uint16,
    "n_right": np.uint16,
    "n_forgotten": np.uint16,
    "learned": np.uint16,
    "last_epoch": np.uint16,
    "is_right": np.bool_,
    "was_right": np.bool_,
    "early_error": np.bool_,
}
"""The arrays, one number for each example. The counts from `n_epochs` to `learned` are of epochs before `last_epoch`,
the last one in which the example was seen; `is_right` is of that epoch, `was_right` of the one seen before it.
`learned` is the first epoch from which on all were right, or 0; `early_error` is of the first epoch in which the
example was seen."""
ADDED = ("margin", "loss", "probability", "probability_squared", "early_error_norm", "n_sightings", "n_early")
"""The arrays that are plain sums over sightings."""
BYTES = sum(np.dtype(kind).itemsize for kind in TYPES.values())
"""Bytes for each example."""


class Sums:
    """Sums for each example. An example is right in an epoch if it is right at all sightings of that epoch.

    Args:
        arrays: one array for each of `TYPES`; none: start with zeros.
        n_examples: number of examples.
    """

    def __init__(self, n_examples: int, arrays: dict[str, npt.NDArray[Any]] | None = None) -> None:
        self.n_examples = n_examples
        self.arrays = arrays or {name: np.zeros(n_examples, kind) for name, kind in TYPES.items()}

    def add(self, seen: Observed, epoch: int, early_epochs: int) -> None:
        """Add a batch of the epoch `epoch`, from 1; error norms are added up to the epoch `early_epochs`."""
        at, has_repeats = seen.index, len(np.unique(seen.index)) < len(seen.index)
        probability = seen.probability
        self._plus("margin", at, seen.margin, has_repeats)
        self._plus("loss", at, seen.loss, has_repeats)
        self._plus("probability", at, probability, has_repeats)
        self._plus("probability_squared", at, probability**2, has_repeats)
        self._plus("n_sightings", at, 1, has_repeats)
        if epoch <= early_epochs:
            self._plus("early_error_norm", at, seen.error_norm.astype(np.float32), has_repeats)
            self._plus("n_early", at, 1, has_repeats)
        self.see(at, seen.is_right, epoch)

    def _plus(self, name: str, at: Int[np.ndarray, " batch"], values: Any, has_repeats: bool) -> None:
        if has_repeats:
            np.add.at(self.arrays[name], at, np.asarray(values, self.arrays[name].dtype))
        else:
            self.arrays[name][at] += np.asarray(values, self.arrays[name].dtype)

    def see(self, at: Int[np.ndarray, " batch"], is_right: Bool[np.ndarray, " batch"], epoch: int) -> None:
        """Count which examples are right; those seen for the first time in this epoch close the one before."""
        arrays = self.arrays
        new = np.unique(at[arrays["last_epoch"][at] != epoch])
        for name, values in self._closed(new).items():
            arrays[name][new] = values
        arrays["last_epoch"][new] = epoch
        arrays["is_right"][new] = True
        arrays["is_right"][at[~is_right]] = False
        arrays["early_error"][at[~is_right & (arrays["n_epochs"][at] == 0)]] = True

    def _closed(self, at: Int[np.ndarray, " some"] | slice) -> dict[str, npt.NDArray[Any]]:
        """Return counts with the last epoch of each example counted, if it has one."""
        of = {name: values[at] for name, values in self.arrays.items()}
        is_seen, right = of["last_epoch"] > 0, of["is_right"]
        return {
            "n_epochs": of["n_epochs"] + is_seen.astype(np.uint16),
            "n_right": of["n_right"] + (is_seen & right).astype(np.uint16),
            "n_forgotten": of["n_forgotten"] + (is_seen & of["was_right"] & ~right).astype(np.uint16),
            "learned": np.where(~right, 0, np.where(of["was_right"], of["learned"], of["last_epoch"])),
            "was_right": is_seen & right,
        }

    def counts(self) -> dict[str, npt.NDArray[Any]]:
        """Return `n_epochs`, `n_right`, `n_forgotten` and `learned`, over all epochs so far."""
        return self._closed(slice(None))

    def scores(self) -> dict[str, Float[np.ndarray, " example"]]:
        """Return the scores of each example; NaN for examples that were never seen."""
        arrays, counts = self.arrays, self.counts()
        n = np.where(arrays["n_sightings"] > 0, arrays["n_sightings"], np.nan)
        confidence = arrays["probability"] / n
        squared = arrays["probability_squared"] / n
        is_early = arrays["n_early"] > 0
        learned = np.where(counts["learned"] > 0, counts["learned"].astype(float), np.inf)
        unknown = np.isnan(n)
        return {
            "area_under_margin": arrays["margin"] / n,
            "mean_loss": arrays["loss"] / n,
            "epochs_to_learn": np.where(unknown, np.nan, learned),
            "forgetting_events": np.where(unknown, np.nan, counts["n_forgotten"]),
            "confidence": confidence,
            "variability": np.sqrt(np.maximum(squared - confidence**2, 0)),
            "correctness": counts["n_right"] / np.where(unknown, np.nan, counts["n_epochs"]),
            "aleatoric_uncertainty": np.maximum(confidence - squared, 0),
            "early_error_norm": arrays["early_error_norm"] / np.where(is_early, arrays["n_early"], np.nan),
            "early_error": np.where(unknown, np.nan, arrays["early_error"]),
        }

    @classmethod
    def loaded(cls, arrays: dict[str, npt.NDArray[Any]]) -> "Sums":
        """Return sums from stored arrays.

        Raises:
            BadInput: a missing array, or another type or length.
        """
        n_examples = len(arrays.get("margin", ()))
        for name, kind in TYPES.items():
            found = arrays.get(name)
            if found is None or found.dtype != kind or found.shape != (n_examples,):
                raise checks.BadInput(f"the array `{name}` is missing or is not one {np.dtype(kind)} for each example")
        return cls(n_examples, {name: arrays[name].copy() for name in TYPES})
