"""The power of an audit: the share of wrong labels that a list of the most suspect examples holds.

The held-out probabilities of an example do not depend on its own label. So the held-out suspicion that it would have
under any other label is known, and with it the share of wrong labels of a kind that a list of the k most suspect holds.
There are three kinds of wrong labels: any other class alike (`uniform`); the class that networks find the likeliest
of the others (`likeliest`), the hardest to find; and other classes as the fitted model of label noise has them
(`as_estimated`). References are the examples whose label is probably right.
"""

import numpy as np
import pandas as pd
from jaxtyping import Float, Int

from byheart.auditing.suspicion import HeldOutEvidence, held_out_suspicion

SHARES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3)
"""Lengths of lists, as shares of the examples."""
PROBABLY_RIGHT = 0.5
"""Largest probability of being wrong with which a label is a reference."""
INSEPARABLE = 0.5
"""A pair of classes is inseparable if less than this share of such wrong labels would be found."""
MOST_PAIRS = 20
"""Largest number of pairs that are named."""

Weights = Float[np.ndarray, "example label"]


class Power:
    """The power of an audit.

    Args:
        evidence: of held-out networks.
        mean: (example, class), held-out probabilities.
        labels: (example,), the labels as they are.
    """

    def __init__(
        self,
        evidence: HeldOutEvidence,
        mean: Float[np.ndarray, "example class"],
        labels: Int[np.ndarray, " example"],
    ) -> None:
        rows, n_classes = np.arange(len(labels)), mean.shape[1]
        of_every, wrong = held_out_suspicion(evidence, labels), evidence.wrong[rows, labels]
        most_suspect_first = np.argsort(-of_every[rows, labels], kind="stable")
        self._observed = of_every[rows, labels][most_suspect_first]
        self._expected = np.cumsum(wrong[most_suspect_first])
        is_reference = wrong < PROBABLY_RIGHT
        self._suspicion, self._labels = of_every[is_reference], labels[is_reference]
        is_own = np.arange(n_classes) == self._labels[:, None]
        others = np.where(is_own, -np.inf, mean[is_reference])
        transition = evidence.noise.transition * (1 - np.eye(n_classes))
        self._weights: dict[str, Weights] = {
            "uniform": np.where(is_own, 0.0, 1 / (n_classes - 1)),
            "likeliest": (np.arange(n_classes) == others.argmax(axis=1)[:, None]).astype(float),
            "as_estimated": transition[self._labels],
        }

    def table(self, length: int) -> pd.DataFrame:
        """Return one row for each length of a list.

        Columns: `k`, the length; `uniform`, `likeliest` and `as_estimated`, the share of wrong labels of the kind that
        the list holds; `expected_precision`, the share of the list that is wrong, by the model of label noise.

        Args:
            length: one of the lengths, besides shares of the examples.
        """
        n = len(self._observed)
        lengths = sorted({max(1, round(share * n)) for share in SHARES} | {min(n, max(1, length))})
        rows = [
            {
                "k": k,
                **{kind: self.found(k, kind) for kind in self._weights},
                "expected_precision": float(self._expected[k - 1] / k),
            }
            for k in lengths
        ]
        return pd.DataFrame(rows)

    def found(self, k: int, kind: str) -> float:
        """Return the share of wrong labels of a kind that the `k` most suspect hold; NaN without any such label."""
        weights = self._weights[kind]
        total = weights.sum()
        return float(weights[self._is_found(k)].sum() / total) if total > 0 else float("nan")

    def by_class(self, k: int) -> Float[np.ndarray, " class"]:
        """Return (class,): `found` of the kind `as_estimated` for each true class; NaN for one without reference."""
        weights, found = self._weights["as_estimated"], self._is_found(k)
        n_classes = weights.shape[1]
        total = np.bincount(self._labels, weights.sum(axis=1), n_classes)
        held = np.bincount(self._labels, (weights * found).sum(axis=1), n_classes)
        return np.where(total > 0, held / np.where(total > 0, total, 1), np.nan)

    def inseparable_pairs(self, k: int) -> list[tuple[int, int, float]]:
        """Return (class, wrong label, share found in a list of `k`) of pairs below `INSEPARABLE`, worst first."""
        found = self._is_found(k)
        pairs = []
        for label in np.unique(self._labels):
            shares = found[self._labels == label].mean(axis=0)
            pairs += [
                (int(label), other, float(share))
                for other, share in enumerate(shares)
                if other != label and share < INSEPARABLE
            ]
        return sorted(pairs, key=lambda pair: pair[2])[:MOST_PAIRS]

    def _is_found(self, k: int) -> np.ndarray:
        return self._suspicion >= self._observed[k - 1]
